/** What can be chosen in `--plain`, each with the keys that do it on the screen: one way to do things. Pure. */
import {
	COUNTS,
	chosenCount,
	chosenTraffic,
	clientsOf,
	type LabEntry,
	type LabFacts,
	type LabMemory,
	memoryOf,
	openEntry,
	type UiState,
} from "../state/state.ts";

export interface MenuItem {
	words: string;
	keys: string[];
}

/** The choices of the present screen. */
export function menuOf(state: UiState): MenuItem[] {
	const { overlay } = state;
	if (overlay?.kind === "ask") return [item("Yes", "y"), item("No", "n")];
	if (overlay) return [item("Back", "escape")];
	const entry = openEntry(state);
	if (!entry?.facts) return catalogueMenu(state);
	const memory = memoryOf(state, entry.name);
	switch (memory.tab) {
		case "traffic":
			return [...trafficMenu(entry.facts, memory), item("Evidence of the last sending", "e"), BACK_TO_LAB];
		case "path":
			return [...pathMenu(entry.facts, memory), BACK_TO_LAB];
		case "scenarios":
			return [...scenarioMenu(entry.facts), BACK_TO_LAB];
		default:
			return labMenu(entry, entry.facts);
	}
}

function item(words: string, ...keys: string[]): MenuItem {
	return { words, keys };
}

const BACK_TO_LAB = item("Back to the lab", "1");

function times(key: string, count: number): string[] {
	return Array.from({ length: Math.max(0, count) }, () => key);
}

/** The keys that move a cursor to a place, wherever it is. */
function goTo(place: number, count: number, back: string, on: string): string[] {
	return [...times(back, count), ...times(on, place)];
}

function catalogueMenu({ labs }: UiState): MenuItem[] {
	const open = labs.map(({ name, facts, live, problem }, index) =>
		item(
			`${name}: ${facts ? (live ? "up" : "down") : "has mistakes"}. ${facts?.lab.title ?? problem ?? ""}`,
			...goTo(index, labs.length, "up", "down"),
			"enter",
		),
	);
	return [...open, item("Leave", "q")];
}

function labMenu(entry: LabEntry, { plan }: LabFacts): MenuItem[] {
	const nodes = plan.nodes.map(({ name }) => name);
	const steps = nodes.map((node, index) =>
		item(`Steps of ${node}`, "2", ...goTo(index, nodes.length, "left", "right")),
	);
	const shells = nodes.map((node, index) => item(`Shell in ${node}`, "s", ...times("down", index), "enter"));
	return [
		entry.live ? item("Take it down", "d") : item("Bring it up", "u"),
		item("Topology", "1"),
		item("Send traffic", "3"),
		item("Follow one request", "4"),
		item("Scenarios", "5"),
		...steps,
		...(entry.live ? shells : []),
		item("All labs", "escape"),
		item("Leave", "q"),
	];
}

/** The traffic form as choices; the one that sends comes first. */
function trafficMenu(facts: LabFacts, memory: LabMemory): MenuItem[] {
	const choice = chosenTraffic(facts, memory);
	if (!choice) return [];
	const clients = clientsOf(facts);
	const targets = facts.choices.filter(({ from }) => from === choice.from);
	const field = (index: number) => goTo(index, 3, "up", "down");
	return [
		item(`Send ${chosenCount(memory)} requests from ${choice.from}: ${choice.target}`, "enter"),
		...clients.flatMap((name, index) =>
			name === choice.from ? [] : [item(`From ${name}`, ...field(0), ...goTo(index, clients.length, "left", "right"))],
		),
		...targets.flatMap(({ target }, index) =>
			target === choice.target
				? []
				: [item(`To ${target}`, ...field(1), ...goTo(index, targets.length, "left", "right"))],
		),
		...COUNTS.flatMap((count, index) =>
			index === memory.count
				? []
				: [item(`${count} requests`, ...field(2), ...goTo(index, COUNTS.length, "left", "right"))],
		),
	];
}

function pathMenu(facts: LabFacts, memory: LabMemory): MenuItem[] {
	const pairs = clientsOf(facts).flatMap((client) => facts.choices.filter(({ from }) => from === client));
	const chosen = chosenTraffic(facts, memory);
	if (!chosen) return [];
	return [
		item(`Follow one request from ${chosen.from}: ${chosen.target}`, "enter"),
		...pairs.flatMap((pair, index) =>
			pair === chosen
				? []
				: [item(`Choose ${pair.from}: ${pair.target}`, ...goTo(index, pairs.length, "left", "right"))],
		),
	];
}

function scenarioMenu({ scenarios }: LabFacts): MenuItem[] {
	const place = (index: number) => goTo(index, scenarios.length, "up", "down");
	return [
		...scenarios.map(({ name, intent }, index) => item(`Run ${name}: ${intent}`, ...place(index), "enter")),
		item("Run all", "a"),
		...scenarios.map(({ name }, index) => item(`Checks and evidence of ${name}`, ...place(index), "e")),
	];
}
