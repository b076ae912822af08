/** The whole screen for one moment: title, tabs, the screen itself, the last words, the keys. Exactly as many lines as told. Pure. */
import { formatDuration } from "../../report/summarise.ts";
import { jobWords } from "../state/binding.ts";
import { type LabEntry, memoryOf, openEntry, TABS, type Tab, type UiState } from "../state/state.ts";
import { bindingsOf } from "../state/update.ts";
import { BLANK_LINE, line, lineWithRight, plural, type Span, say, type TextLine } from "../text.ts";
import { catalogueLines, engineWord } from "./catalogue.ts";
import { overlayLines } from "./overlay.ts";
import { pathLines } from "./path.ts";
import { scenariosLines } from "./scenarios.ts";
import type { Size } from "./size.ts";
import { stepsLines } from "./steps.ts";
import { topologyLines } from "./topology.ts";
import { trafficLines } from "./traffic.ts";

/** Lines of a frame that are not the screen's own: title, tabs, a blank, the last words, the keys. */
const AROUND = 5;

/** The frame in `size.rows` lines. */
export function frameLines(state: UiState, size: Size, now: number): TextLine[] {
	const inside = { columns: size.columns, rows: Math.max(1, size.rows - AROUND) };
	const body = bodyLines(state, inside, now).slice(0, inside.rows);
	const filled = [...body, ...Array.from({ length: inside.rows - body.length }, () => BLANK_LINE)];
	const lines = [
		titleLine(state, now),
		tabLine(state),
		BLANK_LINE,
		...filled,
		noticeLine(state),
		keyLine(state, size.columns),
	];
	return lines.slice(0, size.rows);
}

/** The screen itself, without what is around it: what `--plain` prints as well. */
export function bodyLines(state: UiState, size: Size, now: number): TextLine[] {
	if (state.overlay) return overlayLines(state.overlay, state, size);
	const entry = openEntry(state);
	return entry ? tabLines(memoryOf(state, entry.name).tab, state, entry, size, now) : catalogueLines(state, size);
}

/** One tab of a lab. */
export function tabLines(tab: Tab, state: UiState, entry: LabEntry, size: Size, now: number): TextLine[] {
	switch (tab) {
		case "topology":
			return topologyLines(state, entry, size, now);
		case "steps":
			return stepsLines(state, entry, size);
		case "traffic":
			return trafficLines(state, entry, size);
		case "path":
			return pathLines(state, entry, size);
		case "scenarios":
			return scenariosLines(state, entry, size, now);
	}
}

function titleLine(state: UiState, now: number): TextLine {
	const entry = openEntry(state);
	const { job } = state;
	const doing = job
		? [
				say("busy", job.stopping ? `${jobWords(job)}: stopping` : jobWords(job)),
				say("quiet", job.run.startedAt === 0 ? "" : ` ${formatDuration(Math.max(0, now - job.run.startedAt))}`),
			]
		: [];
	if (!entry) {
		const up = state.labs.filter(({ live }) => live).length;
		return lineWithRight([say("strong", " lab"), ` ${plural(state.labs.length, "lab")}, ${up} up`], doing);
	}
	return lineWithRight(
		[
			say("strong", ` lab > ${entry.name}`),
			" ",
			stateWord(state, entry),
			say("quiet", ` ${entry.facts?.lab.title ?? ""}`),
		],
		doing,
	);
}

function stateWord(state: UiState, entry: LabEntry): Span {
	if (!state.looked) return say("quiet", "looking ...");
	return entry.live ? say("good", `up (${engineWord(entry)})`) : say("quiet", "down");
}

function tabLine(state: UiState): TextLine {
	if (state.open === undefined) return line(say("quiet", " Reproducible load-balancer testbeds"));
	const { tab } = memoryOf(state, state.open);
	return line(
		" ",
		...TABS.flatMap((name, index) => [
			name === tab ? say("strong", `[${index + 1} ${name}]`) : say("quiet", ` ${index + 1} ${name} `),
		]),
	);
}

function noticeLine({ notice }: UiState): TextLine {
	if (!notice) return BLANK_LINE;
	const [first = "", ...rest] = notice.text.split("\n");
	return line(" ", say(notice.tone, rest.length > 0 ? `${first} ...` : first));
}

/** The keys that have a word, as many as fit; `?` tells them all. */
function keyLine(state: UiState, columns: number): TextLine {
	const shown = bindingsOf(state)
		.filter(({ words, label }) => words !== "" && label !== "Ctrl-C")
		.map(({ pair, label, words }) => ({ key: pair ?? label, words }));
	// The last two are help and quit, which are always told.
	const ends = shown.slice(-2);
	const width = (list: typeof shown) => list.reduce((sum, { key, words }) => sum + key.length + words.length + 3, 1);
	const first: typeof shown = [];
	for (const entry of shown.slice(0, -2)) {
		if (width([...first, entry, ...ends]) <= columns) first.push(entry);
	}
	return line(
		" ",
		...[...first, ...ends].flatMap(({ key, words }) => [say("strong", key), say("quiet", ` ${words}  `)]),
	);
}
