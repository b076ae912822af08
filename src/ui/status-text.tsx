/** Statuses as words on the live view. */
import type { ReactNode } from "react";
import type { CheckStatus, RunStatus } from "../model/verdict.ts";
import { Say } from "./palette.tsx";
import { checkWord, runWord } from "./status-words.ts";
import type { Span } from "./text.ts";

export function CheckStatusText({ status }: { status: CheckStatus }): ReactNode {
	return <Word {...checkWord(status)} />;
}

export function RunStatusText({ status }: { status: RunStatus }): ReactNode {
	return <Word {...runWord(status)} />;
}

function Word({ text, tone = "plain" }: Span): ReactNode {
	return <Say tone={tone}>{text}</Say>;
}
