/**
 * KVM or emulation. /dev/kvm can be there and open and a stock guest still hangs on it silently (nested or exotic
 * hypervisors), so KVM is taken only where a guest kernel has printed its first line. The answer is remembered per boot.
 */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { signalWithDeadline } from "../model/deadline.ts";
import { LabError } from "../model/error.ts";
import type { SetupContext } from "../model/progress.ts";
import type { Architecture } from "./architecture.ts";
import { commandEnvironment } from "./command.ts";
import { readJson, writeAtomically } from "./instance.ts";
import { bootId } from "./process-identity.ts";
import { type Accelerator, type MachineSpec, probeArguments } from "./qemu-args.ts";

/** What was decided, and why in words for the user. */
export interface AcceleratorDecision {
	accel: Accelerator;
	reason: string;
}

/** What can be known without starting a guest. */
export interface KvmFacts {
	/** LAB_ACCEL. */
	forced: string | undefined;
	/** Whether one of the architecture's KVM modules is in /sys/module. */
	module: boolean;
	/** Whether this user may open /dev/kvm for reading and writing. */
	device: boolean;
}

/** A working KVM prints the first line after 0.3 s; this is the time it gets, in ms. */
export const PROBE_TIMEOUT_MS = 3000;

/** The first line of every Linux kernel. */
const FIRST_LINE = "Linux version";

/**
 * What follows from the facts alone: a decision, or "try" when only a guest can tell.
 * @throws LabError `input`/`accel-unknown`; `environment`/`kvm-unusable` when KVM is demanded and there is none
 */
export function decideFromFacts({ forced, module, device }: KvmFacts): AcceleratorDecision | "try" {
	if (forced !== undefined && forced !== "" && forced !== "kvm" && forced !== "tcg") {
		throw new LabError("input", `LAB_ACCEL is "${forced}".`, { code: "accel-unknown", hint: "It is kvm or tcg." });
	}
	if (forced === "tcg") return { accel: "tcg", reason: "LAB_ACCEL=tcg" };
	if (forced === "kvm") {
		if (device) return "try";
		throw kvmUnusable("/dev/kvm is missing or not open to this user");
	}
	if (!module) return { accel: "tcg", reason: "no kvm_intel or kvm_amd on this host" };
	if (!device) return { accel: "tcg", reason: "/dev/kvm is missing or not open to this user" };
	return "try";
}

/** The error for LAB_ACCEL=kvm where it does not work. */
function kvmUnusable(reason: string): LabError {
	return new LabError("environment", `LAB_ACCEL=kvm, but KVM does not work here: ${reason}.`, {
		code: "kvm-unusable",
		hint: "Unset LAB_ACCEL to let emulation be used.",
	});
}

export interface AcceleratorQuestion {
	architecture: Architecture;
	cacheDirectory: string;
	qemuVersion: string;
	/** Identifies the kernel before there is one: the hash of the machine image's source. */
	kernelHash: string;
	/** Lends a kernel to try. Called only when a guest must be started. */
	withKernel: (work: (kernel: string) => Promise<boolean>) => Promise<boolean>;
}

/**
 * Decides, from facts, from memory (same boot, QEMU and kernel), or by starting a guest.
 * @throws as `decideFromFacts`; the signal's reason when cancelled
 */
export async function decideAccelerator(
	context: SetupContext,
	question: AcceleratorQuestion,
): Promise<AcceleratorDecision> {
	const forced = context.env.LAB_ACCEL;
	const module = question.architecture.kvmModules.some((name) => existsSync(`/sys/module/${name}`));
	const device = await access("/dev/kvm", constants.R_OK | constants.W_OK).then(
		() => true,
		() => false,
	);
	const decided = decideFromFacts({ forced, module, device });
	if (decided !== "try") return decided;
	const file = join(question.cacheDirectory, "accelerator.json");
	const key = [bootId(), question.qemuVersion, question.kernelHash].join(" ");
	const memory = (await readJson(file)) as { key?: string; works?: boolean } | undefined;
	let works = memory?.key === key ? memory.works : undefined;
	if (works === undefined) {
		works = await question.withKernel((kernel) => probeKvm(context, question.architecture, kernel));
		await writeAtomically(file, { key, works });
	}
	if (works) return { accel: "kvm", reason: "a guest kernel starts under KVM" };
	const reason = `a guest kernel printed nothing within ${PROBE_TIMEOUT_MS / 1000} s under KVM`;
	if (forced === "kvm") throw kvmUnusable(reason);
	return { accel: "tcg", reason };
}

/** Starts a guest under KVM and tells whether its kernel printed its first line in time. */
export async function probeKvm(
	context: Pick<SetupContext, "signal" | "env">,
	architecture: Architecture,
	kernel: string,
	timeoutMs = PROBE_TIMEOUT_MS,
): Promise<boolean> {
	const spec: MachineSpec = { architecture, accelerator: "kvm", memoryMiB: 256, cpus: 1 };
	const qemu = spawn(architecture.qemu.command, probeArguments(spec, kernel), {
		env: commandEnvironment(context.env),
		stdio: ["ignore", "pipe", "ignore"],
	});
	const signal = signalWithDeadline(context.signal, timeoutMs);
	try {
		return await new Promise<boolean>((resolve) => {
			let text = "";
			qemu.stdout.setEncoding("latin1");
			qemu.stdout.on("data", (chunk: string) => {
				text += chunk;
				if (text.includes(FIRST_LINE)) resolve(true);
			});
			qemu.once("error", () => resolve(false));
			qemu.once("close", () => resolve(false));
			signal.addEventListener("abort", () => resolve(false), { once: true });
		});
	} finally {
		qemu.kill("SIGKILL");
		context.signal.throwIfAborted();
	}
}
