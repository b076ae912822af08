/** Draws lines that a screen has made; decides nothing. */
import { Box } from "ink";
import type { ReactNode } from "react";
import { Line } from "./line.tsx";
import { ColourContext, Say } from "./palette.tsx";
import type { Span, TextLine } from "./text.ts";

interface LinesProps {
	lines: readonly TextLine[];
	columns: number;
	color: boolean;
}

/** One terminal line per line, cut at the right edge. */
export function Lines({ lines, columns, color }: LinesProps): ReactNode {
	return (
		<ColourContext.Provider value={color}>
			<Box flexDirection="column" width={columns}>
				{lines.map((line, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place on the screen
					<Line key={index} right={line.right ? <Spans spans={line.right} /> : undefined}>
						{line.spans.length === 0 ? " " : <Spans spans={line.spans} />}
					</Line>
				))}
			</Box>
		</ColourContext.Provider>
	);
}

function Spans({ spans }: { spans: readonly Span[] }): ReactNode {
	return spans.map(({ text, tone }, index) => (
		// biome-ignore lint/suspicious/noArrayIndexKey: pieces have no name but their place
		<Say key={index} tone={tone ?? "plain"}>
			{text}
		</Say>
	));
}
