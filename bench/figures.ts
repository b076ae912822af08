/** Medians, ratios and the tables that are printed. Pure. */
import type { Figure, Report } from "./report.ts";

export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
	return (low + high) / 2;
}

/**
 * Median of the ratios round by round: what slows a whole round down (other work on the machine) falls out of it, which
 * it does not of the ratio of two medians.
 */
export function pairedRatio(values: readonly number[], base: readonly number[]): number {
	return median(values.map((value, round) => value / (base[round] ?? Number.NaN)));
}

/** Adds the comparison with another figure. */
export function compare(figure: Figure, base: Figure, target: number): Figure {
	return { ...figure, against: { name: base.name, ratio: pairedRatio(figure.values, base.values), target } };
}

export function formatReport(report: Report): string {
	const { machine, load } = report;
	const lines = [
		`${report.started.slice(0, 10)}: ${machine.cpus} x ${machine.model}, ${machine.memoryMiB} MiB, ${machine.system}, Linux ${machine.kernel}, Node ${machine.node}`,
		`load ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after`,
	];
	for (const part of report.parts) {
		lines.push("", ...part.facts, "");
		if (part.figures.length === 0) continue;
		const head = ["", "median", "min", "max", "ratio", "target", ""];
		lines.push(...table([head, ...part.figures.map(row)]));
		for (const { name, note } of part.figures) if (note) lines.push(`${name}: ${note}`);
	}
	return `${lines.join("\n")}\n`;
}

function row(figure: Figure): string[] {
	const digits = figure.unit === "s" ? 2 : 0;
	const show = (value: number) => `${value.toFixed(digits)} ${figure.unit}`;
	const { against, target, values } = figure;
	const wish = against ? `<= ${against.target.toFixed(2)}` : target === undefined ? "" : `<= ${show(target)}`;
	const met = against ? against.ratio <= against.target : target === undefined ? undefined : median(values) <= target;
	return [
		figure.name,
		show(median(values)),
		show(Math.min(...values)),
		show(Math.max(...values)),
		against ? against.ratio.toFixed(2) : "",
		wish,
		met === undefined ? "" : met ? "met" : "missed",
	];
}

function table(rows: string[][]): string[] {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
	return rows.map((cells) =>
		cells
			.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
			.join("  ")
			.trimEnd(),
	);
}
