/** All steps of a node in one exec: the script that runs them, and what its output says about each. Pure. */
import type { PlannedStep } from "../model/plan.ts";
import { quote } from "../steps/quote.ts";

/** Starts a line of ours in the output of a lane; no command prints the ASCII record separator. */
const MARK = "\x1e";

/** Written by a lane when everything in it succeeded; a second `up` looks for it. */
export const CONFIGURED_FILE = "/run/lab-configured";

export type LaneMark =
	| { kind: "begin"; step: string }
	| { kind: "ok"; step: string }
	| { kind: "failed"; step: string; exitCode: number };

/** What every node gets before its first step: names of its neighbours, and a resolver that refuses at once. */
export function preludeScript(hosts: string[]): string {
	return [
		`printf '%s\\n' ${hosts.map(quote).join(" ")} >/etc/hosts`,
		// Nothing listens on 127.0.0.1:53, so a look-up fails in a millisecond instead of leaving the lab.
		"printf 'nameserver 127.0.0.1\\noptions timeout:1 attempts:1\\n' >/etc/resolv.conf",
		"mkdir -p /var/log/lab",
	].join("\n");
}

/** The script of one node. Each step runs in a subshell of its own, and the first that fails ends the lane. */
export function laneScript(hosts: string[], steps: PlannedStep[]): string {
	const parts = [preludeScript(hosts)];
	for (const step of steps) {
		const body = step.script ?? step.commands.join("\n");
		parts.push(
			`printf '${MARK}begin %s\\n' ${step.id}`,
			`( set -e\n${body}\n) 2>&1`,
			`rc=$?; [ $rc -eq 0 ] || { printf '${MARK}failed %s %d\\n' ${step.id} $rc; exit 1; }`,
			`printf '${MARK}ok %s\\n' ${step.id}`,
		);
	}
	parts.push(`: >${CONFIGURED_FILE}`);
	return parts.join("\n");
}

/** Splits the output of a lane, chunk by chunk, into marks and ordinary output. */
export class LaneReader {
	private rest = "";
	private readonly onMark: (mark: LaneMark, output: string) => void;
	/** Output of the step that is running. */
	output = "";

	constructor(onMark: (mark: LaneMark, output: string) => void) {
		this.onMark = onMark;
	}

	push(chunk: Buffer): void {
		this.rest += chunk.toString("utf8");
		for (let end = this.rest.indexOf("\n"); end >= 0; end = this.rest.indexOf("\n")) {
			this.line(this.rest.slice(0, end));
			this.rest = this.rest.slice(end + 1);
		}
	}

	private line(line: string): void {
		const mark = parseMark(line);
		if (!mark) {
			this.output += `${line}\n`;
			return;
		}
		// A command may end without a newline, so the mark can stand behind its last words.
		const before = line.slice(0, line.indexOf(MARK));
		const output = before === "" ? this.output : `${this.output}${before}\n`;
		this.output = "";
		this.onMark(mark, output);
	}
}

function parseMark(line: string): LaneMark | undefined {
	const at = line.indexOf(MARK);
	if (at < 0) return undefined;
	const [kind, step = "", code = "0"] = line.slice(at + 1).split(" ");
	if (kind === "begin" || kind === "ok") return { kind, step };
	if (kind === "failed") return { kind, step, exitCode: Number(code) };
	return undefined;
}
