/** Finds, chooses and opens the engine a lab runs on; the only place where daemons and machines meet. */
import { setTimeout as sleep } from "node:timers/promises";
import { clashError, findClashes } from "../engine/address-clash.ts";
import { connectDocker } from "../engine/docker-engine.ts";
import type { FoundDaemon } from "../engine/docker-find.ts";
import type { Engine } from "../engine/engine.ts";
import { probeKernel } from "../engine/kernel-probe.ts";
import { cacheDirectory, stateDirectory } from "../machine/directories.ts";
import { ensureSnapshot } from "../machine/snapshot.ts";
import { listVms, startVm, stopVm, type VmHandle } from "../machine/vm.ts";
import type { KernelFeature } from "../model/kernel.ts";
import type { Plan } from "../model/plan.ts";
import type { SetupContext } from "../model/progress.ts";
import type { EngineChoice } from "../model/verdict.ts";
import { LABEL } from "../run/labels.ts";
import type { CliContext } from "./cli-context.ts";
import { type DaemonFindings, decideEngine } from "./decide-engine.ts";
import type { Flags } from "./flags.ts";
import { probeMemory } from "./probe-memory.ts";
import { provideImage, provideProgram } from "./provide.ts";

/** Restoring takes a second under emulation; a busy host gets this long, in ms. */
const RESTORE_PATIENCE_MS = 15_000;

export interface EngineSession {
	engine: Engine;
	choice: EngineChoice;
	/** The embedded machine, when that is where the daemon is. */
	vm?: VmHandle;
	ensureImage: (image: string) => Promise<string>;
	program: (name: string) => Promise<Buffer>;
	/** Lets go of the daemon; a machine goes on. */
	close: () => Promise<void>;
	/** Ends the machine, or lets go of the daemon. */
	discard: () => Promise<void>;
}

/** What an engine is wanted for. */
export interface EngineWish {
	lab: string;
	instance: string;
	requires: KernelFeature[];
	/** For address clashes; left out where nothing is planned. */
	plan?: Plan;
}

/** Opens the engine for a lab, as `--engine` says. Starts a machine when that is the choice. */
export async function openEngine(
	context: CliContext,
	flags: Flags,
	setup: SetupContext,
	wish: EngineWish,
): Promise<EngineSession> {
	const running = (await listVms(stateDirectory(context.env))).find((vm) => vm.alive && vm.name === wish.instance);
	if (running && flags.engine !== "docker")
		return openMachine(context, setup, running, `${wish.instance} has its machine already`);
	const asked = flags.engine ?? "auto";
	const daemon: FoundDaemon = asked === "vm" ? { tried: [] } : await context.findDaemon();
	const findings = asked === "vm" ? absent(daemon) : await examine(context, flags, setup, daemon, wish);
	let decision: ReturnType<typeof decideEngine>;
	try {
		decision = decideEngine(asked, wish.lab, findings, process.platform === "linux");
	} catch (error) {
		await daemon.found?.engine.close();
		throw error;
	}
	if (decision.kind === "docker" && daemon.found)
		return dockerSession(context, setup, daemon.found.engine, decision.reason);
	await daemon.found?.engine.close();
	const images = (wish.plan?.nodes ?? []).map((node) => node.image);
	const snapshot = await ensureSnapshot(setup, { extraImages: images.filter((name) => name !== "node") });
	const vm = await startVm(setup, snapshot, { name: wish.instance, stateDir: stateDirectory(context.env) });
	return openOwnMachine(context, setup, vm, decision.reason);
}

/**
 * A machine that this run has started and nobody else uses: it ends with whatever goes wrong, and at once when the run is
 * aborted. Taking its containers down first would take seconds.
 */
async function openOwnMachine(
	context: CliContext,
	setup: SetupContext,
	vm: VmHandle,
	reason: string,
): Promise<EngineSession> {
	let ended: Promise<void> | undefined;
	const end = () => {
		ended ??= stopVm(vm);
		return ended;
	};
	// Whoever discards the session hears of a failure.
	const onAbort = () => void end().catch(() => undefined);
	const { signal } = setup;
	signal.addEventListener("abort", onAbort, { once: true });
	if (signal.aborted) onAbort();
	try {
		const session = await openMachine(context, setup, vm, reason);
		const close = async () => {
			signal.removeEventListener("abort", onAbort);
			await session.close();
		};
		return { ...session, close, discard: () => close().then(end) };
	} catch (error) {
		await end();
		throw error;
	}
}

