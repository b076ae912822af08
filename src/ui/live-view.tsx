/** Shows a run on a terminal while it happens and leaves its verdict in the scrollback. */
import { render } from "ink";
import { type ReactNode, useEffect, useState } from "react";
import type { LabEvent } from "../model/event.ts";
import { INITIAL_STATE, type RunState, reduce } from "../report/summarise.ts";
import { LiveScreen } from "./live-screen.tsx";

/** Ten frames a second: quick enough to look alive, slow enough not to flicker over ssh. */
const FRAME_MS = 100;

export interface LiveViewOptions {
	/** A terminal. */
	stdout: NodeJS.WriteStream;
	/** Calls `listener` with each event until the function it returned is called. */
	events: (listener: (event: LabEvent) => void) => () => void;
	/** False under NO_COLOR. */
	color: boolean;
	/** The last words, printed in place of the view; `verdictText` of src/report. */
	verdict: (state: RunState) => string;
	/** Milliseconds since the epoch; `Date.now` when left out. */
	clock?: () => number;
}

/** Starts the view. `close` takes it away, prints the verdict and gives the terminal back; it may be called twice. */
export function startLiveView(options: LiveViewOptions): { close(): Promise<void> } {
	const { stdout, events, color, verdict, clock = Date.now } = options;
	let state = INITIAL_STATE;
	const unsubscribe = events((event) => {
		state = reduce(state, event);
	});
	// A new element each time: React would pass over one it has seen.
	const view = () => <LiveView read={() => state} stdout={stdout} color={color} clock={clock} />;
	const app = render(view(), { stdout, maxFps: 1000 / FRAME_MS, exitOnCtrlC: false });
	const unwatch = beforeResize(stdout, () => app.rerender(view()));
	let closing: Promise<void> | undefined;
	async function close(): Promise<void> {
		unsubscribe();
		unwatch();
		// Clearing would not do: ink draws the last frame once more when it unmounts. So the last frame is an empty one.
		app.rerender(null);
		app.unmount();
		await app.waitUntilExit();
		stdout.write(verdict(state));
	}
	return {
		close() {
			closing ??= close();
			return closing;
		},
	};
}

const CLEAR_SCREEN = "\u001b[2J\u001b[H";

/**
 * Runs `layOut` before ink, which was there first, reacts to a new size: ink draws at once and would draw the frame of the
 * old size. A terminal that gets narrower also folds the lines of the last frame, of which ink, counting lines as it wrote
 * them, would leave half behind; so the visible screen is emptied.
 */
function beforeResize(stdout: NodeJS.WriteStream, layOut: () => void): () => void {
	let columns = stdout.columns;
	const onResize = () => {
		if (stdout.columns < columns) stdout.write(CLEAR_SCREEN);
		columns = stdout.columns;
		layOut();
	};
	stdout.prependListener("resize", onResize);
	return () => stdout.off("resize", onResize);
}

interface LiveViewProps {
	read: () => RunState;
	stdout: NodeJS.WriteStream;
	color: boolean;
	clock: () => number;
}

/** Reads state, size and clock anew for each frame, so that a burst of a thousand events costs one rendering. */
function LiveView({ read, stdout, color, clock }: LiveViewProps): ReactNode {
	const [, setFrame] = useState(0);
	useEffect(() => {
		const timer = setInterval(() => setFrame((frame) => frame + 1), FRAME_MS);
		return () => clearInterval(timer);
	}, []);
	const size = { columns: stdout.columns || 80, rows: stdout.rows || 24 };
	return <LiveScreen state={read()} size={size} now={clock()} color={color} />;
}
