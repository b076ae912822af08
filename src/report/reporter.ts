/** What every reader of the event stream looks like. */
import type { LabEvent } from "../model/event.ts";

export interface Reporter {
	onEvent(event: LabEvent): void;
	/** Writes what is still to be written; called once, also after an interruption. */
	close(): void;
}

/** Where text goes: a stream's `write`, or a test's array. */
export type Write = (text: string) => void;
