/** Signals with a time limit. */

/**
 * A signal that is aborted with `signal`, or after `ms` milliseconds with a TimeoutError as its reason.
 * In place of `AbortSignal.any([signal, AbortSignal.timeout(ms)])`, where nothing but the garbage collector's patience keeps the
 * second one alive: once collected it never fires (nodejs/node issue 57736). Like it, the timer keeps no process from ending.
 */
export function signalWithDeadline(signal: AbortSignal, ms: number): AbortSignal {
	const deadline = new AbortController();
	const timedOut = () => deadline.abort(new DOMException(`not done after ${ms} ms`, "TimeoutError"));
	setTimeout(timedOut, ms).unref();
	return AbortSignal.any([signal, deadline.signal]);
}
