/** The whole live screen for one moment: a function of state, size and clock. */
import { Box } from "ink";
import type { ReactNode } from "react";
import type { RunState } from "../report/summarise.ts";
import { fitRows } from "./fit-rows.ts";
import { Line } from "./line.tsx";
import { ColourContext, Say } from "./palette.tsx";
import { type ScreenSize, screenRows } from "./screen-rows.tsx";

interface LiveScreenProps {
	state: RunState;
	size: ScreenSize;
	now: number;
	color: boolean;
}

export function LiveScreen({ state, size, now, color }: LiveScreenProps): ReactNode {
	// A frame as high as the terminal makes ink clear all of it, scrollback included.
	const { shown, leftOut } = fitRows(screenRows(state, size, now), Math.max(1, size.rows - 1));
	return (
		<ColourContext.Provider value={color}>
			<Box flexDirection="column" width={size.columns}>
				{shown.map((row) => (
					<Box key={row.key} height={1}>
						{row.element}
					</Box>
				))}
				{leftOut > 0 ? (
					<Line>
						<Say tone="quiet">... {leftOut} more lines</Say>
					</Line>
				) : null}
			</Box>
		</ColourContext.Provider>
	);
}
