/** The embedded machine: how fast it is there, what a lab in it takes, and how much memory it holds. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectDocker } from "../src/engine/docker-engine.ts";
import { cacheDirectory, stateDirectory } from "../src/machine/directories.ts";
import { launch } from "../src/machine/launch.ts";
import { qemuArguments } from "../src/machine/qemu-args.ts";
import { ensureSnapshot, type Snapshot } from "../src/machine/snapshot.ts";
import { machineFiles } from "../src/machine/snapshot-meta.ts";
import { startVm, stopVm, type VmHandle } from "../src/machine/vm.ts";
import type { SetupContext } from "../src/model/progress.ts";
import { type Bench, labEnvironment, temporaryFolder, timedLab } from "./bench.ts";
import type { Figure, Part } from "./report.ts";

const NAME = "bench-vm";
/** After the first exec the guest still writes a little; then it is idle. */
const SETTLE_MS = 3000;
const MB = 1000 * 1000;

interface Memory {
	rss: number;
	pss: number;
	/** Pages of its own that no other machine from the same snapshot can share. */
	own: number;
	supervisor: number;
}

export async function benchVm(bench: Bench): Promise<Part> {
	const { cleanup, say } = bench;
	const rounds = Math.max(3, bench.rounds);
	const folder = await temporaryFolder(cleanup);
	const env = labEnvironment(folder, { LAB_ENGINE: "vm" });
	const context: SetupContext = {
		env,
		signal: cleanup.signal,
		confirm: async () => true,
		listen: (message) => message.kind === "begin" && say(`vm: ${message.text}`),
	};
	say("vm: making sure of the snapshot");
	const snapshot = await ensureSnapshot(context);
	cleanup.add(() => stopAny(context));
	const quiet: SetupContext = { ...context, listen: () => undefined };
	const column = { version: [] as number[], exec: [] as number[], up: [] as number[], restore: [] as number[] };
	const phase = { engine: [] as number[], up: [] as number[], down: [] as number[] };
	const memory: Memory[] = [];
	for (let round = 0; round <= rounds; round++) {
		const first = await restoreAndExec(quiet, snapshot);
		const up = await timedLab(bench, env, ["up", "ipvs-nat", "-n", NAME, "--engine", "vm"]);
		const down = await timedLab(bench, env, ["down", NAME]);
		// The first round warms up: the page cache, the built program.
		if (round === 0) continue;
		column.version.push(first.version);
		column.exec.push(first.exec);
		column.up.push(up.seconds);
		phase.engine.push(up.phases.engine ?? Number.NaN);
		phase.up.push(up.phases.up ?? Number.NaN);
		phase.down.push(down.seconds);
		memory.push(first.memory);
		say(
			`vm: round ${round} of ${rounds}, s: version ${first.version.toFixed(2)}, exec ${first.exec.toFixed(2)}, lab up ${up.seconds.toFixed(2)}, down ${down.seconds.toFixed(2)}`,
		);
	}
	const boots: number[] = [];
	for (let round = 0; round < 3; round++) {
		try {
			boots.push(await coldBoot(quiet, snapshot, folder));
			say(`vm: cold boot ${boots.at(-1)?.toFixed(2)} s`);
		} catch (error) {
			cleanup.signal.throwIfAborted();
			say(`vm: a cold boot that is not counted: ${String(error).split("\n")[0]}`);
		}
	}
	const seconds = (name: string, values: number[], rest: Partial<Figure> = {}): Figure => ({
		name,
		unit: "s",
		values,
		...rest,
	});
	const megabytes = (name: string, pick: (entry: Memory) => number, rest: Partial<Figure> = {}): Figure => ({
		...{ name, unit: "MB", values: memory.map(pick) },
		...rest,
	});
	return {
		name: "vm",
		facts: [
			`The embedded machine: ${snapshot.accel}, guest Linux ${snapshot.kernel}, Docker ${snapshot.daemon.version}, ${snapshot.qemuVersion}, ${snapshot.memoryMiB} MiB, ${snapshot.cpus} CPUs.`,
		],
		figures: [
			seconds("restore to /version", column.version, { target: 1 }),
			seconds("restore to the end of the first exec", column.exec),
			seconds("lab up ipvs-nat, nothing running", column.up, { target: 5 }),
			seconds("  of it, phase engine", phase.engine),
			seconds("  of it, phase up", phase.up),
			seconds("lab down ipvs-nat", phase.down),
			...(boots.length > 0 ? [seconds("cold boot to /version", boots, { target: 8 })] : []),
			megabytes("RSS of an idle machine", (entry) => entry.rss, { target: 250 }),
			megabytes("PSS of an idle machine", (entry) => entry.pss),
			megabytes("  of it, its own pages", (entry) => entry.own),
			megabytes("RSS of its supervisor", (entry) => entry.supervisor),
		],
	};
}

/** Times count from the call to the answer. Leaves nothing running. */
async function restoreAndExec(context: SetupContext, snapshot: Snapshot) {
	const started = performance.now();
	const since = () => (performance.now() - started) / 1000;
	const vm = await startVm(context, snapshot, { name: NAME });
	try {
		const version = since();
		const engine = await connectDocker({ socketPath: vm.socketPath });
		const { exitCode } = await engine.exec("lab-fabric", { command: ["true"] });
		const exec = since();
		await engine.close();
		if (exitCode !== 0) throw new Error(`the first exec ended with ${exitCode}`);
		await sleep(SETTLE_MS, undefined, { signal: context.signal });
		return { version, exec, memory: await memoryOf(vm) };
	} finally {
		await stopVm(vm);
	}
}

/** Boots the snapshot's disk (written blocks are thrown away) with fresh RAM. */
async function coldBoot(context: SetupContext, snapshot: Snapshot, folder: string): Promise<number> {
	const ram = join(folder, "ram.img");
	const directory = join(stateDirectory(context.env), NAME);
	const files = { ...machineFiles(snapshot.dir), ram };
	const args = qemuArguments(snapshot.spec, files, "bake").map((arg) => arg.replace(/snapshot=off$/, "snapshot=on"));
	const { hash, accel, kernel, qemuVersion, memoryMiB } = snapshot;
	const started = performance.now();
	const running = await launch(context, {
		...{ directory, name: NAME, snapshot: hash, accel, kernel, qemuVersion, memoryMiB, args },
		command: snapshot.spec.architecture.qemu.command,
		temporary: cacheDirectory(context.env),
		idleMs: 60_000,
		readyMs: 120_000,
	});
	const seconds = (performance.now() - started) / 1000;
	await stopVm({ dir: directory });
	await running.ended;
	running.forget();
	await rm(ram, { force: true });
	return seconds;
}

async function stopAny(context: SetupContext): Promise<void> {
	await stopVm({ dir: join(stateDirectory(context.env), NAME) });
}

async function memoryOf(vm: VmHandle): Promise<Memory> {
	const qemu = await readFile(`/proc/${vm.qemuPid}/smaps_rollup`, "utf8");
	const supervisor = await readFile(`/proc/${vm.pid}/smaps_rollup`, "utf8");
	return {
		rss: kilobytes(qemu, "Rss"),
		pss: kilobytes(qemu, "Pss"),
		own: kilobytes(qemu, "Private_Dirty") + kilobytes(qemu, "Private_Clean"),
		supervisor: kilobytes(supervisor, "Rss"),
	};
}

/** In MB. */
function kilobytes(text: string, name: string): number {
	return (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? Number.NaN) * 1024) / MB;
}
