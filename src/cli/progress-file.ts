/** Where the progress of students is kept: a file per lab under the XDG state folder. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { freshProgress, type Progress, parseProgress } from "../learn/progress.ts";
import type { Lesson } from "../model/lesson.ts";

export interface ProgressFile {
	/** What was kept, or a fresh start; `outdated` when it was kept for another version of the lesson. */
	load: () => { progress: Progress; outdated: boolean };
	save: (progress: Progress) => void;
	/** Forgets everything. */
	reset: () => void;
}

/** `$XDG_STATE_HOME/lblab/learn/<lab>.json`, or below `~/.local/state`. */
export function progressFile(
	env: Readonly<Record<string, string | undefined>>,
	lab: string,
	lesson: Lesson,
): ProgressFile {
	const { XDG_STATE_HOME: given } = env;
	// The specification of XDG says to ignore relative paths.
	const state = given && isAbsolute(given) ? given : join(env.HOME ?? homedir(), ".local", "state");
	const file = join(state, "lblab", "learn", `${lab}.json`);
	return {
		load: () => {
			const text = readIfThere(file);
			const kept = text === undefined ? undefined : parseProgress(text, lesson);
			return { progress: kept ?? freshProgress(lesson), outdated: text !== undefined && kept === undefined };
		},
		save: (progress) => {
			mkdirSync(dirname(file), { recursive: true });
			// A run that is killed while it writes must not lose what was kept.
			writeFileSync(`${file}.new`, `${JSON.stringify(progress, null, "\t")}\n`);
			renameSync(`${file}.new`, file);
		},
		reset: () => rmSync(file, { force: true }),
	};
}

function readIfThere(file: string): string | undefined {
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
}
