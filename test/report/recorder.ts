/** Builds recorded runs by hand: events with sequence numbers and a clock that the test moves. */
import type { EventBody, LabEvent } from "../../src/model/event.ts";

const START = Date.parse("2026-03-01T10:00:00.000Z");

export class Recorder {
	readonly events: LabEvent[] = [];
	private now = START;

	/** Appends events, each `stepMs` after the one before. */
	add(stepMs: number, ...bodies: EventBody[]): this {
		for (const body of bodies) {
			this.now += this.events.length === 0 ? 0 : stepMs;
			this.events.push({ ...body, seq: this.events.length, at: new Date(this.now).toISOString() });
		}
		return this;
	}
}
