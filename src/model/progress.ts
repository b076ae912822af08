/** How long-running set-up work tells the world what it is doing; the core never prints. */

/** One message about set-up work (system packages, images, VM). */
export type SetupMessage =
	| { kind: "begin"; phase: string; text: string }
	| { kind: "line"; phase: string; text: string }
	| { kind: "end"; phase: string; ok: boolean; durationMs: number; text?: string };

/** Receives set-up messages. `phase` is a stable short name: `packages`, `rootfs`, `vm-bake`, `vm-restore`, ... */
export type SetupListener = (message: SetupMessage) => void;

/** What set-up work may do and how it reports. Passed down explicitly: no global state. */
export interface SetupContext {
	listen: SetupListener;
	signal: AbortSignal;
	/** Environment of the process (never read `process.env` below `cli/`). */
	env: Readonly<Record<string, string | undefined>>;
	/** Asks a yes/no question on a terminal; answers `true` at once under `--yes` or CI. */
	confirm: (question: string) => Promise<boolean>;
}

/** Runs `work` between a begin and an end message of `phase`, so that its time is kept even when it fails. */
export async function timedPhase<T>(
	context: Pick<SetupContext, "listen">,
	phase: string,
	text: string,
	work: () => Promise<T>,
): Promise<T> {
	const started = performance.now();
	context.listen({ kind: "begin", phase, text });
	try {
		const result = await work();
		context.listen({ kind: "end", phase, ok: true, durationMs: performance.now() - started });
		return result;
	} catch (error) {
		context.listen({ kind: "end", phase, ok: false, durationMs: performance.now() - started, text: String(error) });
		throw error;
	}
}
