/** Making a snapshot: shared, cancelled, damaged; in a cache of its own that borrows the root filesystems. */

import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cacheDirectory } from "../../src/machine/directories.ts";
import { bootId } from "../../src/machine/process-identity.ts";
import { ensureSnapshot, snapshotStatus, sweep } from "../../src/machine/snapshot.ts";
import { SNAPSHOT_FILES } from "../../src/machine/snapshot-meta.ts";
import { type TestContext, temporaryDirectory, testContext } from "./context.ts";

const cache = temporaryDirectory();
const env = { LAB_CACHE: cache.path };
const snapshots = join(cache.path, "snapshots");

beforeAll(async () => {
	const { dir } = await ensureSnapshot(testContext());
	expect(existsSync(dir)).toBe(true);
	// The tars are the slow part and the same for every cache.
	const images = join(cacheDirectory(process.env), "images");
	mkdirSync(join(cache.path, "images"));
	for (const name of readdirSync(images).filter((file) => /^(node|vm)-.*\.tar$/.test(file))) {
		try {
			linkSync(join(images, name), join(cache.path, "images", name));
		} catch {
			await copyFile(join(images, name), join(cache.path, "images", name));
		}
	}
});
afterAll(() => cache.remove());

/** A context that is cancelled as soon as a phase begins. */
function cancelledAt(phase: string, environment: Record<string, string> = env): TestContext {
	const context = testContext(environment);
	const listen = context.listen;
	context.listen = (message) => {
		listen(message);
		if (message.kind === "begin" && message.phase === phase)
			setTimeout(() => context.abort(new Error("interrupted")), 500);
	};
	return context;
}

/** What a set-up leaves while it works: half-built snapshots, locks, machines being baked. */
function leftovers(): string[] {
	const list = (directory: string) => (existsSync(directory) ? readdirSync(directory) : []);
	return [...list(snapshots), ...list(join(cache.path, "run"))].filter((name) => !/^[0-9a-f]{16}$/.test(name));
}

/** Commands of running processes that mention a path in their arguments or environment. */
function processesAbout(path: string): string[] {
	return readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
		.filter((pid) => {
			try {
				return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(path);
			} catch {
				return false;
			}
		})
		.map((pid) => readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " "));
}

test.each(["vm-disk", "vm-boot"])("cancelled in %s, a set-up leaves nothing", async (phase) => {
	await expect(ensureSnapshot(cancelledAt(phase))).rejects.toThrow("interrupted");
	await expect.poll(() => processesAbout(cache.path), { timeout: 5000 }).toEqual([]);
	expect(leftovers()).toEqual([]);
});

test("cancelled while packages are unpacked, a set-up leaves nothing", async () => {
	const empty = temporaryDirectory();
	try {
		const context = testContext({ LAB_CACHE: empty.path });
		const listen = context.listen;
		context.listen = (message) => {
			listen(message);
			if (message.text?.includes("extracting archives")) context.abort(new Error("interrupted"));
		};
		await expect(ensureSnapshot(context)).rejects.toThrow("interrupted");
		await expect.poll(() => processesAbout(empty.path), { timeout: 5000 }).toEqual([]);
		expect(readdirSync(join(empty.path, "images"))).toEqual([]);
		expect(readdirSync(join(empty.path, "snapshots"))).toEqual([]);
		expect(readdirSync("/var/tmp").filter((name) => ownedByUs(join("/var/tmp", name, "owner.json")))).toEqual([]);
	} finally {
		await empty.remove();
	}
});

function ownedByUs(path: string): boolean {
	return existsSync(path) && JSON.parse(readFileSync(path, "utf8")).pid === process.pid;
}

test("two that come at once share one set-up", async () => {
	const contexts = [testContext(env), testContext(env)];
	const made = await Promise.all(contexts.map((context) => ensureSnapshot(context)));
	expect(made[0]?.hash).toBe(made[1]?.hash);
	const boots = contexts.flatMap(({ messages }) => messages.filter((m) => m.kind === "begin" && m.phase === "vm-boot"));
	expect(boots).toHaveLength(1);
	expect(contexts.flatMap((context) => context.texts()).join("\n")).toContain(
		"is setting the machine up; waiting for it",
	);
	expect(leftovers()).toEqual([]);
	expect(await snapshotStatus(testContext(env))).toMatchObject({ ready: true });
});

test("a later start makes nothing again", async () => {
	const context = testContext(env);
	await ensureSnapshot(context);
	expect(context.messages).toEqual([]);
});

test("a changed file is noticed and the snapshot is made again, with a message", async () => {
	const [hash = ""] = readdirSync(snapshots);
	const state = join(snapshots, hash, SNAPSHOT_FILES.state);
	const bytes = readFileSync(state);
	bytes[1000] = (bytes[1000] ?? 0) ^ 0xff;
	writeFileSync(state, bytes);
	const context = cancelledAt("vm-boot");
	await expect(ensureSnapshot(context)).rejects.toThrow("interrupted");
	expect(context.texts()).toContain("the snapshot is made again: state.bin was changed after it was made");
	expect(await snapshotStatus(testContext(env))).toMatchObject({ ready: false });
});

test("what a killed set-up left is swept, a living one's is not", async () => {
	const plant = (name: string, owner: object) => {
		mkdirSync(join(snapshots, name));
		writeFileSync(join(snapshots, name, "owner.json"), JSON.stringify(owner));
	};
	plant(".building-dead", { pid: 1, startTicks: -1, bootId: bootId() });
	plant(".building-old", { pid: 1, startTicks: 1, bootId: "an earlier boot" });
	mkdirSync(join(snapshots, ".building-new"));
	const removed = await sweep(testContext(env), { cacheDir: cache.path });
	expect(removed.sort()).toEqual([join(snapshots, ".building-dead"), join(snapshots, ".building-old")]);
	expect(readdirSync(snapshots)).toContain(".building-new");
});

test("demanded KVM either works or is refused within three seconds of trying", async () => {
	const context = testContext({ ...env, LAB_ACCEL: "kvm" });
	const started = performance.now();
	const status = await snapshotStatus(context).catch((error: unknown) => error);
	if (status instanceof Error) expect(status).toMatchObject({ kind: "environment", code: "kvm-unusable" });
	else expect(status).toHaveProperty("decision.accel", "kvm");
	// The kernel is unpacked first, which takes 1 s.
	expect(performance.now() - started).toBeLessThan(8000);
});
