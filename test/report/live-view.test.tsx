import { Console } from "node:console";
import { EventEmitter } from "node:events";
import chalk, { Chalk } from "chalk";
import { renderToString } from "ink";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { LabEvent } from "../../src/model/event.ts";
import { INITIAL_STATE, reduce } from "../../src/report/summarise.ts";
import { verdictText } from "../../src/report/verdict-text.ts";
import { fitRows } from "../../src/ui/fit-rows.ts";
import { LiveScreen } from "../../src/ui/live-screen.tsx";
import { startLiveView } from "../../src/ui/live-view.tsx";
import { ColourContext } from "../../src/ui/palette.tsx";
import { barCells, barScale, ShareBar } from "../../src/ui/share-bar.tsx";
import { brokenRun, engineErrorRun, failingRun, passingRun } from "./runs.ts";

// In CI ink draws nothing until the end, and this has to be known before ink is loaded.
vi.hoisted(() => {
	delete process.env.CI;
	delete process.env.CONTINUOUS_INTEGRATION;
});

/** The frame after all events up to and including the last one that `matches`. */
function frame(
	events: LabEvent[],
	columns: number,
	rows: number,
	matches: (event: LabEvent) => boolean,
	color = false,
) {
	const shown = events.slice(0, events.findLastIndex(matches) + 1);
	const state = shown.reduce(reduce, INITIAL_STATE);
	const screen = <LiveScreen state={state} size={{ columns, rows }} now={state.latestAt + 300} color={color} />;
	return renderToString(screen, { columns });
}

const MOMENTS: [string, LabEvent[], (event: LabEvent) => boolean][] = [
	["set-up", passingRun(), (event) => event.type === "setup" && event.message.kind === "line"],
	["steps", passingRun(), (event) => event.type === "step-begin" && event.step === "service"],
	["traffic", passingRun(), (event) => event.type === "shares" && event.phase.startsWith("twenty")],
	["failed-checks", failingRun(), (event) => event.type === "check"],
	["failed-step", brokenRun(), () => true],
	["failed-set-up", engineErrorRun(), () => true],
];

// ink captures the console; the one that vitest puts in its place lacks the constructor for that.
vi.stubGlobal("console", Object.assign(console, { Console }));

afterEach(() => {
	chalk.level = 0;
});

describe("the live screen", () => {
	describe.each([
		[80, 24],
		[40, 24],
		[80, 9],
	])("at %d x %d", (columns, rows) => {
		it.each(MOMENTS)("%s", async (moment, events, matches) => {
			const text = frame(events, columns, rows, matches);
			await expect(`${text}\n`).toMatchFileSnapshot(`golden/${moment}.${columns}x${rows}.frame.txt`);
			expect(text.split("\n").length).toBeLessThan(rows);
			for (const line of text.split("\n")) expect([...line].length).toBeLessThanOrEqual(columns);
		});
	});

	it("says the same without colour", () => {
		chalk.level = 1;
		for (const [, events, matches] of MOMENTS) {
			const coloured = frame(events, 80, 24, matches, true);
			expect(coloured).toContain("\u001b[");
			const plain = frame(events, 80, 24, matches, false);
			expect(plain).not.toContain("\u001b[");
			// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is being removed
			expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(plain);
		}
	});
});

describe("fitRows", () => {
	const rows = [3, 0, 1, 2, 1].map((importance, index) => ({ key: `${index}`, importance, element: null }));

	it("keeps everything that fits", () => {
		expect(fitRows(rows, 5)).toEqual({ shown: rows, leftOut: 0 });
	});

	it("drops the least important first, the upper one of equals, and leaves a line to say so", () => {
		expect(fitRows(rows, 4)).toMatchObject({ shown: [{ key: "0" }, { key: "3" }, { key: "4" }], leftOut: 1 });
		expect(fitRows(rows, 1)).toEqual({ shown: [], leftOut: 4 });
	});
});

