/** Keys that mean something else on each tab of a lab. */
import { type Binding, begin, moved, only, refuse } from "./binding.ts";
import { EVIDENCE } from "./keys-evidence.ts";
import type { Change } from "./messages.ts";
import {
	COUNTS,
	chosenCount,
	chosenTraffic,
	clientsOf,
	type LabFacts,
	type LabMemory,
	memoryOf,
	openEntry,
	remember,
	type Tab,
	TRAFFIC_FIELDS,
	type UiState,
} from "./state.ts";

export function tabKeys(tab: Tab): Binding[] {
	return { topology: SCROLL, steps: STEPS, traffic: TRAFFIC, path: PATH, scenarios: SCENARIOS }[tab];
}

/** Changes what is remembered of the open lab, given its files. */
function onLab(work: (memory: LabMemory, facts: LabFacts) => Partial<LabMemory>) {
	return (state: UiState): Change<UiState> => {
		const facts = openEntry(state)?.facts;
		if (!facts || state.open === undefined) return only(state);
		return only(remember(state, state.open, work(memoryOf(state, state.open), facts)));
	};
}

const scroll = (step: number) =>
	onLab(({ tab, scroll: now }) => ({ scroll: { ...now, [tab]: Math.max(0, (now[tab] ?? 0) + step) } }));

const PAGE = 10;

const SCROLL: Binding[] = [
	{ keys: ["up", "k"], label: "↑", words: "", help: "A line up.", act: scroll(-1) },
	{ keys: ["down", "j"], label: "↓", pair: "↑↓", words: "scroll", help: "A line down.", act: scroll(1) },
	{ keys: ["pageup"], label: "PgUp", words: "", help: "A page up.", act: scroll(-PAGE) },
	{ keys: ["pagedown"], label: "PgDn", words: "", help: "A page down.", act: scroll(PAGE) },
];

const chooseNode = (step: number) =>
	onLab(({ node, scroll: now }, facts) => ({
		node: moved(node, step, facts.plan.nodes.length),
		scroll: { ...now, steps: 0 },
	}));

const STEPS: Binding[] = [
	{ keys: ["left", "h"], label: "←", words: "", help: "The node before.", act: chooseNode(-1) },
	{ keys: ["right", "l"], label: "→", pair: "←→", words: "node", help: "The next node.", act: chooseNode(1) },
	...SCROLL,
];

const chooseField = (step: number) => onLab(({ field }) => ({ field: moved(field, step, TRAFFIC_FIELDS.length) }));

const changeField = (step: number) =>
	onLab((memory, facts) => {
		const clients = clientsOf(facts);
		const targets = facts.choices.filter(({ from }) => from === clients[memory.client]);
		switch (TRAFFIC_FIELDS[memory.field]) {
			case "client":
				return { client: moved(memory.client, step, clients.length), target: 0 };
			case "target":
				return { target: moved(memory.target, step, targets.length) };
			default:
				return { count: moved(memory.count, step, COUNTS.length) };
		}
	});

/** What takes a lab that is up, with the traffic that is chosen. */
function withTraffic(work: (state: UiState, facts: LabFacts, memory: LabMemory) => Change<UiState>) {
	return (state: UiState): Change<UiState> => {
		const entry = openEntry(state);
		if (!entry?.facts) return only(state);
		if (!state.looked) return refuse(state, "Still looking what is up; a moment.");
		if (!entry.live) return refuse(state, `${entry.name} is down; u brings it up.`);
		return work(state, entry.facts, memoryOf(state, entry.name));
	};
}

const send = withTraffic((state, facts, memory) => {
	const choice = chosenTraffic(facts, memory);
	const lab = facts.lab.name;
	if (!choice) return refuse(state, "No scenario of this lab sends anything before it changes the lab.");
	const count = chosenCount(memory);
	const change = begin(state, { kind: "send", lab, subject: choice.target }, { do: "send", lab, choice, count });
	if (change.wishes.length === 0) return change;
	return { ...change, state: remember(change.state, lab, { before: {} }) };
});

