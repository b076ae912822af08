/** Sends the requests of a phase from inside its client, and collects what the client saw. */
import type { ExecResult } from "../engine/engine.ts";
import { signalWithDeadline } from "../model/deadline.ts";
import { LabError } from "../model/error.ts";
import { backendLogs } from "../model/lab.ts";
import type { RequestRecord } from "../model/observation.ts";
import type { Traffic } from "../model/scenario.ts";
import type { RunContext } from "./context.ts";
import { containerOf, type LiveLab } from "./live-lab.ts";
import { parseRequestLine, trafficDeadline, trafficScript } from "./traffic-script.ts";

export interface TrafficPlace {
	lab: string;
	scenario: string;
	phase: string;
	/** Unique in the run; requests carry it. */
	tokenPrefix: string;
	/** Told how many requests have ended, each time it is more. */
	onProgress?: (ended: number) => void;
}

/** Sends the requests and reports progress as their lines come in. */
export async function sendTraffic(
	context: RunContext,
	live: LiveLab,
	place: TrafficPlace,
	traffic: Traffic,
): Promise<RequestRecord[]> {
	const records: RequestRecord[] = [];
	let rest = "";
	const { lab, scenario, phase, tokenPrefix } = place;
	const read = (chunk: Buffer) => {
		const lines = (rest + chunk.toString("utf8")).split("\n");
		rest = lines.pop() ?? "";
		for (const line of lines) {
			const record = parseRequestLine(line, traffic);
			if (record) records.push(record);
		}
		const answered = records.filter((record) => record.answered).length;
		context.emit({ type: "traffic", lab, scenario, phase, sent: records.length, answered, total: traffic.count });
		const shares = answeredShares(live, records);
		if (shares) context.emit({ type: "shares", lab, scenario, phase, shares });
		place.onProgress?.(records.length);
	};
	const result = await runTraffic(context, live, traffic, tokenPrefix, read);
	if (records.length !== traffic.count) {
		const words = result.stderr.toString("utf8").trim();
		throw new LabError(
			"broken",
			`only ${records.length} of ${traffic.count} requests were reported by ${traffic.from}${words ? `: ${words}` : ""}`,
			{ code: "traffic-incomplete" },
		);
	}
	return records.sort((a, b) => a.index - b.index);
}

/** Who has answered so far, where answers name their backend; the backends' own logs are read once all are sent. */
function answeredShares({ lab }: LiveLab, records: readonly RequestRecord[]): Record<string, number> | undefined {
	const names = records.flatMap(({ answered, answeredBy }) => (answered && answeredBy ? [answeredBy] : []));
	if (names.length === 0) return undefined;
	const shares = Object.fromEntries(backendLogs(lab).map(({ node }) => [node, 0]));
	for (const name of names) shares[name] = (shares[name] ?? 0) + 1;
	return shares;
}

/** Runs the traffic script in the client, which gets as long as all of its requests may take. */
async function runTraffic(
	context: RunContext,
	live: LiveLab,
	traffic: Traffic,
	tokenPrefix: string,
	onStdout: (chunk: Buffer) => void,
): Promise<ExecResult> {
	const seconds = trafficDeadline(traffic);
	const signal = signalWithDeadline(context.signal, seconds * 1000);
	const command = ["sh", "-c", trafficScript(traffic, tokenPrefix)];
	try {
		return await context.engine.exec(containerOf(live, traffic.from), { command, signal, onStdout });
	} catch (error) {
		if (!signal.aborted || context.signal.aborted) throw error;
		throw new LabError("broken", `the traffic from ${traffic.from} had not ended after ${seconds} s`, {
			code: "traffic-deadline",
			cause: error,
		});
	}
}
