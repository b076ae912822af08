/**
 * Replays a recorded run on this terminal, for looking at it. RUN is a name of runs.ts or the path of an events.jsonl,
 * SPEED 2 is twice as fast, FORM is ui or plain. Node cannot run .tsx, hence compiled first:
 *   npx tsc --noEmit false --rootDir . --outDir node_modules/.cache/replay
 *   node node_modules/.cache/replay/test/report/replay.js RUN [SPEED] [FORM]
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Chalk } from "chalk";
import type { LabEvent } from "../../src/model/event.ts";
import { plainReporter } from "../../src/report/plain.ts";
import { verdictText } from "../../src/report/verdict-text.ts";
import { startLiveView } from "../../src/ui/live-view.tsx";
import { RECORDED } from "./runs.ts";

const [run = "passing", speed = "1", form = "ui"] = process.argv.slice(2);
const events: LabEvent[] = Object.hasOwn(RECORDED, run)
	? RECORDED[run as keyof typeof RECORDED]()
	: readFileSync(run, "utf8")
			.trimEnd()
			.split("\n")
			.map((line) => JSON.parse(line));
const color = !process.env.NO_COLOR;
const colours = new Chalk({ level: color ? 1 : 0 });
const listeners = new Set<(event: LabEvent) => void>();
const first = Date.parse(events[0]?.at ?? "");
const started = Date.now();

function open(): { close(): Promise<void> | void } {
	if (form === "plain") {
		const reporter = plainReporter({ write: (text) => process.stdout.write(text), colours });
		listeners.add((event) => reporter.onEvent(event));
		return reporter;
	}
	return startLiveView({
		stdout: process.stdout,
		color,
		verdict: (state) => verdictText(state, colours),
		clock: () => first + (Date.now() - started) * Number(speed),
		events: (listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	});
}

const view = open();
for (const event of events) {
	const due = started + (Date.parse(event.at) - first) / Number(speed);
	await sleep(Math.max(0, due - Date.now()));
	for (const listener of listeners) listener(event);
}
await sleep(1000 / Number(speed));
await view.close();
