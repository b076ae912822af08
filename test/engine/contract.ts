/** What every engine promises; run on the fake always and on real daemons where there are any. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ContainerSpec, Engine, ExecResult } from "../../src/engine/engine.ts";

export interface ContractSubject {
	engine: Engine;
	/** A root file system that can be imported. */
	tarFile: string;
}

const LABELS = { "lblab.test": "contract" };
export const TEST_IMAGE = "lblab-test/tiny:1";

/** A container that only waits. */
export function waiting(name: string, rest: Partial<ContainerSpec> = {}): ContainerSpec {
	return {
		name,
		image: TEST_IMAGE,
		hostname: "node1",
		command: ["/bin/sleep", "1000"],
		labels: LABELS,
		capabilities: ["NET_ADMIN"],
		privileged: false,
		attachments: [],
		...rest,
	};
}

export function engineContract(name: string, make: () => Promise<ContractSubject>): void {
	describe(`engine contract: ${name}`, () => {
		let engine: Engine;
		let tarFile: string;

		beforeAll(async () => {
			({ engine, tarFile } = await make());
			if (!(await engine.hasImage(TEST_IMAGE))) await engine.importImage(TEST_IMAGE, tarFile);
		}, 120_000);

		afterEach(async () => {
			for (const { id } of await engine.listContainers(LABELS)) await engine.removeContainer(id);
			for (const { id } of await engine.listNetworks(LABELS)) await engine.removeNetwork(id);
		});

		afterAll(() => engine.close());

		async function running(name = "lblab-c1", rest: Partial<ContainerSpec> = {}): Promise<string> {
			const id = await engine.createContainer(waiting(name, rest));
			await engine.startContainer(id);
			return id;
		}

		it("tells about the daemon", async () => {
			const info = await engine.info();
			expect(info.daemon).toMatch(/^\d+\./);
			expect(info.api).toMatch(/^1\.\d+$/);
			expect(info.id).not.toBe("");
			expect(info.boot).not.toBe("");
			expect(info.kernel).toMatch(/^\d+\.\d+/);
		});

		it("imports, lists and removes images; removing a missing one succeeds", async () => {
			await engine.importImage("lblab-test/other:1", tarFile);
			expect(await engine.hasImage("lblab-test/other:1")).toBe(true);
			const tags = (await engine.listImages("lblab-test/")).map(({ tag }) => tag);
			expect(tags).toEqual(expect.arrayContaining([TEST_IMAGE, "lblab-test/other:1"]));
			await engine.removeImage("lblab-test/other:1");
			await engine.removeImage("lblab-test/other:1");
			expect(await engine.hasImage("lblab-test/other:1")).toBe(false);
			expect(await engine.hasImage(TEST_IMAGE)).toBe(true);
		});

		it("takes a container through its life, by id and by name", async () => {
			const id = await engine.createContainer(waiting("lblab-c1"));
			expect(await engine.inspectContainer(id)).toMatchObject({ name: "lblab-c1", state: "created", pid: 0 });
			await engine.startContainer(id);
			await engine.startContainer("lblab-c1");
			const info = await engine.inspectContainer("lblab-c1");
			expect(info).toMatchObject({ id, state: "running", labels: LABELS, image: TEST_IMAGE });
			expect(info.pid).toBeGreaterThan(0);
			expect((await engine.listContainers(LABELS)).map((entry) => entry.id)).toEqual([id]);
			expect(await engine.listContainers({ ...LABELS, more: "x" })).toEqual([]);
			await engine.removeContainer(id);
			await engine.removeContainer(id);
			await expect(engine.inspectContainer(id)).rejects.toMatchObject({ kind: "broken", code: "no-such-container" });
		});

		it("refuses a name that is taken", async () => {
			await engine.createContainer(waiting("lblab-c1"));
			await expect(engine.createContainer(waiting("lblab-c1"))).rejects.toMatchObject({
				kind: "broken",
				code: "name-taken",
				message: expect.stringContaining("lblab-c1"),
			});
		});

		it("names the image, the container and the state that are not right", async () => {
			const missing = waiting("lblab-c1", { image: "lblab-test/none:1" });
			await expect(engine.createContainer(missing)).rejects.toMatchObject({ code: "no-such-image" });
			await expect(engine.startContainer("lblab-none")).rejects.toMatchObject({ code: "no-such-container" });
			await expect(engine.exec("lblab-none", { command: ["true"] })).rejects.toMatchObject({
				code: "no-such-container",
			});
			const id = await engine.createContainer(waiting("lblab-c2"));
			await expect(engine.exec(id, { command: ["true"] })).rejects.toMatchObject({ code: "not-running" });
			await expect(engine.copyOut(id, "/none")).rejects.toMatchObject({ code: "no-such-file" });
		});

		it("gives containers the addresses asked for on Docker networks", async () => {
			const spec = (name: string, third: number) => ({
				name,
				subnet: `10.111.${third}.0/24`,
				gateway: `10.111.${third}.254`,
				labels: LABELS,
			});
			const [net1, net2] = [
				await engine.createNetwork(spec("lblab-n1", 1)),
				await engine.createNetwork(spec("lblab-n2", 2)),
			];
			const networks = await engine.listNetworks(LABELS);
			expect(networks.map(({ name, subnets }) => ({ name, subnets }))).toEqual(
				expect.arrayContaining([
					{ name: "lblab-n1", subnets: ["10.111.1.0/24"] },
					{ name: "lblab-n2", subnets: ["10.111.2.0/24"] },
				]),
			);
			const attachments = [
				{ network: "lblab-n2", address: "10.111.2.3", mac: "02:42:0a:6f:02:33" },
				{ network: "lblab-n1", address: "10.111.1.3" },
			];
			const id = await running("lblab-c1", { attachments });
			const { endpoints } = await engine.inspectContainer(id);
			expect(endpoints["lblab-n1"]).toMatchObject({
				address: "10.111.1.3",
				mac: expect.stringMatching(/^[0-9a-f:]{17}$/),
			});
			expect(endpoints["lblab-n2"]).toEqual({ address: "10.111.2.3", mac: "02:42:0a:6f:02:33" });
			await engine.removeContainer(id);
			for (const net of [net1, net2, net2]) await engine.removeNetwork(net);
			expect(await engine.listNetworks(LABELS)).toEqual([]);
		});

		it("keeps output streams and the exit code of a command apart", async () => {
			const id = await running();
			const chunks: string[] = [];
			const result = await engine.exec(id, {
				command: ["sh", "-c", "echo out; echo err >&2; exit 7"],
				onStdout: (chunk) => chunks.push(`1${chunk}`),
				onStderr: (chunk) => chunks.push(`2${chunk}`),
			});
			expect(result).toEqual({ exitCode: 7, stdout: Buffer.from("out\n"), stderr: Buffer.from("err\n") });
			expect(chunks.sort()).toEqual(["1out\n", "2err\n"]);
		});

		it("feeds standard input and closes it, binary safe", async () => {
			const id = await running();
			const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff));
			const result = await engine.exec(id, { command: ["cat"], stdin: bytes });
			expect(result.exitCode).toBe(0);
			expect(result.stdout.equals(bytes)).toBe(true);
			expect((await engine.exec(id, { command: ["cat"], stdin: "" })).stdout.length).toBe(0);
		});

		it("passes environment variables", async () => {
			const id = await running();
			const result = await engine.exec(id, {
				command: ["sh", "-c", "echo $GREETING"],
				environment: { GREETING: "a b" },
			});
			expect(result.stdout.toString()).toBe("a b\n");
		});

		it("ends a command when its signal aborts", async () => {
			const id = await running();
			const before = AbortSignal.abort();
			await expect(engine.exec(id, { command: ["true"], signal: before })).rejects.toMatchObject({ code: "aborted" });
			const controller = new AbortController();
			const call = engine.exec(id, { command: ["sleep", "60"], signal: controller.signal });
			setTimeout(() => controller.abort(), 100);
			await expect(call).rejects.toMatchObject({ kind: "interrupted", code: "aborted" });
		});

		it("copies files into created and running containers and out again", async () => {
			const id = await engine.createContainer(waiting("lblab-c1"));
			const binary = Buffer.from([0, 255, 10, 13, 0]);
			await engine.copyIn(id, [{ path: "/opt/deep/er/file.bin", content: binary, mode: 0o600 }]);
			expect((await engine.copyOut(id, "/opt/deep/er/file.bin")).equals(binary)).toBe(true);
			await engine.startContainer(id);
			const long = `/opt/${"long-name-".repeat(9)}/${"x".repeat(90)}`;
			await engine.copyIn(id, [
				{ path: long, content: Buffer.from("long"), mode: 0o644 },
				{ path: "/etc/hosts", content: Buffer.from("127.0.0.1 localhost\n"), mode: 0o644 },
			]);
			expect((await engine.copyOut(id, long)).toString()).toBe("long");
			expect((await engine.copyOut(id, "/etc/hosts")).toString()).toBe("127.0.0.1 localhost\n");
		});

		it("runs a command on a terminal", async () => {
			const id = await running();
			const input = new PassThrough();
			const output = new PassThrough();
			let text = "";
			output.on("data", (chunk) => {
				text += chunk;
			});
			const size = () => ({ columns: 77, rows: 33 });
			const call = engine.terminal(id, { command: ["sh"], input, output, size, onResize: () => () => undefined });
			setTimeout(() => input.write("sleep 0.2; stty size; exit 5\r"), 200);
			expect(await call).toBe(5);
			expect(text).toContain("33 77");
		});

		it("runs scripts one after another in a container made for them", async () => {
			const id = await running("lblab-c1", { scripted: true });
			const seen: string[] = [];
			const onStdout = (chunk: Buffer) => void seen.push(String(chunk));
			const texts = (result: ExecResult) => [result.exitCode, String(result.stdout), String(result.stderr)];
			const first = await engine.runScript(id, { script: "echo out; echo err >&2; exit 7", onStdout });
			expect([...texts(first), seen.join("")]).toEqual([7, "out\n", "err\n", "out\n"]);
			expect(texts(await engine.runScript(id, { script: "pwd", last: true }))).toEqual([0, "/\n", ""]);
			await expect(engine.runScript(id, { script: "true" })).rejects.toThrow("takes no scripts");
			expect((await engine.inspectContainer(id)).state).toBe("running");
			await expect(engine.runScript(await running("lblab-c2"), { script: "true" })).rejects.toThrow("takes no scripts");
		});

		it("shows what the first process said", async () => {
			const command = ["sh", "-c", "echo one; echo two; echo three >&2; exec sleep 1000"];
			const id = await running("lblab-c1", { command });
			// The order of the two streams among each other is not known.
			const lines = async () => (await engine.logs(id)).split("\n").sort();
			await expect.poll(lines, { timeout: 5000 }).toEqual(["", "one", "three", "two"]);
			expect((await engine.logs(id, 1)).trim()).toMatch(/^(two|three)$/);
		});

		it("says what file of an import is missing", async () => {
			const dir = await mkdtemp(join(tmpdir(), "lab-contract-"));
			await writeFile(join(dir, "bad.tar"), "");
			await expect(engine.importImage("lblab-test/bad:1", join(dir, "none.tar"))).rejects.toThrow(/none\.tar/);
			await rm(dir, { recursive: true });
		});
	});
}