const TRAFFIC: Binding[] = [
	{ keys: ["up", "k"], label: "↑", words: "", help: "The field above.", act: chooseField(-1) },
	{ keys: ["down", "j"], label: "↓", pair: "↑↓", words: "field", help: "The field below.", act: chooseField(1) },
	{ keys: ["left", "h"], label: "←", words: "", help: "The value before.", act: changeField(-1) },
	{ keys: ["right", "l"], label: "→", pair: "←→", words: "change", help: "The next value.", act: changeField(1) },
	{ keys: ["enter"], label: "Enter", words: "send", help: "Send the requests.", act: send },
	EVIDENCE,
];

/** Clients with their targets as one list: the path tab has one field only. */
const changeTraffic = (step: number) =>
	onLab((memory, facts) => {
		const clients = clientsOf(facts);
		const pairs = clients.flatMap((client, index) =>
			facts.choices.filter(({ from }) => from === client).map((_, target) => ({ client: index, target })),
		);
		const now = pairs.findIndex(({ client, target }) => client === memory.client && target === memory.target);
		return pairs[moved(Math.max(0, now), step, pairs.length)] ?? {};
	});

const chooseHop = (step: number) => onLab(({ hop, trace }) => ({ hop: moved(hop, step, trace?.hops.length ?? 1) }));

const trace = withTraffic((state, facts, memory) => {
	const choice = chosenTraffic(facts, memory);
	const lab = facts.lab.name;
	if (!choice) return refuse(state, "No scenario of this lab sends anything before it changes the lab.");
	return begin(state, { kind: "trace", lab, subject: choice.target }, { do: "trace", lab, choice });
});

const PATH: Binding[] = [
	{ keys: ["up", "k"], label: "↑", words: "", help: "The hop before.", act: chooseHop(-1) },
	{ keys: ["down", "j"], label: "↓", pair: "↑↓", words: "hop", help: "The next hop.", act: chooseHop(1) },
	{ keys: ["left", "h"], label: "←", words: "", help: "Another client or target.", act: changeTraffic(-1) },
	{
		keys: ["right", "l"],
		label: "→",
		pair: "←→",
		words: "target",
		help: "Another client or target.",
		act: changeTraffic(1),
	},
	{ keys: ["enter"], label: "Enter", words: "follow", help: "Send one request and follow it.", act: trace },
];

const chooseScenario = (step: number) =>
	onLab(({ scenario, scroll: now }, facts) => ({
		scenario: moved(scenario, step, facts.scenarios.length),
		scroll: { ...now, scenarios: 0 },
	}));

function runScenario(all: boolean) {
	return (state: UiState): Change<UiState> => {
		const facts = openEntry(state)?.facts;
		if (!facts) return only(state);
		const lab = facts.lab.name;
		const scenario = facts.scenarios[memoryOf(state, lab).scenario]?.name;
		if (all) return begin(state, { kind: "test", lab }, { do: "test", lab });
		if (scenario === undefined) return refuse(state, "This lab has no scenarios.");
		return begin(state, { kind: "test", lab, subject: scenario }, { do: "test", lab, scenario });
	};
}

const SCENARIOS: Binding[] = [
	{ keys: ["up", "k"], label: "↑", words: "", help: "The scenario above.", act: chooseScenario(-1) },
	{ keys: ["down", "j"], label: "↓", pair: "↑↓", words: "choose", help: "The scenario below.", act: chooseScenario(1) },
	{
		keys: ["enter"],
		label: "Enter",
		words: "run",
		help: "Run the scenario, as `lab test` does; a lab that is down is brought up first and stays up.",
		act: runScenario(false),
	},
	{ keys: ["a"], label: "a", words: "all", help: "Run all scenarios of the lab.", act: runScenario(true) },
	EVIDENCE,
	{ keys: ["pageup"], label: "PgUp", words: "", help: "Scroll the checks up.", act: scroll(-PAGE) },
	{
		keys: ["pagedown"],
		label: "PgDn",
		pair: "PgUp/Dn",
		words: "checks",
		help: "Scroll the checks down.",
		act: scroll(PAGE),
	},
];
