/** What a container's first process does with the scripts it is sent, tried with this machine's own shell. */
import { spawn } from "node:child_process";
import { PassThrough } from "node:stream";
import type { Container } from "dockerode";
import { describe, expect, it } from "vitest";
import { ScriptShell, scriptedCommand, scriptInput } from "../../src/engine/docker-script.ts";

/** Everything the reader says for an input. */
function reader(input: string): Promise<string> {
	const [program = "", ...args] = scriptedCommand(["echo", "the", "command"]);
	const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"] });
	let output = "";
	child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
	child.stdin.end(input);
	return new Promise((resolve) => child.on("close", () => resolve(output)));
}

describe("the reader", () => {
	it("runs a script, tells its exit code and becomes the command", async () => {
		expect(await reader(scriptInput("echo one\nexit 4\n"))).toBe("one\n\x044\nthe command\n");
	});

	it("does not run a script that was cut short", async () => {
		const whole = scriptInput("echo one\necho two");
		for (let length = 0; length < whole.length - 1; length++) {
			expect(await reader(whole.slice(0, length))).toBe("the command\n");
		}
	});

	it("keeps a script from reading what comes next, and from the command's arguments", async () => {
		expect(await reader(scriptInput("cat; echo $#"))).toBe("0\n\x040\nthe command\n");
	});

	it("survives a script that is no shell", async () => {
		expect(await reader(scriptInput("if then ("))).toBe("\x042\nthe command\n");
	});

	it("takes documents in scripts", async () => {
		expect(await reader(scriptInput("cat <<'IP' || exit 1\na $b\nIP\necho c"))).toBe("a $b\nc\n\x040\nthe command\n");
	});
});

describe("the other end", () => {
	/** A container whose output is what the test writes into `say`. */
	async function shell() {
		const stream = new PassThrough();
		stream.write = () => true;
		const script = await ScriptShell.attach({ attach: async () => stream } as unknown as Container);
		const say = (kind: 1 | 2, text: string) => {
			const head = Buffer.from([kind, 0, 0, 0, 0, 0, 0, Buffer.byteLength(text)]);
			stream.emit("data", Buffer.concat([head, Buffer.from(text)]));
		};
		return { script, say, stream };
	}

	it("puts an end line that comes in pieces together, and waits for both outputs", async () => {
		const { script, say } = await shell();
		const seen: string[] = [];
		const result = script.run({ script: "x", onStdout: (chunk) => seen.push(chunk.toString()) });
		for (const part of ["a\x04b", "\x04", "1", "2\n"]) say(1, part);
		say(2, "late\x0412\n");
		const { exitCode, stdout, stderr } = await result;
		expect([exitCode, String(stdout), String(stderr)]).toEqual([12, "a\x04b", "late"]);
		expect(seen.join("")).toBe("a\x04b");
	});

	it("fails when the container ends, and when its signal aborts", async () => {
		const { script, stream } = await shell();
		const controller = new AbortController();
		const first = script.run({ script: "x", signal: controller.signal });
		controller.abort(new Error("enough"));
		await expect(first).rejects.toMatchObject({ code: "aborted" });
		const second = script.run({ script: "x" });
		stream.emit("close");
		await expect(second).rejects.toThrow(/container ended/);
	});
});
