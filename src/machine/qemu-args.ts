/** QEMU's command line. A snapshot can only be restored with the arguments it was taken with, so there is one builder. */

import type { Architecture } from "./architecture.ts";

/** How guest code runs: on the processor (KVM) or translated (TCG). */
export type Accelerator = "kvm" | "tcg";

/** The machine, independent of where its files are. */
export interface MachineSpec {
	architecture: Architecture;
	accelerator: Accelerator;
	memoryMiB: number;
	cpus: number;
}

/** Files of a snapshot, absolute paths. */
export interface MachineFiles {
	kernel: string;
	initrd: string;
	disk: string;
	ram: string;
}

/** Names of the sockets and files QEMU makes in its working directory, the instance's (short: a path has 107 bytes). */
export const INSTANCE_FILES = {
	console: "console.log",
	control: "control.sock",
	qmp: "qmp.sock",
} as const;

/**
 * The API's way in: QEMU listens here, inside the supervisor's own network namespace, and carries each connection to
 * the daemon's socket on eth0. Link-local addresses, so that no lab's addresses meet them inside the guest.
 */
export const API_FORWARD = {
	host: "127.0.0.1",
	port: 2375,
	guest: "169.254.254.15",
	network: "169.254.254.0/24",
} as const;

/**
 * Kernel parameters, for speed under emulation (vm.md section 2, measured as a set) and for silence on the console.
 * The guest runs our own software without a network: mitigations and address randomisation protect nothing there.
 */
const KERNEL_PARAMETERS: readonly string[] = [
	...["mitigations=off", "nokaslr", "audit=0", "apparmor=0", "selinux=0", "random.trust_cpu=on"],
	...["rcupdate.rcu_expedited=1", "cryptomgr.notests", "nowatchdog", "nmi_watchdog=0", "panic=-1", "loglevel=4"],
];

/** QEMU reads a comma as the end of a value; two of them stand for one. */
function escapeValue(path: string): string {
	return path.replaceAll(",", ",,");
}

/** `-accel` and `-cpu`. */
function processorArguments({ architecture, accelerator, cpus }: MachineSpec): string[] {
	const processor =
		accelerator === "kvm"
			? ["-accel", "kvm", "-cpu", "host"]
			: // tb-size: 512 MiB of translated code is the size that stopped re-translation (4.5 -> 4.4 s to a ready daemon).
				["-accel", "tcg,thread=multi,tb-size=512", "-cpu", architecture.emulatedCpu];
	return [...processor, "-smp", String(cpus)];
}

/** `-append`. `earlyprintk` shows the kernel's first line as soon as there is one: the proof that KVM works. */
export function kernelCommandLine(architecture: Architecture, extra: readonly string[] = []): string {
	return [`console=${architecture.console}`, ...KERNEL_PARAMETERS, ...architecture.kernelParameters, ...extra].join(
		" ",
	);
}

/**
 * The arguments that build a machine with a lab's worth of devices.
 * @param purpose `bake`: boots the disk, writes to it and to the RAM file. `restore`: waits for the saved state, sees
 *   private copies of both, so that any number of machines can run from one snapshot
 */
export function qemuArguments(spec: MachineSpec, files: MachineFiles, purpose: "bake" | "restore"): string[] {
	const restore = purpose === "restore";
	const { network, guest, host, port } = API_FORWARD;
	return [
		...["-machine", `${spec.architecture.machine},memory-backend=ram`],
		...processorArguments(spec),
		...["-m", `${spec.memoryMiB}M`],
		"-object",
		`memory-backend-file,id=ram,size=${spec.memoryMiB}M,mem-path=${escapeValue(files.ram)},share=${restore ? "off" : "on"}`,
		...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
		...["-kernel", files.kernel, "-initrd", files.initrd, "-append", kernelCommandLine(spec.architecture)],
		"-drive",
		`file=${escapeValue(files.disk)},if=none,id=disk,format=raw,cache=unsafe,snapshot=${restore ? "on" : "off"}`,
		...["-device", "virtio-blk-pci,drive=disk"],
		"-netdev",
		`user,id=api,restrict=on,ipv6=off,net=${network},hostfwd=tcp:${host}:${port}-${guest}:2375`,
		...["-device", "virtio-net-pci,netdev=api,romfile="],
		...["-chardev", `file,id=console,path=${INSTANCE_FILES.console}`, "-serial", "chardev:console"],
		...[
			"-chardev",
			`socket,id=control,path=${INSTANCE_FILES.control},server=on,wait=off`,
			"-serial",
			"chardev:control",
		],
		...["-qmp", `unix:${INSTANCE_FILES.qmp},server=on,wait=off`],
		...(restore ? ["-incoming", "defer"] : []),
	];
}

/** The arguments of a machine that only has to print its kernel's first line, on standard output. */
export function probeArguments(spec: MachineSpec, kernel: string): string[] {
	const { architecture } = spec;
	return [
		...["-machine", architecture.machine],
		...processorArguments(spec),
		...["-m", "256M", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
		...[
			"-kernel",
			kernel,
			"-append",
			kernelCommandLine(architecture, [`earlyprintk=${architecture.console}`, "loglevel=7"]),
		],
		...["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"],
	];
}
