/** What every verb gets: the process as it was started, and nothing global. */
import type { FoundDaemon } from "../engine/docker-find.ts";
import type { Completes } from "./verb.ts";

/** A verb as completion needs it. */
export interface VerbWords {
	/** Its name and aliases. */
	names: string[];
	summary: string;
	flags: {
		/** With their dashes, the long one first. */
		names: string[];
		takesValue: boolean;
		/** The values it may have, where they are fixed. */
		values: string[];
	}[];
	/** What its first argument may be. */
	completes: Completes;
}

export interface CliContext {
	/** Folder of the project: labs/, scenarios/, images/. */
	root: string;
	cwd: string;
	env: Readonly<Record<string, string | undefined>>;
	stdin: NodeJS.ReadStream;
	stdout: NodeJS.WriteStream;
	stderr: NodeJS.WriteStream;
	/** Aborted by Ctrl-C, SIGTERM, a closed terminal and a closed stdout; the reason is a LabError. */
	signal: AbortSignal;
	/** The Docker daemon the user has, connected; the caller closes it. */
	findDaemon: () => Promise<FoundDaemon>;
	/** The verbs of the command line. */
	verbs: () => VerbWords[];
}
