/** The engine contract on the fake, whose commands are the few that the contract uses. */
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { FakeEngine, type FakeExec, type FakeExecResult } from "../../src/engine/fake-engine.ts";
import { engineContract } from "./contract.ts";

engineContract("fake", async () => {
	const engine = new FakeEngine().onExec(commands);
	return { engine, tarFile: fileURLToPath(import.meta.url) };
});

async function commands({ request }: FakeExec): Promise<FakeExecResult | undefined> {
	const [program, , script = ""] = request.command;
	if (program === "cat") return { stdout: Buffer.from((request.stdin ?? "") as string | Buffer) };
	const { signal } = request;
	if (program === "sleep" && signal) await sleep(60_000, undefined, { signal }).catch(() => undefined);
	if (program === "sh" && "size" in request) return { stdout: "33 77\r\n", exitCode: 5 };
	if (script.startsWith("echo one")) return { stdout: "one\ntwo\n", stderr: "three\n" };
	if (script.startsWith("echo out")) return { stdout: "out\n", stderr: "err\n", exitCode: 7 };
	if (script === "pwd") return { stdout: "/\n" };
	if (script === "echo $GREETING") return { stdout: `${request.environment?.GREETING}\n` };
	return undefined;
}