describe("share bars", () => {
	it("show what came, the way to the expected band, and the band", () => {
		expect(barCells(5, { low: 10, high: 15 }, 20, 20)).toBe("█████·····░░░░░     ");
		expect(barCells(20, undefined, 20, 10)).toBe("██████████");
		expect(barCells(1, undefined, 1000, 10)).toBe("█         ");
		expect(barCells(0, undefined, 1000, 4)).toBe("    ");
	});

	it("share one scale with room for everything", () => {
		expect(barScale({ a: 1, b: 2 }, { a: { low: 1, high: 30 } }, 40)).toBe(30);
		expect(barScale({ a: 1, b: 2 }, {}, 40)).toBe(20);
		expect(barScale({}, {}, 0)).toBe(1);
	});

	it.each([
		[16, false, "too many"],
		[4, true, "too few"],
		[4, false, ""],
		[9, true, ""],
	])("say in words when %d of 5 to 15 is wrong (all sent: %s)", (count, complete, word) => {
		const band = { low: 5, high: 15 };
		const bar = <ShareBar backend="a" scale={20} nameWidth={1} barWidth={10} {...{ count, band, complete }} />;
		const text = renderToString(<ColourContext.Provider value={false}>{bar}</ColourContext.Provider>);
		expect(text.trimEnd().endsWith(`${count}${word && ` ${word}`}  expected 5 to 15`)).toBe(true);
	});
});

/** A terminal that remembers what was written to it. */
class FakeTerminal extends EventEmitter {
	readonly isTTY = true;
	columns = 80;
	rows = 24;
	text = "";
	write = (text: string, done?: () => void) => {
		this.text += text;
		done?.();
		return true;
	};
}

describe("startLiveView", () => {
	function start(events: LabEvent[]) {
		const terminal = new FakeTerminal();
		const listeners = new Set<(event: LabEvent) => void>();
		const view = startLiveView({
			stdout: terminal as unknown as NodeJS.WriteStream,
			color: false,
			verdict: (state) => verdictText(state, new Chalk({ level: 0 })),
			clock: () => Date.parse(events.at(-1)?.at ?? ""),
			events: (listener) => {
				listeners.add(listener);
				return () => listeners.delete(listener);
			},
		});
		for (const event of events) for (const listener of listeners) listener(event);
		return { terminal, view, listeners };
	}

	it("ends with the verdict, a visible cursor and nobody listening", async () => {
		const { terminal, view, listeners } = start(failingRun());
		await vi.waitFor(() => expect(terminal.text).toContain("round-robin"), 5000);
		await Promise.all([view.close(), view.close()]);
		const verdict = verdictText(failingRun().reduce(reduce, INITIAL_STATE), new Chalk({ level: 0 }));
		expect(terminal.text.endsWith(verdict)).toBe(true);
		expect(terminal.text.indexOf(verdict)).toBe(terminal.text.lastIndexOf(verdict));
		expect(terminal.text.lastIndexOf("\u001b[?25h")).toBeGreaterThan(terminal.text.lastIndexOf("\u001b[?25l"));
		expect(listeners.size).toBe(0);
		expect(terminal.listenerCount("resize")).toBe(0);
	});

	it("draws at most ten frames a second, however many events come", async () => {
		const { terminal, view } = start(passingRun());
		let writes = 0;
		const { write } = terminal;
		terminal.write = (...args) => {
			if (args[0].includes("lab test")) writes++;
			return write(...args);
		};
		const started = performance.now();
		await new Promise((resolve) => setTimeout(resolve, 1000));
		expect(writes).toBeLessThanOrEqual((performance.now() - started) / 100 + 2);
		await view.close();
	});

	it("lays out anew when the terminal gets narrower", async () => {
		const { terminal, view } = start(passingRun());
		await vi.waitFor(() => expect(terminal.text).toContain("round-robin"), 5000);
		terminal.text = "";
		terminal.columns = 40;
		terminal.emit("resize");
		await vi.waitFor(() => expect(terminal.text).toContain("lab test"), 5000);
		// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is being removed
		const lines = terminal.text.replaceAll(/\u001b\[[\d;?]*[a-zA-Z]/g, "").split("\n");
		for (const line of lines) expect([...line].length).toBeLessThanOrEqual(40);
		await view.close();
	});
});
