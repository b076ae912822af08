/**
 * The whole terminal for lines that change: takes it over, hands on keys and sizes, gives it back as it was. Ink lays the
 * lines out; what goes to the terminal is the difference, as ink 6.8 either writes every line anew, which flickers, or, told
 * to write the changed ones only, is off by a line.
 */
import { emitKeypressEvents, type Interface, type Key } from "node:readline";
import { renderToString } from "ink";
import { keyNames } from "./key-names.ts";
import { Lines } from "./lines.tsx";
import { paint } from "./paint.ts";
import type { Size } from "./screens/size.ts";
import type { TextLine } from "./text.ts";

/** The terminal's second screen, empty and without a cursor: what stood there before comes back when it is left. */
const ENTER = "\u001b[?1049h\u001b[?25l\u001b[2J";
const CLEAR = "\u001b[2J";
const LEAVE = "\u001b[?25h\u001b[?1049l";

/** Thirty frames a second at most: a burst of events costs one drawing. */
const FRAME_MS = 33;

/** Milliseconds in which the rest of a key's code must follow its Escape; without one it is the Escape key. */
const ESCAPE_MS = 50;

export interface FullScreenOptions {
	stdin: NodeJS.ReadStream;
	/** A terminal. */
	stdout: NodeJS.WriteStream;
	/** False under NO_COLOR. */
	color: boolean;
	/** The lines for a size; asked for at every drawing. */
	lines: (size: Size) => TextLine[];
	onKey: (key: string) => void;
}

export interface FullScreen {
	/** Has it drawn anew, soon; nothing is written where nothing has changed. */
	draw(): void;
	/** Gives the terminal back. */
	close(): void;
}

export function openFullScreen({ stdin, stdout, color, lines, onKey }: FullScreenOptions): FullScreen {
	let shown: string[] = [];
	let timer: NodeJS.Timeout | undefined;
	let drawnAt = Number.NEGATIVE_INFINITY;
	const drawNow = () => {
		timer = undefined;
		drawnAt = performance.now();
		const size = { columns: stdout.columns || 80, rows: stdout.rows || 24 };
		const text = renderToString(<Lines lines={lines(size)} columns={size.columns} color={color} />, {
			columns: size.columns,
		});
		const wanted = text.split("\n").slice(0, size.rows);
		const bytes = paint(shown, wanted);
		shown = wanted;
		if (bytes !== "") stdout.write(bytes);
	};
	const draw = () => {
		timer ??= setTimeout(drawNow, Math.max(0, drawnAt + FRAME_MS - performance.now()));
	};
	// A terminal that got smaller may have folded or cut what it showed.
	const onResize = () => {
		stdout.write(CLEAR);
		shown = [];
		draw();
	};
	const onKeypress = (text: string | undefined, key: Key) => {
		for (const name of keyNames(text ?? key.sequence, key)) onKey(name);
	};
	// Of the interface it takes nothing but this setting.
	emitKeypressEvents(stdin, { escapeCodeTimeout: ESCAPE_MS } as unknown as Interface);
	stdin.on("keypress", onKeypress);
	stdin.setRawMode(true);
	stdin.resume();
	stdout.on("resize", onResize);
	stdout.write(ENTER);
	drawNow();
	return {
		draw,
		close: () => {
			clearTimeout(timer);
			stdout.off("resize", onResize);
			stdin.off("keypress", onKeypress);
			stdin.pause();
			// A terminal that is gone cannot be set any more, and need not be.
			if (stdin.isTTY && !stdin.destroyed) stdin.setRawMode(false);
			stdout.write(LEAVE);
		},
	};
}
