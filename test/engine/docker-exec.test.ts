/** Commands and files in containers of the daemon that LAB_TEST_DOCKER_HOST names, beyond what the contract asks of the fake. */
import { describe, expect, it } from "vitest";
import { daemonHost, useDaemon } from "./real-daemon.ts";

describe.skipIf(!daemonHost)("exec and files on a real daemon", () => {
	const { node, sh, engine } = useDaemon("exec");

	it("tells what program is missing, with its exit code", async () => {
		const id = await node("lblab-t1");
		const result = await engine().exec(id, { command: ["no-such-program"] });
		expect([126, 127]).toContain(result.exitCode);
		expect(`${result.stdout}${result.stderr}`).toContain("no-such-program");
	});

	it("does not fail when a command leaves its input unread", async () => {
		const id = await node("lblab-t1");
		const stdin = Buffer.alloc(4_000_000, "x");
		for (let round = 0; round < 10; round++) {
			const { exitCode, stdout } = await engine().exec(id, { command: ["head", "-c", "5"], stdin });
			expect([exitCode, stdout.toString()]).toEqual([0, "xxxxx"]);
		}
	});

	it("ends with its command, though something keeps running behind it", async () => {
		const id = await node("lblab-t1");
		const before = Date.now();
		expect(await sh(id, "sleep 30 >/dev/null 2>&1 & echo started")).toBe("started");
		expect(Date.now() - before).toBeLessThan(5000);
	});

	it("carries megabytes in either direction and many commands at once", async () => {
		const id = await node("lblab-t1");
		const stdin = Buffer.alloc(20_000_000, "0123456789abcdef");
		const { stdout } = await engine().exec(id, { command: ["cat"], stdin });
		expect(stdout.equals(stdin)).toBe(true);
		const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => sh(id, `echo ${index}`)));
		expect(answers).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
	});

	it("leaves no process of an aborted command", async () => {
		const id = await node("lblab-t1");
		const controller = new AbortController();
		const command = ["sh", "-c", "sleep 777 & sleep 777"];
		const call = engine().exec(id, { command, signal: controller.signal });
		setTimeout(() => controller.abort(), 300);
		await expect(call).rejects.toMatchObject({ code: "aborted" });
		expect(await sh(id, "ps -o args | grep -c '[s]leep 777'; true")).toBe("0");
	});

	it("makes missing folders of copied files readable to all and leaves others as they are", async () => {
		const id = await node("lblab-t1");
		await sh(id, "chmod 1777 /tmp");
		const content = Buffer.from("x");
		await engine().copyIn(id, [
			{ path: "/tmp/new/er/file", content, mode: 0o755 },
			{ path: "/run/lab/x", content, mode: 0o644 },
		]);
		const script = "stat -c '%a %u' /tmp /tmp/new /tmp/new/er /tmp/new/er/file";
		expect(await sh(id, script)).toBe("1777 0\n755 0\n755 0\n755 0");
		await sh(id, "ln -s ../new/er/file /tmp/new/link");
		await sh(id, "ln -s /tmp/new/er/file /tmp/abs");
		expect((await engine().copyOut(id, "/tmp/abs")).toString()).toBe("x");
		await expect(engine().copyOut(id, "/tmp")).rejects.toThrow(/not a file/);
	});
});