function absent(daemon: FoundDaemon): DaemonFindings {
	return { state: "absent", why: daemonsAsked(daemon) };
}

/** Which daemons were asked, and what else than silence came back. */
export function daemonsAsked({ tried }: Pick<FoundDaemon, "tried">): string {
	const asked = tried.map(({ name, error }) => (error.code === "no-daemon" ? name : `${name}: ${error.message}`));
	return asked.length > 0 ? `asked: ${asked.join(", ")}` : "none was asked";
}

/** What the user's daemon lacks for this lab. */
async function examine(
	context: CliContext,
	flags: Flags,
	setup: SetupContext,
	daemon: FoundDaemon,
	wish: EngineWish,
): Promise<DaemonFindings> {
	if (!daemon.found) return absent(daemon);
	const { engine, name } = daemon.found;
	const clashes = await planClashes(engine, wish);
	const missing = await missingFeatures(context, flags, setup, engine, wish.requires);
	return { state: "present", name, missing, clashes };
}

async function planClashes(engine: Engine, wish: EngineWish): Promise<string[]> {
	const planned = (wish.plan?.networks ?? []).flatMap(({ name, driver, subnet }) =>
		driver === "docker" && subnet ? [{ name, subnet }] : [],
	);
	const clashes = findClashes(planned, await engine.listNetworks(), { [LABEL.instance]: wish.instance });
	return clashes.length > 0 ? [clashError(clashes).message] : [];
}

async function missingFeatures(
	context: CliContext,
	flags: Flags,
	setup: SetupContext,
	engine: Engine,
	requires: KernelFeature[],
): Promise<string[]> {
	if (requires.length === 0) return [];
	const results = await probeKernel(engine, requires, {
		loadModules: flags.loadModules ?? false,
		image: () => provideImage({ engine, setup, root: context.root }, "node"),
		labels: { [LABEL.instance]: "probe", [LABEL.role]: "probe" },
		memory: probeMemory(cacheDirectory(context.env)),
	});
	return requires.filter((feature) => !results[feature]?.ok);
}

async function dockerSession(
	context: CliContext,
	setup: SetupContext,
	engine: Engine,
	reason: string,
): Promise<EngineSession> {
	const info = await engine.info();
	const provider = { engine, setup, root: context.root };
	return {
		engine,
		choice: { kind: "docker", kernel: info.kernel, daemon: info.daemon, reason },
		ensureImage: (image) => provideImage(provider, image),
		program: (name) => provideProgram(provider, name, "docker"),
		close: () => engine.close(),
		discard: () => engine.close(),
	};
}

/** Connects to a machine that runs. */
export async function openMachine(
	context: CliContext,
	setup: SetupContext,
	vm: VmHandle,
	reason: string,
): Promise<EngineSession> {
	const engine = await connectMachine(vm, setup.signal);
	const info = await engine.info();
	const provider = { engine, setup, root: context.root, offline: true };
	return {
		engine,
		vm,
		choice: { kind: "vm", kernel: info.kernel, daemon: info.daemon, reason },
		ensureImage: (image) => provideImage(provider, image),
		program: (name) => provideProgram(provider, name, "vm"),
		close: () => engine.close(),
		discard: async () => {
			await engine.close();
			await stopVm(vm);
		},
	};
}

/** A machine whose starter was killed, or is still at work, may be in the middle of being restored. */
async function connectMachine(vm: VmHandle, signal: AbortSignal): Promise<Engine> {
	const deadline = performance.now() + RESTORE_PATIENCE_MS;
	for (;;) {
		try {
			return await connectDocker({ socketPath: vm.socketPath });
		} catch (error) {
			if (performance.now() > deadline) throw error;
			await sleep(100, undefined, { signal });
		}
	}
}
