/** What every verb gets: the process as it was started, and nothing global. */

/** A verb as completion needs it. */
export interface VerbWords {
	name: string;
	summary: string;
	/** Long flags with their dashes. */
	flags: string[];
}

export interface CliContext {
	/** Folder of the project: labs/, scenarios/, images/. */
	root: string;
	cwd: string;
	env: Readonly<Record<string, string | undefined>>;
	stdin: NodeJS.ReadStream;
	stdout: NodeJS.WriteStream;
	stderr: NodeJS.WriteStream;
	/** Aborted by Ctrl-C, SIGTERM and a closed terminal; the reason is a LabError. */
	signal: AbortSignal;
	/** True when stdout takes colours. */
	color: boolean;
	/** True when a person looks at stdout, and CI is not set. */
	interactive: boolean;
	/** The verbs of the command line. */
	verbs: () => VerbWords[];
}
