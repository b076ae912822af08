/** What a run of the benchmark found, as it is written to results/bench-*.json. */

/** One thing that was measured several times. */
export interface Figure {
	/** E.g. `lab up, veth`. */
	name: string;
	unit: "s" | "MB";
	/** One value per round, in the order of the rounds. */
	values: number[];
	/** What the median is compared with, and the most that is wished for. */
	against?: { name: string; ratio: number; target: number };
	/** The most that is wished for the median. */
	target?: number;
	/** What it does not say by its name. */
	note?: string;
}

export interface Part {
	name: "compose" | "vm";
	/** What it ran on and what was left out, for readers. */
	facts: string[];
	figures: Figure[];
}

export interface Report {
	schema: 1;
	/** ISO 8601. */
	started: string;
	machine: { cpus: number; model: string; memoryMiB: number; kernel: string; system: string; node: string };
	rounds: number;
	/** Load average over a minute: well above 0.5 before means that others were at work, and absolute figures are noise. */
	load: { before: number; after: number };
	parts: Part[];
}
