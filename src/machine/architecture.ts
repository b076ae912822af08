/**
 * Everything about the embedded machine that depends on the processor, in one table.
 * A second entry (arm64: machine `virt`, console ttyAMA0, `-cpu max`) is added here and nowhere else.
 */

import { LabError } from "../model/error.ts";

/** One row of the table. */
export interface Architecture {
	/** Name in `process.arch`. */
	node: string;
	/** Name in Debian's archive. */
	debian: string;
	/** Debian package of the guest's kernel. */
	kernelPackage: string;
	/** The emulator: command and the Debian package that has it. */
	qemu: { command: string; package: string };
	/** Value of `-machine`, without properties. */
	machine: string;
	/** Serial device the kernel prints on. The control program talks on the second port (/dev/ttyS1). */
	console: string;
	/**
	 * CPU model under emulation. Each switched-off feature costs user space time under TCG (vm.md section 2:
	 * 4.8 -> 4.4 s to a ready daemon) and protects nothing inside a machine without a network.
	 *
	 * avx2=off: dockerd's SHA-256 is slower with emulated AVX2 than without (import of the node image 13.4 -> 10.9 s).
	 *
	 * cx16=off is not for speed: QEMU before 8.0 computes the flags of CMPXCHG16B from a stale state, and an interrupt
	 * right after it loads them into the processor (trap flag, IOPL, ...). The kernel's allocator uses that instruction,
	 * so on a busy host every second boot crashed at a random place; without it none did.
	 */
	emulatedCpu: string;
	/** Host modules without one of which /dev/kvm is not the KVM a stock guest can run on. */
	kvmModules: readonly string[];
	/** Kernel parameters only this architecture knows. */
	kernelParameters: readonly string[];
}

const TABLE: readonly Architecture[] = [
	{
		node: "x64",
		debian: "amd64",
		kernelPackage: "linux-image-cloud-amd64",
		qemu: { command: "qemu-system-x86_64", package: "qemu-system-x86" },
		machine: "pc",
		console: "ttyS0",
		emulatedCpu: "max,avx2=off,cx16=off,la57=off,smap=off,smep=off,pku=off",
		kvmModules: ["kvm_intel", "kvm_amd"],
		kernelParameters: ["no_timer_check", "tsc=reliable"],
	},
];

/**
 * The row of this machine's processor.
 * @param node value of `process.arch`
 * @throws LabError `environment`/`architecture-unsupported`
 */
export function architectureOf(node: string = process.arch): Architecture {
	const found = TABLE.find((row) => row.node === node);
	if (found) return found;
	throw new LabError("environment", `The embedded machine does not run on this processor (${node}).`, {
		code: "architecture-unsupported",
		hint: `It knows ${TABLE.map((row) => row.node).join(", ")}. Use a Docker daemon instead: --engine docker.`,
	});
}
