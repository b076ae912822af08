/** What a check rests on, as text to read: the saved observation and the captures, decoded as the judge decodes them. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeCapture } from "../../judge/decode-capture.ts";
import { endOf, flagNames } from "../../judge/trace-headers.ts";
import type { Frame, PhaseObservation } from "../../model/observation.ts";
import { printable } from "../../report/printable.ts";

/** Most entries of one kind that are written out; the files have them all. */
const MOST = 40;

/** The lines, sections with headings. */
export async function evidenceLines({ results, files }: { results: string; files: string[] }): Promise<string[]> {
	const lines: string[] = [];
	for (const file of files.filter((name) => name.endsWith(".json"))) {
		const { observation } = JSON.parse(await readFile(join(results, file), "utf8")) as {
			observation: PhaseObservation;
		};
		lines.push(`${file}`, ...observationLines(observation).map((text) => `  ${text}`));
		for (const { file: capture, node, interface: name, dropped } of observation.captures) {
			const { frames } = decodeCapture(await readFile(join(results, capture)), { node, interface: name });
			const lost = dropped > 0 ? `, ${dropped} lost` : "";
			lines.push("", `Packets at ${node} ${name} (${frames.length}${lost}): tcpdump -n -r ${capture}`);
			lines.push(...limited(frames.map((frame) => frameText(frame, frames[0]?.time ?? 0))).map((text) => `  ${text}`));
		}
	}
	return [...lines, "", `All files are in ${results}`].map(printable);
}

function limited(lines: string[]): string[] {
	return lines.length <= MOST ? lines : [...lines.slice(0, MOST), `... and ${lines.length - MOST} more`];
}

function observationLines({ requests, accepts, counters, states, faults }: PhaseObservation): string[] {
	const servedBy = new Map(accepts.flatMap((accept) => accept.tokens.map((token) => [token, accept] as const)));
	const sent = requests.map(({ index, token, answered, message, exitCode, status }) => {
		const accept = servedBy.get(token);
		const at = accept
			? `logged by ${accept.node} from ${accept.peerAddress}:${accept.peerPort}`
			: "in no backend's log";
		const how = answered ? "answered" : `not answered (${message ?? `exit code ${exitCode}, status ${status ?? "-"}`})`;
		return `#${index + 1} ${token}: ${how}; ${at}`;
	});
	const counted = counters.map(({ node, kind, service, when, reals }) => {
		const each = reals.map(({ address, port, connections, packets }) => {
			const name = port === undefined ? address : `${address}:${port}`;
			return `${name} ${connections} connections ${packets} packets`;
		});
		return `${kind} ${service} at ${node} ${when}: ${each.join("; ") || "no reals"}`;
	});
	const said = states.flatMap(({ node, command, exitCode, output }) => [
		`${node}# ${command}`,
		...limited(output.split("\n")).map((text) => `  ${text}`),
		...(exitCode === 0 ? [] : [`  (exit code ${exitCode})`]),
	]);
	return [
		...(faults.length > 0 ? ["Could not be measured:", ...faults.map((text) => `  ${text}`)] : []),
		...(sent.length > 0 ? ["Requests:", ...limited(sent).map((text) => `  ${text}`)] : []),
		...(counted.length > 0 ? ["Balancer's counters:", ...counted.map((text) => `  ${text}`)] : []),
		...(said.length > 0 ? ["Commands:", ...said.map((text) => `  ${text}`)] : []),
	];
}

/** One frame as tcpdump would say it, shorter. */
function frameText(frame: Frame, start: number): string {
	const outer =
		frame.encapsulation === "none"
			? ""
			: `${frame.encapsulation.toUpperCase()} ${frame.outerSource} > ${frame.outerDestination} | `;
	const time = ((frame.time - start) * 1000).toFixed(2).padStart(9);
	const ends = `${endOf(frame, "source")} > ${endOf(frame, "destination")}`;
	return `${time} ms ${outer}${frame.protocol} ${ends} ${flagNames(frame).join(" ")} ${frame.payload} bytes`;
}
