/** One terminal line: what does not fit is cut with an ellipsis, so that the height of a screen is always known. */
import { Box, Text } from "ink";
import type { ReactNode } from "react";

interface LineProps {
	/** Columns left free in front. */
	indent?: number;
	/** Shown at the right edge; never cut. */
	right?: ReactNode;
	children: ReactNode;
}

export function Line({ indent = 0, right, children }: LineProps): ReactNode {
	return (
		<Box height={1} width="100%" paddingLeft={indent}>
			<Box flexGrow={1} flexShrink={1} minWidth={0}>
				<Text wrap="truncate-end">{children}</Text>
			</Box>
			{right === undefined ? null : (
				<Box flexShrink={0} paddingLeft={2}>
					<Text>{right}</Text>
				</Box>
			)}
		</Box>
	);
}

/** Text of several lines as one: a command or an observation must not break the layout. */
export function oneLine(text: string): string {
	const [first = "", ...rest] = text.trim().split("\n");
	return rest.length === 0 ? first : `${first} ...`;
}
