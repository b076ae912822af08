/** `results/<run>/`: everything a run saw, laid out so that every verdict can be computed again. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { asLabError } from "../model/as-lab-error.ts";
import { LabError } from "../model/error.ts";
import type { PhaseObservation } from "../model/observation.ts";
import type { Phase } from "../model/scenario.ts";

/** Where in a run something was seen. `index` is the phase's position, from 0. */
export interface PhaseKey {
	lab: string;
	scenario: string;
	index: number;
}

export class ResultsFolder {
	readonly path: string;
	private readonly token: string;
	private phases = 0;

	/** `run` is the run's name; its last part makes tokens unique among runs on one lab. */
	constructor(path: string, run: string) {
		this.path = path;
		this.token = run.slice(run.lastIndexOf("-") + 1);
		try {
			mkdirSync(path, { recursive: true });
		} catch (error) {
			throw new LabError("environment", `the results folder cannot be made: ${asLabError(error).message}`, {
				code: "no-results-folder",
				hint: "Name another one with --results.",
				cause: error,
			});
		}
	}

	/** Unique for each phase of the run; `lab-<run>-<n>`. */
	nextTokenPrefix(): string {
		return `lab-${this.token}-${this.phases++}`;
	}

	/** Stores a capture; returns its path relative to the folder. */
	saveCapture(key: PhaseKey, name: string, bytes: Buffer): string {
		return this.write(join("captures", key.lab, key.scenario, `${key.index + 1}-${name}.pcap`), bytes);
	}

	/** Stores what a phase showed, with the phase itself, so that it can be judged again without the lab files. */
	saveObservation(key: PhaseKey, observation: PhaseObservation, phase: Phase): string {
		const text = JSON.stringify({ phase, observation }, null, "\t");
		return this.write(join("observations", key.lab, key.scenario, `${key.index + 1}.json`), `${text}\n`);
	}

	/** Stores any other file of the run. */
	write(relative: string, content: string | Buffer): string {
		const path = join(this.path, relative);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, content);
		return relative;
	}
}

/** A run's name: when it began (UTC) and four random letters or digits. */
export function newRunId(now: Date, random: string): string {
	const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
	return `${stamp}-${random.slice(0, 4)}`;
}
