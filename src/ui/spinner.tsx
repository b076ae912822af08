/** Signs for work under way, done and failed. The clock comes from outside, so that a frame depends on its props alone. */
import type { ReactNode } from "react";
import type { Progress } from "../report/summarise.ts";
import { Say } from "./palette.tsx";

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;

export function ProgressSign({ progress, now }: { progress: Progress; now: number }): ReactNode {
	if (progress === "done") return <Say tone="good">✓</Say>;
	if (progress === "failed") return <Say tone="bad">✗</Say>;
	return <Say tone="busy">{FRAMES[Math.floor(now / FRAME_MS) % FRAMES.length]}</Say>;
}
