/** (state, message) -> state and wishes: all that the terminal UI decides. Pure. */
import { reduce } from "../../report/summarise.ts";
import { type Binding, only } from "./binding.ts";
import { HELP, INTERRUPT, LEAVE, STOP } from "./keys-anywhere.ts";
import { CATALOGUE_KEYS } from "./keys-catalogue.ts";
import { labKeys } from "./keys-lab.ts";
import { overlayKeys } from "./keys-overlay.ts";
import type { Change, Message } from "./messages.ts";
import { type Job, type LabEntry, type LabMemory, type LiveState, memoryOf, remember, type UiState } from "./state.ts";

/** Keys that work now, in the order in which they are shown. */
export function bindingsOf(state: UiState): Binding[] {
	if (state.overlay) return [...overlayKeys(state.overlay, state), INTERRUPT];
	return [...screenKeys(state), INTERRUPT];
}

/** The keys of the screen below any overlay, as the help lists them. */
export function screenKeys(state: UiState): Binding[] {
	const own = state.open === undefined ? CATALOGUE_KEYS : labKeys(state);
	return [...own, ...(state.job ? [STOP] : []), HELP, LEAVE];
}

/** What becomes of a message. */
export function update(state: UiState, message: Message): Change<UiState> {
	switch (message.type) {
		case "key": {
			const binding = bindingsOf(state).find(({ keys }) => keys.includes(message.key));
			return binding ? binding.act(state) : only(state);
		}
		case "looked":
			return only(withLive(state, message.live));
		case "event":
			if (!state.job) return only(state);
			return only({ ...state, job: { ...state.job, run: reduce(state.job.run, message.event) } });
		case "job-end":
			return only(endJob(state, message));
		case "counters":
			return only(withCounters(state, message));
		case "trace":
			return only(remember(state, message.lab, { trace: message.trace, hop: 0 }));
		case "text":
			return only({ ...state, overlay: { kind: "text", title: message.title, lines: message.lines, scroll: 0 } });
		case "notice":
			return only({ ...state, notice: { tone: message.tone, text: message.text } });
	}
}

/** What is up now. A look that finds everything as it was changes nothing. */
function withLive(state: UiState, live: Record<string, LiveState>): UiState {
	const labs = state.labs.map((entry) => {
		const { live: _old, ...rest } = entry;
		const now = live[entry.name];
		return now ? { ...rest, live: now, ...(rest.facts ? { facts: { ...rest.facts, ...now.made } } : {}) } : rest;
	});
	const shown = (entry: LabEntry) => JSON.stringify([entry.live?.engine, entry.live?.nodes, entry.live?.made?.plan]);
	const same = labs.every((entry, index) => shown(entry) === shown(state.labs[index] ?? entry));
	return same && state.looked ? state : { ...state, labs, looked: true };
}

/** A reading that says what is known already changes nothing, so that nothing is drawn. */
function withCounters(state: UiState, { lab, counters, before }: Extract<Message, { type: "counters" }>): UiState {
	const known = memoryOf(state, lab);
	const news = counters.filter((reading) => JSON.stringify(known.counters[reading.node]) !== JSON.stringify(reading));
	if (news.length === 0 && !before) return state;
	const read = Object.fromEntries(counters.map((reading) => [reading.node, reading]));
	return remember(state, lab, {
		counters: { ...known.counters, ...read },
		...(before ? { before: { ...known.before, ...read } } : {}),
	});
}

function endJob(state: UiState, { ok, text }: Extract<Message, { type: "job-end" }>): UiState {
	const { job, ...rest } = state;
	if (!job) return state;
	const said = text ?? job.run.failures.at(-1)?.message;
	const notice = said === undefined ? {} : { notice: { tone: ok ? ("good" as const) : ("bad" as const), text: said } };
	return { ...remember(rest, job.lab, remembered(job, memoryOf(state, job.lab))), ...notice };
}

function remembered(job: Job, memory: LabMemory): Partial<LabMemory> {
	const { run } = job;
	switch (job.kind) {
		case "up":
			return { up: run };
		case "send":
			return { sent: run };
		case "test": {
			const names = run.labs.flatMap((lab) => lab.scenarios.map(({ name }) => name));
			return { tests: { ...memory.tests, ...Object.fromEntries(names.map((name) => [name, run])) } };
		}
		case "down":
			// What was counted and followed is of a lab that is gone.
			return { counters: {}, before: {} };
		default:
			return {};
	}
}
