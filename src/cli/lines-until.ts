/** Plain lines while a lab is coming up, and silence once the lesson has the word. */
import { Chalk } from "chalk";
import { plainReporter } from "../report/plain.ts";
import type { CliContext } from "./cli-context.ts";
import type { Screen } from "./run-session.ts";
import { takesColor } from "./terminal.ts";

export interface LinesUntil extends Screen {
	/** From now on the lesson speaks. */
	hush: () => void;
}

export function linesUntil({ env }: Pick<CliContext, "env">, stream: NodeJS.WriteStream): LinesUntil {
	const colours = new Chalk({ level: takesColor(env, stream) ? 1 : 0 });
	const lines = plainReporter({ write: (text) => stream.write(text), colours });
	let speaks = true;
	return {
		reporter: {
			onEvent: (event) => {
				if (speaks || event.type === "failure") lines.onEvent(event);
			},
			close: () => {
				if (speaks) lines.close();
			},
		},
		hush: () => {
			speaks = false;
		},
		suspend: (work) => work(),
		closed: async () => {},
	};
}
