/** `lab learn` line by line: the same lesson for screen readers, simple terminals and pipes. */
import { createInterface, type Interface } from "node:readline";
import { optionMeant } from "../learn/grade.ts";
import { type LessonState, standingOf, stepAt } from "../learn/lesson-state.ts";
import type { Tutor } from "../learn/tutor.ts";
import { fill, noteLines, pageOf } from "../ui/learn/page.ts";
import { plainText, type TextLine } from "../ui/text.ts";
import type { CliContext } from "./cli-context.ts";
import type { LessonSession } from "./lesson-session.ts";

/** Columns a page is filled to. */
const WIDTH = 78;

const COMMANDS = {
	check: "check the task with real traffic (only tasks)",
	hint: "a hint from the state your lab is in",
	solve: "have it done, or answered, for you",
	next: "go to the next step; Enter does it too when the step has ended",
	back: "go to the step before",
	shell: "open a shell in the step's node, or in another: shell NODE",
	page: "read the page again",
	rebuild: "build the lab afresh",
	help: "this list",
	quit: "leave; the lab stays up and your place is kept",
} as const;
type Word = keyof typeof COMMANDS;

/** Takes a student through the lesson by lines of text, until they leave or the input ends. */
export async function learnPlain(
	context: CliContext,
	session: LessonSession,
	tutor: Tutor,
	outdated: boolean,
): Promise<void> {
	const write = (text: string) => void context.stdout.write(text);
	const lines = new LineReader(context);
	let page: LessonState | undefined;
	try {
		write("Commands: answer with a number; check, hint, solve, next, back, shell, help, quit.\n");
		await tutor.begin(outdated);
		for (;;) {
			if (page?.at !== tutor.state.at) write(pageText(tutor.state));
			page = tutor.state;
			write(`${promptOf(tutor.state)}> `);
			const line = await lines.next();
			if (line === undefined) return write("\n");
			const done = await obey(line.trim(), { context, session, tutor, lines, write });
			if (done) return;
		}
	} finally {
		lines.close();
	}
}

interface Conversation {
	context: CliContext;
	session: LessonSession;
	tutor: Tutor;
	lines: LineReader;
	write: (text: string) => void;
}

/** Does what a line says; true when it says to leave. */
async function obey(line: string, talk: Conversation): Promise<boolean> {
	const { tutor, write } = talk;
	const step = stepAt(tutor.state);
	const ended = step === undefined || standingOf(tutor.state) !== undefined;
	const option = step?.predict && !ended ? optionMeant(step.predict, line) : undefined;
	if (option !== undefined) return tell(talk, () => tutor.answer(option));
	const [typed = "", node] = line.split(/\s+/);
	const word = (Object.keys(COMMANDS) as Word[]).find((name) => typed !== "" && name.startsWith(typed.toLowerCase()));
	if (line === "" && ended && step) return tell(talk, () => tutor.next());
	switch (word) {
		case "quit":
			return true;
		case "check":
			if (!step?.task) write("There is nothing to check here; answer the question with a number.\n");
			else await tell(talk, () => tutor.check());
			return false;
		case "hint":
		case "solve":
			if (ended) write("This step has ended; go on with next.\n");
			else await tell(talk, () => tutor[word]());
			return false;
		case "next":
		case "back":
		case "rebuild":
			return tell(talk, () => tutor[word]());
		case "shell":
			await openShell(talk, node);
			return false;
		case "page":
			write(pageText(tutor.state));
			return false;
		default:
			if (line !== "" && word !== "help") write(`There is no command "${typed}".\n`);
			write(helpText(tutor.state));
			return false;
	}
}

/** Runs a command of the tutor and says what came of it, and at the end of the step what it has shown. */
async function tell({ tutor, write }: Conversation, work: () => Promise<void>): Promise<boolean> {
	const before = tutor.state;
	let busy: string | undefined;
	const unsubscribe = tutor.subscribe((state) => {
		if (state.busy !== undefined && state.busy !== busy) write(`${state.busy} ...\n`);
		busy = state.busy;
	});
	await work();
	unsubscribe();
	const { state } = tutor;
	if (state.at !== before.at) return false;
	if (state.note && state.note !== before.note) write(`\n${textOf(noteLines(state.note, WIDTH))}\n`);
	const learned = stepAt(state)?.learned;
	if (learned && standingOf(state) && !standingOf(before))
		write(`${textOf(fill(learned, WIDTH))}\nThe step has ended: next goes on.\n`);
	return false;
}

async function openShell({ context, session, tutor, lines, write }: Conversation, named: string | undefined) {
	const nodes = Object.keys(session.room.lab.nodes);
	const node = named ?? stepAt(tutor.state)?.shell ?? nodes[0] ?? "";
	if (!nodes.includes(node)) return write(`There is no node "${node}". Nodes: ${nodes.join(", ")}.\n`);
	if (!context.stdin.isTTY) return write(`A shell needs a terminal. In another window: lab shell ${node}\n`);
	write(`A shell in ${node}. Back to the lesson: exit, or Ctrl-D.\n`);
	await lines.suspend(() => session.shell(node));
	write("Back in the lesson.\n");
}

function promptOf(state: LessonState): string {
	const total = state.lesson.steps.length;
	return state.at >= total ? "end" : `step ${state.at + 1} of ${total}`;
}

function pageText(state: LessonState): string {
	return `\n${textOf(pageOf(state, WIDTH))}\n`;
}

function textOf(lines: readonly TextLine[]): string {
	return lines.map((line) => `${plainText(line)}\n`).join("");
}

function helpText(state: LessonState): string {
	const answer = stepAt(state)?.predict ? ["  1, 2, ...  answer the question"] : [];
	const rows = Object.entries(COMMANDS).map(([word, text]) => `  ${word.padEnd(10)}  ${text}`);
	return `${[...answer, ...rows].join("\n")}\nThe first letters of a command do.\n`;
}

/** Lines one by one. A terminal can be lent to a shell in between; Ctrl-C and the run's own end are the end of the input. */
class LineReader {
	readonly #context: CliContext;
	#interface: Interface | undefined;
	#waiting: ((line: string | undefined) => void) | undefined;
	readonly #queue: string[] = [];
	#ended = false;

	constructor(context: CliContext) {
		this.#context = context;
		this.#open();
		context.signal.addEventListener("abort", () => this.#end(), { once: true });
		if (context.signal.aborted) this.#end();
	}

	next(): Promise<string | undefined> {
		const line = this.#queue.shift();
		if (line !== undefined || this.#ended) return Promise.resolve(line);
		return new Promise((resolve) => {
			this.#waiting = resolve;
		});
	}

	async suspend(work: () => Promise<void>): Promise<void> {
		this.#shut();
		try {
			await work();
		} finally {
			if (!this.#ended) this.#open();
		}
	}

	close(): void {
		this.#ended = true;
		this.#shut();
	}

	#open(): void {
		const { stdin, stdout } = this.#context;
		const reader = createInterface({ input: stdin, ...(stdin.isTTY ? { output: stdout, prompt: "" } : {}) });
		reader.on("line", (line) => {
			const waiting = this.#waiting;
			this.#waiting = undefined;
			if (waiting) waiting(line);
			else this.#queue.push(line);
		});
		reader.on("SIGINT", () => this.#end());
		reader.on("close", () => {
			if (this.#interface === reader) this.#end();
		});
		this.#interface = reader;
	}

	#shut(): void {
		const reader = this.#interface;
		this.#interface = undefined;
		reader?.close();
	}

	#end(): void {
		this.#ended = true;
		this.#waiting?.(undefined);
		this.#waiting = undefined;
	}
}
