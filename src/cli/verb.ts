/** What a verb is: its name, arguments, flags and help, and where its work is. */
import type { CliContext } from "./cli-context.ts";
import type { FlagName, Flags } from "./flags.ts";

export type Action = (context: CliContext, args: string[], flags: Flags) => Promise<number>;

/** What a shell may complete an argument with: names asked from lab, or fixed words. */
export type Completes = "labs" | "instances" | "nodes" | readonly string[];

export interface Verb {
	name: string;
	aliases?: string[];
	arguments?: [name: string, description: string, completes?: Completes][];
	/** One line for the list of verbs. */
	summary: string;
	/** The paragraph above the flags; the summary when left out. */
	description?: string;
	flags: FlagName[];
	examples: string[];
	/** Everything behind the arguments belongs to the command that is run in a node. */
	passThrough?: boolean;
	load: () => Promise<Action>;
}
