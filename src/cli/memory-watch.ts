/** How much memory the machines of a run take together, at the most. */
import { residentBytes } from "../machine/process-identity.ts";

/** Often enough to see what lasts: a machine grows over many seconds. */
const SAMPLE_MS = 1000;

export class MemoryWatch {
	readonly #pids = new Set<number>();
	#peak = 0;
	#machines = 0;
	#timer: NodeJS.Timeout | undefined;

	/** Counts a machine in from now on; its process may be unknown. Returns what leaves it out again. */
	add(pid: number | undefined): () => void {
		if (pid === undefined) return () => undefined;
		this.#pids.add(pid);
		this.#timer ??= setInterval(() => this.#sample(), SAMPLE_MS).unref();
		return () => {
			this.#sample();
			this.#pids.delete(pid);
		};
	}

	/** The peak: resident memory in bytes, pages that machines share counted for each, and how many ran then. */
	end(): { bytes: number; machines: number } {
		clearInterval(this.#timer);
		return { bytes: this.#peak, machines: this.#machines };
	}

	#sample(): void {
		const sizes = [...this.#pids].map((pid) => residentBytes(pid) ?? 0);
		const sum = sizes.reduce((total, size) => total + size, 0);
		if (sum <= this.#peak) return;
		this.#peak = sum;
		this.#machines = sizes.filter((size) => size > 0).length;
	}
}
