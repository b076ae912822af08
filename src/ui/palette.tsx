/** Meaning to colour. Every component says what a text means; whether that shows as colour is decided in one place. */
import { Text, type TextProps } from "ink";
import { createContext, type ReactNode, useContext } from "react";

export type Tone = "plain" | "strong" | "quiet" | "good" | "bad" | "warning" | "trouble" | "busy";

const STYLES: Record<Tone, TextProps> = {
	plain: {},
	strong: { bold: true },
	quiet: { dimColor: true },
	good: { color: "green" },
	bad: { color: "red", bold: true },
	warning: { color: "yellow" },
	trouble: { color: "magenta", bold: true },
	busy: { color: "cyan" },
};

/** False under NO_COLOR: then no text is styled at all, and words and signs carry everything. */
export const ColourContext = createContext(true);

/** Text with a meaning, on one line. */
export function Say({ tone = "plain", children }: { tone?: Tone; children: ReactNode }): ReactNode {
	const styled = useContext(ColourContext);
	return <Text {...(styled ? STYLES[tone] : {})}>{children}</Text>;
}
