import { existsSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryDirectory } from "../../test/machine/context.ts";
import { connectWhenThere, Qmp, restoreState, saveState } from "./qmp.ts";

let directory: ReturnType<typeof temporaryDirectory>;
let path: string;
let server: net.Server;
let commands: { execute: string; arguments: Record<string, unknown> }[];

/** A monitor that answers with what `answer` says, and sprinkles events in between as QEMU does. */
function serve(answer: (execute: string) => object) {
	commands = [];
	server = net.createServer((socket) => {
		socket.on("error", () => undefined);
		socket.write('{"QMP": {"version": {}, "capabilities": []}}\r\n');
		socket.on("data", (data) => {
			for (const line of data.toString().trim().split("\n")) {
				const command = JSON.parse(line);
				commands.push(command);
				socket.write(`{"event": "STOP", "timestamp": {}}\r\n${JSON.stringify(answer(command.execute))}\r\n`);
			}
		});
	});
	return new Promise<void>((resolve) => server.listen(path, resolve));
}

beforeEach(() => {
	directory = temporaryDirectory();
	path = join(directory.path, "q");
});
afterEach(async () => {
	server?.close();
	await directory.remove();
});

test("saving leaves RAM in its file and ends QEMU", async () => {
	const asked = ["active", "completed"];
	await serve((execute) => ({ return: execute === "query-migrate" ? { status: asked.shift() } : {} }));
	await saveState(await Qmp.connect(path), "/a 'b/state");
	expect(commands.map(({ execute }) => execute)).toEqual([
		...["qmp_capabilities", "stop", "migrate-set-capabilities", "migrate", "query-migrate", "query-migrate", "quit"],
	]);
	expect(commands[2]?.arguments.capabilities).toEqual([{ capability: "x-ignore-shared", state: true }]);
	expect(commands[3]?.arguments.uri).toBe("exec:cat > '/a '\\''b/state'");
});

test("a failed save is an error", async () => {
	await serve((execute) => ({ return: execute === "query-migrate" ? { status: "failed" } : {} }));
	await expect(saveState(await Qmp.connect(path), "/s")).rejects.toMatchObject({ code: "snapshot-failed" });
});

test("restoring waits for the state before the machine runs", async () => {
	const asked = ["inmigrate", "inmigrate", "paused"];
	await serve((execute) => ({ return: execute === "query-status" ? { status: asked.shift() } : {} }));
	await restoreState(await Qmp.connect(path), "/s");
	expect(commands.at(-1)?.execute).toBe("cont");
	expect(asked).toEqual([]);
});

test("QEMU's refusal is shown with the command", async () => {
	await serve((execute) => (execute === "stop" ? { error: { class: "GenericError", desc: "no" } } : { return: {} }));
	const qmp = await Qmp.connect(path);
	await expect(qmp.run("stop")).rejects.toThrow("QEMU refused stop: no");
	qmp.close();
});

test("a socket that appears later is found, one that never does is an error", async () => {
	const connecting = connectWhenThere(path, 1000);
	setTimeout(() => void serve(() => ({})), 50);
	(await connecting).destroy();
	expect(existsSync(path)).toBe(true);
	await expect(connectWhenThere(join(directory.path, "none"), 20)).rejects.toMatchObject({ code: "qemu-silent" });
});
