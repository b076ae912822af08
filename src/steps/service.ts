import { serviceLogPath } from "../model/lab.ts";
import type { Step, StepBody } from "../model/step.ts";
import { quote } from "./quote.ts";
import type { Rendered } from "./rendered.ts";

/** Seconds to wait for a service's ports when the lab names none: an emulated machine on a busy host took more than 10. */
const DEFAULT_TIMEOUT = 30;

/** Shell condition: something listens on `8000/tcp`. */
function listens(port: string): string {
	const [number, protocol] = port.split("/");
	return `ss -H -n -l ${protocol === "udp" ? "-u" : "-t"} "sport = :${number}" | grep -q .`;
}

/**
 * Starts the program in the background with its output in a log file, and waits until its ports are open. A program that
 * ends before that fails the step with the last lines of its log.
 */
export function renderService(body: StepBody<"service">, step: Step): Rendered {
	const log = serviceLogPath(step);
	const command = `${body.command} >>${quote(log)} 2>&1 </dev/null &`;
	const deadline = body.timeout ?? DEFAULT_TIMEOUT;
	const lines = [
		`mkdir -p ${quote(log.slice(0, log.lastIndexOf("/")) || "/")}`,
		// Appending: a program that opens its standard output anew (nginx does) would else write over its own lines.
		`setsid sh -c ${quote(`exec ${body.command}`)} >>${quote(log)} 2>&1 </dev/null &`,
		"pid=$!",
		`limit=$(( $(date +%s) + ${deadline} ))`,
	];
	for (const port of body.listen ?? []) {
		lines.push(
			`until ${listens(port)}; do`,
			`  kill -0 $pid 2>/dev/null || { echo ${quote(`${body.command} has ended:`)} >&2; tail -n 5 ${quote(log)} >&2; exit 1; }`,
			`  [ "$(date +%s)" -lt $limit ] || { echo ${quote(`nothing listens on ${port} after ${deadline} s`)} >&2; tail -n 5 ${quote(log)} >&2; exit 1; }`,
			// Most servers listen within some milliseconds, and the lab waits for each of them.
			"  sleep 0.01",
			"done",
		);
	}
	return { commands: [command], script: lines.join("\n") };
}
