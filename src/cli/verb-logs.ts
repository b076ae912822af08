/** `lab logs` */
import { LabError } from "../model/error.ts";
import { quote } from "../steps/quote.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { findEverything, pickNode } from "./running.ts";

const FOLDER = "/var/log/lab";

export async function logs(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const [name = "", service] = args;
	const everything = await findEverything(context);
	try {
		const { engine, node } = pickNode(everything.running, name, flags.name);
		const files = service === undefined ? `${FOLDER}/*.log` : quote(`${FOLDER}/${service}.log`);
		// tail names the files when there are several; -n keeps a busy listener's log readable.
		const script = `cd ${FOLDER} && ls ${files} >/dev/null 2>&1 || exit 3; tail -n ${flags.tail ?? 100} ${files}`;
		const result = await engine.exec(node.container.id, {
			command: ["sh", "-c", script],
			onStdout: (chunk) => context.stdout.write(chunk),
		});
		if (result.exitCode === 3) {
			const there = await engine.exec(node.container.id, {
				command: ["sh", "-c", `ls ${FOLDER} 2>/dev/null | sed 's/\\.log$//'`],
			});
			const services = there.stdout.toString("utf8").trim().split("\n").filter(Boolean);
			throw new LabError("input", `${name} has no log${service ? ` of a service ${service}` : ""}`, {
				code: "no-log",
				hint: services.length > 0 ? `Its services: ${services.join(", ")}` : "None of its steps is a service.",
			});
		}
		return result.exitCode;
	} finally {
		await everything.close();
	}
}
