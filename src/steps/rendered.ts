/** What a step becomes. */

export interface Rendered {
	/** What a person would type in the node, in order; shown in transcripts and on the screen. */
	commands: string[];
	/** What is really run where that differs: waiting, reading back, starting in the background. */
	script?: string;
}
