/** Hands events to everybody who listens. One that fails (a full disk) is left out from then on, and the others go on. */
import { asLabError } from "../model/as-lab-error.ts";
import type { LabError } from "../model/error.ts";
import type { EventBody, LabEvent } from "../model/event.ts";
import type { Reporter } from "../report/reporter.ts";

export interface EventSinks {
	emit: (body: EventBody) => void;
	/** Closes all; throws the first failure there was, now or before. */
	close: () => void;
}

/** `onFailure` is told once, when the first one fails; by then the run cannot be recorded and had better end. */
export function eventSinks(reporters: Reporter[], onFailure: (error: LabError) => void): EventSinks {
	const sinks = new Set(reporters);
	let failure: LabError | undefined;
	let seq = 0;
	const each = (work: (sink: Reporter) => void) => {
		for (const sink of sinks) {
			try {
				work(sink);
			} catch (error) {
				sinks.delete(sink);
				if (failure) continue;
				failure = asLabError(error);
				onFailure(failure);
			}
		}
	};
	return {
		emit: (body) => {
			const event: LabEvent = { ...body, seq: seq++, at: new Date().toISOString() };
			each((sink) => sink.onEvent(event));
		},
		close: () => {
			each((sink) => sink.close());
			// A signal may still come.
			sinks.clear();
			if (failure) throw failure;
		},
	};
}
