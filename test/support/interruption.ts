/** The promise of `lab up` and `lab test` on any engine: stopped at any moment, nothing is left, or `lab down --all` removes it. */
import { expect } from "vitest";
import { differences, type HostState, hostState, lastingDifferences, type Watch } from "./host-state.ts";
import { delayOf, type Moment, momentText, type OwnPlace, type Run, runLab, type Stop } from "./interrupted-run.ts";

/** One stop of one command. */
export interface Trial {
	command: "up" | "test";
	moment: Moment;
	/** The work is done at this moment: the run may end as if nothing had come. */
	done?: boolean;
	/** After SIGKILL, `lab gc` alone removes what is left at this moment. */
	gc?: boolean;
}

/** What a signal ends lab with. */
const CODES: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 143, SIGKILL: 137 };

/** Milliseconds a stopped run may take to clean up, also under emulation on a busy machine. */
const CLEAN_UP_MS = 30_000;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGKILL"] as const;

/** The trials with the signals in turn, and words for the name of a test. */
export function withSignals(trials: Trial[]) {
	return trials.map((trial, index) => {
		const signal = SIGNALS[index % SIGNALS.length] ?? "SIGKILL";
		return [`${trial.command}: ${signal} at ${momentText(trial.moment)}`, trial, signal] as const;
	});
}

/** Runs of one lab on one engine, compared with the host as it was. */
export class Interruption {
	readonly place: OwnPlace;
	readonly #watch: Watch;
	/** The lab that is run. */
	readonly folder: string;
	/** Undisturbed runs. */
	readonly #clean: Record<Trial["command"], Run>;
	readonly #before: HostState;

	private constructor(
		place: OwnPlace,
		watch: Watch,
		lab: string,
		clean: Record<Trial["command"], Run>,
		before: HostState,
	) {
		this.place = place;
		this.#watch = watch;
		this.folder = lab;
		this.#clean = clean;
		this.#before = before;
	}

	/** Runs `up`, `down` and `test` undisturbed, which must leave the host as it was already; `warm` once is no change. */
	static async prepare(place: OwnPlace, watch: Watch, lab: string, warm: () => Promise<void>): Promise<Interruption> {
		await warm();
		// What older sources have left in the cache would else go with the first `gc` of a trial.
		await runLab(place, ["gc"]);
		const before = await hostState(watch);
		const up = await runLab(place, ["up", lab]);
		expect(up.code, up.output).toBe(0);
		expect(differences(before, await hostState(watch))).not.toEqual([]);
		expect((await runLab(place, ["down", "--all"])).code).toBe(0);
		expect(await lastingDifferences(before, watch), "left by up and down").toEqual([]);
		const test = await runLab(place, ["test", lab]);
		// Its verdict is not the matter here.
		expect([0, 1, 5], test.output).toContain(test.code);
		expect(await lastingDifferences(before, watch), "left by test").toEqual([]);
		return new Interruption(place, watch, lab, { up, test }, before);
	}

	/** Starts the command and stops it; asserts how it ends and, for all but SIGKILL, that nothing is left. */
	async stop({ command, moment, done = false }: Trial, signal: NodeJS.Signals): Promise<Run> {
		const run = await this.run(command, moment, signal);
		const what = `${command} stopped by ${signal} at ${momentText(moment)}:\n${run.output}`;
		const own = done ? [this.#clean[command].code] : [];
		expect([...own, CODES[signal]], what).toContain(run.code);
		expect(run.endedAfter, what).toBeLessThan(CLEAN_UP_MS);
		const stays = signal === "SIGKILL" || (command === "up" && run.code === 0);
		if (!stays) expect(await this.left(), what).toEqual([]);
		return run;
	}

	/** Starts the command and does something to it at a moment. */
	run(command: Trial["command"], moment: Moment, act: Stop["act"]): Promise<Run> {
		return runLab(this.place, [command, this.folder], {
			moment,
			act,
			delay: delayOf(this.#clean[command].events, moment),
		});
	}

	/** Another verb, or the command undisturbed. */
	lab(...args: string[]): Promise<Run> {
		return runLab(this.place, args[0] === "up" || args[0] === "test" ? [...args, this.folder] : args);
	}

	/** What differs now from the host before all runs. */
	left(patienceMs?: number): Promise<string[]> {
		return lastingDifferences(this.#before, this.#watch, patienceMs);
	}

	/** `lab down --all`, after which nothing may be left. */
	async down(what = ""): Promise<void> {
		const run = await this.lab("down", "--all");
		expect([run.code, await this.left()], `${what}\n${run.output}`).toEqual([0, []]);
	}

	/** Runs a verb with `-f json` and returns what it says; it must end with 0. */
	async json<T>(...args: string[]): Promise<T> {
		const run = await this.lab(...args, "-f", "json");
		expect(run.code, run.output).toBe(0);
		return JSON.parse(run.stdout) as T;
	}
}
