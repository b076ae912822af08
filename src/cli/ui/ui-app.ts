/** The terminal UI at work: holds the state, hands on messages, has wishes done, and tells whoever draws. */
import { asLabError } from "../../model/as-lab-error.ts";
import { LabError } from "../../model/error.ts";
import type { LabEvent } from "../../model/event.ts";
import type { Lab } from "../../model/lab.ts";
import { jobWords } from "../../ui/state/binding.ts";
import type { Message, Wish } from "../../ui/state/messages.ts";
import { initialState, type LabEntry, type LiveState, type UiState } from "../../ui/state/state.ts";
import { update } from "../../ui/state/update.ts";
import type { CliContext } from "../cli-context.ts";
import type { Flags } from "../flags.ts";
import type { Screen } from "../run-session.ts";
import { evidenceLines } from "./evidence.ts";
import { doJob, type JobWish } from "./jobs.ts";
import { CounterWatch, liveStates } from "./live.ts";
import { shellIn } from "./shell.ts";
import { variantOf } from "./variant.ts";

/** What shows the state. */
export interface Front {
	/** The state has changed. */
	draw(state: UiState): void;
	/** Gives the terminal to something else meanwhile. */
	suspend: <T>(work: () => Promise<T>) => Promise<T>;
	/** Told of every event of a job. */
	onEvent?: (event: LabEvent) => void;
}

/** The labs of the project. */
export interface Catalogue {
	entries: LabEntry[];
	/** As their files say, with the steps for every kernel. */
	files: ReadonlyMap<string, Lab>;
}

/** How the UI was left. */
export interface Leaving {
	/** What was broken off by leaving: `katran-dsr is coming up`. */
	brokenOff?: string;
}

/** Milliseconds between two looks at what is up. */
const LOOK_EVERY = 5_000;

export class UiApp {
	/** Resolves when the user wants to leave, or is made to. */
	readonly asked: Promise<void>;
	/** Resolves when nothing of the UI is left, and names what was under way. */
	readonly left: Promise<Leaving>;
	#state: UiState;
	readonly #context: CliContext;
	readonly #flags: Flags;
	readonly #front: Front;
	readonly #files: ReadonlyMap<string, Lab>;
	readonly #watch: CounterWatch;
	#aside: Promise<void> = Promise.resolve();
	#job: { aborter: AbortController; ended: Promise<void> } | undefined;
	#looking: Promise<void> | undefined;
	#leave: () => void = () => {};

	constructor(context: CliContext, flags: Flags, front: Front, { entries, files }: Catalogue) {
		this.#files = files;
		this.#context = context;
		this.#flags = flags;
		this.#front = front;
		this.#state = initialState(entries);
		this.#watch = new CounterWatch(context, (lab, counters) => this.tell({ type: "counters", lab, counters }));
		this.asked = new Promise<void>((resolve) => {
			this.#leave = resolve;
		});
		context.signal.addEventListener("abort", this.#leave, { once: true });
		if (context.signal.aborted) this.#leave();
		this.left = this.#untilLeft(this.asked);
	}

	get state(): UiState {
		return this.#state;
	}

	/** Something has happened. */
	tell(message: Message): void {
		const { state, wishes } = update(this.#state, message);
		const changed = state !== this.#state;
		this.#state = state;
		for (const wish of wishes) this.#do(wish);
		if (!changed) return;
		this.#watchOpenLab();
		this.#front.draw(state);
	}

	/** Resolves when nothing is under way that was wished for. */
	async idle(): Promise<void> {
		await this.#aside;
		await this.#job?.ended;
	}

	/** Asks what is up. A lab that is being made or removed is not asked: its events tell more. */
	look(): Promise<void> {
		this.#looking ??= this.#look().finally(() => {
			this.#looking = undefined;
		});
		return this.#looking;
	}

	async #look(): Promise<void> {
		if (this.#job) return;
		const live = await this.#live();
		if (!this.#job) this.tell({ type: "looked", live });
	}

	/** What is up, with the lab and plan that each was made from. */
	async #live(): Promise<Record<string, LiveState>> {
		const found = Object.entries(await liveStates(this.#context));
		return Object.fromEntries(
			found.map(([name, { fingerprint, ...live }]): [string, LiveState] => {
				const lab = this.#files.get(name);
				return [name, lab ? { ...live, made: variantOf(lab, this.#flags, fingerprint) } : live];
			}),
		);
	}

	async #untilLeft(asked: Promise<void>): Promise<Leaving> {
		const timer = setInterval(() => void this.look().catch(() => undefined), LOOK_EVERY);
		await asked;
		clearInterval(timer);
		const { job } = this.#state;
		this.#stop();
		await this.idle();
		await this.#looking?.catch(() => undefined);
		await this.#watch.close();
		return job ? { brokenOff: jobWords(job) } : {};
	}

	#stop(): void {
		this.#job?.aborter.abort(new LabError("interrupted", "stopped", { code: "interrupted" }));
	}

	#do(wish: Wish): void {
		if (wish.do === "leave") this.#leave();
		else if (wish.do === "stop") this.#stop();
		else if (wish.do === "shell") this.#doAside(() => shellIn(this.#context, wish, this.#front));
		else if (wish.do === "evidence") this.#doAside(() => this.#showEvidence(wish));
		else this.#begin(wish);
	}

	async #showEvidence(wish: Extract<Wish, { do: "evidence" }>): Promise<void> {
		this.tell({ type: "text", title: wish.title, lines: await evidenceLines(wish) });
	}

	/** Work that is no job; its failure is told. */
	#doAside(work: () => Promise<void>): void {
		this.#aside = work().catch((error: unknown) => {
			this.tell({ type: "notice", tone: "bad", text: asLabError(error).message });
		});
	}

	#begin(wish: JobWish): void {
		const aborter = new AbortController();
		// Reading counters would slow the making of a lab down.
		if (wish.do !== "send" && wish.do !== "trace") this.#watch.stop();
		this.#job = { aborter, ended: this.#run(wish, aborter.signal) };
	}

	async #run(wish: JobWish, signal: AbortSignal): Promise<void> {
		const context = { ...this.#context, signal: AbortSignal.any([this.#context.signal, signal]) };
		const onEvent = (event: LabEvent) => {
			this.#front.onEvent?.(event);
			this.tell({ type: "event", event });
		};
		const screen: Screen = {
			reporter: { onEvent, close() {} },
			suspend: this.#front.suspend,
			closed: async () => {},
		};
		let end: Message;
		try {
			const { ok = true, text } = await doJob(context, this.#flags, screen, wish, (message) => this.tell(message));
			end = { type: "job-end", ok, ...(text === undefined ? {} : { text }) };
		} catch (error) {
			const { message } = asLabError(signal.aborted ? signal.reason : error);
			end = { type: "job-end", ok: false, text: message };
		}
		// Before the end is told: a lab that is up now must not be shown as down for a moment.
		const live = await this.#live().catch(() => undefined);
		this.#job = undefined;
		if (live) this.tell({ type: "looked", live });
		this.tell(end);
	}

	/** The counters of the lab that is open are read while it is up and nothing is being made or removed. */
	#watchOpenLab(): void {
		const entry = this.#state.labs.find(({ name }) => name === this.#state.open);
		const making = this.#state.job && this.#state.job.kind !== "send" && this.#state.job.kind !== "trace";
		if (making) return;
		if (entry?.live && entry.facts) this.#watch.start(entry.facts.lab);
		else this.#watch.stop();
	}
}
