/** The ink view as a reporter; loaded only when a person looks at a terminal. */
import { Chalk } from "chalk";
import type { LabEvent } from "../model/event.ts";
import { verdictText } from "../report/verdict-text.ts";
import { startLiveView } from "../ui/live-view.tsx";
import type { CliContext } from "./cli-context.ts";
import { takesColor } from "./terminal.ts";

/** Starts the view at the first event, and takes it away while a question is asked. */
export function openLiveScreen(context: CliContext) {
	const seen: LabEvent[] = [];
	const listeners = new Set<(event: LabEvent) => void>();
	const color = takesColor(context.env, context.stdout);
	const colours = new Chalk({ level: color ? 1 : 0 });
	let view: { close(): Promise<void> } | undefined;
	let closed = false;
	let silent = false;
	const start = () => {
		view = startLiveView({
			stdout: context.stdout,
			color,
			verdict: (state) => (silent ? "" : `${verdictText(state, colours)}`),
			// A view that comes back after a question needs all that happened before it.
			events: (listener) => {
				for (const event of seen) listener(event);
				listeners.add(listener);
				return () => listeners.delete(listener);
			},
		});
	};
	return {
		reporter: {
			onEvent(event: LabEvent) {
				seen.push(event);
				if (!view && !closed) start();
				for (const listener of listeners) listener(event);
			},
			close() {},
		},
		async suspend<T>(work: () => Promise<T>): Promise<T> {
			silent = true;
			await view?.close();
			view = undefined;
			silent = false;
			try {
				return await work();
			} finally {
				if (!closed) start();
			}
		},
		async closed() {
			closed = true;
			await view?.close();
		},
	};
}
