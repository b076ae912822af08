/** What the UI is told, and what it wishes to be done. It does nothing itself. */
import type { LabEvent } from "../../model/event.ts";
import type { NodeCounters } from "../../model/live-counters.ts";
import type { Trace } from "../../model/trace.ts";
import type { TrafficChoice } from "../../model/traffic-choice.ts";
import type { Tone } from "../palette.tsx";
import type { LiveState } from "./state.ts";

export type Message =
	/** A key: a letter, or `up`, `down`, `left`, `right`, `enter`, `escape`, `tab`, `pageup`, `pagedown`, `ctrl-c`. */
	| { type: "key"; key: string }
	/** Everything that is up now, by lab. */
	| { type: "looked"; live: Record<string, LiveState> }
	| { type: "event"; event: LabEvent }
	/** A job has ended; `text` says how, where there is something to say. */
	| { type: "job-end"; ok: boolean; text?: string }
	/** `before`: read right before a sending, which is held against it. */
	| { type: "counters"; lab: string; counters: NodeCounters[]; before?: true }
	| { type: "trace"; lab: string; trace: Trace }
	| { type: "text"; title: string; lines: string[] }
	| { type: "notice"; tone: Tone; text: string };

export type Wish =
	| { do: "up"; lab: string }
	| { do: "down"; lab: string }
	/** Without a scenario: all of the lab. */
	| { do: "test"; lab: string; scenario?: string }
	| { do: "send"; lab: string; choice: TrafficChoice; count: number }
	| { do: "trace"; lab: string; choice: TrafficChoice }
	| { do: "shell"; lab: string; node: string }
	/** Show the files that a check rests on. */
	| { do: "evidence"; title: string; results: string; files: string[] }
	/** Break off what is being done. */
	| { do: "stop" }
	| { do: "leave" };

export interface Change<State> {
	state: State;
	wishes: Wish[];
}
