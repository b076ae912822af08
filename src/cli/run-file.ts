/** run.json: what was run, on what, how long each phase took, and the report. Written when the run ends. */
import type { Reporter } from "../report/reporter.ts";
import type { ResultsFolder } from "../run/results-folder.ts";

/** `launchMs`: what the launcher spent on packages and the build before this process began. */
export function runFile(results: ResultsFolder, runId: string, command: string[], launchMs: number): Reporter {
	const started = new Date();
	const phases: { phase: string; lab?: string; ok: boolean; durationMs: number }[] = [];
	if (launchMs > 0) phases.push({ phase: "packages-and-build", ok: true, durationMs: launchMs });
	const facts: Record<string, unknown> = {};
	return {
		onEvent(event) {
			if (event.type === "setup" && event.message.kind === "end") {
				const { phase, ok, durationMs } = event.message;
				phases.push({ phase, ok, durationMs });
			}
			if (event.type === "phase-end") {
				const { phase, lab, ok, durationMs } = event;
				phases.push({ phase, ok, durationMs, ...(lab ? { lab } : {}) });
			}
			if (event.type === "engine-chosen") facts.engine = event.engine;
			if (event.type === "failure") facts.failure = { code: event.code, message: event.message };
			if (event.type === "run-end") facts.report = event.report;
		},
		close() {
			const document = {
				schema: 1,
				run: runId,
				command: ["lab", ...command],
				started: started.toISOString(),
				durationMs: Date.now() - started.getTime() + launchMs,
				node: process.version,
				phases,
				...facts,
			};
			results.write("run.json", `${JSON.stringify(document, null, "\t")}\n`);
		},
	};
}
