/** How many requests one backend got, as a bar with the number, against what it may get. */
import type { ReactNode } from "react";
import type { ShareBand } from "../model/event.ts";
import { Line } from "./line.tsx";
import { Say, type Tone } from "./palette.tsx";

interface ShareBarProps {
	backend: string;
	count: number;
	band?: ShareBand;
	/** The count that fills the whole bar, the same for all backends of a phase. */
	scale: number;
	nameWidth: number;
	/** Cells of the bar. */
	barWidth: number;
	/** True when all requests are sent, so that the count can be held against the band. */
	complete: boolean;
	indent?: number;
}

export function ShareBar(props: ShareBarProps): ReactNode {
	const { backend, count, band, scale, nameWidth, barWidth, complete, indent = 6 } = props;
	const verdict = bandVerdict(count, band, complete);
	return (
		<Line indent={indent}>
			{backend.padEnd(nameWidth)}
			{"  "}
			<Say tone={verdict.tone}>{barCells(count, band, scale, barWidth)}</Say>{" "}
			{String(count).padStart(String(scale).length)}
			{verdict.word ? <Say tone={verdict.tone}> {verdict.word}</Say> : null}
			{band ? <Say tone="quiet">{`  expected ${bandText(band)}`}</Say> : null}
		</Line>
	);
}

/** The count that fills a bar: room for the largest count, for every band, and for an even share of all requests. */
export function barScale(shares: Record<string, number>, bands: Record<string, ShareBand>, total: number): number {
	const counts = Object.values(shares);
	const highs = Object.values(bands).map((band) => band.high);
	return Math.max(1, ...counts, ...highs, Math.ceil(total / Math.max(1, counts.length)));
}

/** `█` for what came, `░` for the part of the expected band that has not, `·` for the way to it. */
export function barCells(count: number, band: ShareBand | undefined, scale: number, width: number): string {
	const cell = (value: number) => Math.round((Math.min(value, scale) / scale) * width);
	// One request must be visible, else a backend that got something looks like one that got nothing.
	const filled = count > 0 ? Math.max(1, cell(count)) : 0;
	const low = band ? cell(band.low) : 0;
	const high = band ? cell(band.high) : 0;
	return Array.from({ length: width }, (_, index) => {
		if (index < filled) return "█";
		if (index < low) return "·";
		return index < high ? "░" : " ";
	}).join("");
}

function bandText({ low, high }: ShareBand): string {
	return low === high ? `${low}` : `${low} to ${high}`;
}

function bandVerdict(count: number, band: ShareBand | undefined, complete: boolean): { tone: Tone; word: string } {
	if (band && count > band.high) return { tone: "bad", word: "too many" };
	if (band && complete && count < band.low) return { tone: "bad", word: "too few" };
	return { tone: complete ? "good" : "busy", word: "" };
}
