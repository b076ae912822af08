import type { StepBody } from "../model/step.ts";
import { quote } from "./quote.ts";
import type { Rendered } from "./rendered.ts";

/**
 * `sysctl -w`, then each value is read back: a key that does not take (some are clamped or shared with `all`) would
 * otherwise show only as lost traffic much later.
 */
export function renderSysctl(body: StepBody<"sysctl">): Rendered {
	const pairs = Object.entries(body).map(([key, value]) => [key, String(value)] as const);
	const commands = pairs.map(([key, value]) => `sysctl -w ${quote(`${key}=${value}`)}`);
	const checks = pairs.map(
		([key, value]) =>
			`[ "$(sysctl -n ${quote(key)})" = ${quote(value)} ] || { echo ${quote(`${key} did not keep the value ${value}`)} >&2; exit 1; }`,
	);
	return { commands, script: [...commands, ...checks].join("\n") };
}
