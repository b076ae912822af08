import { expect, test } from "vitest";
import { architectureOf } from "./architecture.ts";
import { type MachineSpec, probeArguments, qemuArguments } from "./qemu-args.ts";

const files = { kernel: "/s/vmlinuz", initrd: "/s/initrd", disk: "/s/disk.raw", ram: "/s/ram.img" };
const emulated: MachineSpec = { architecture: architectureOf("x64"), accelerator: "tcg", memoryMiB: 2048, cpus: 2 };

test("a restored machine under emulation", () => {
	expect(qemuArguments(emulated, files, "restore").join("\n")).toMatchInlineSnapshot(`
		"-machine
		pc,memory-backend=ram
		-accel
		tcg,thread=multi,tb-size=512
		-cpu
		max,avx2=off,cx16=off,la57=off,smap=off,smep=off,pku=off
		-smp
		2
		-m
		2048M
		-object
		memory-backend-file,id=ram,size=2048M,mem-path=/s/ram.img,share=off
		-nodefaults
		-no-user-config
		-display
		none
		-no-reboot
		-kernel
		/s/vmlinuz
		-initrd
		/s/initrd
		-append
		console=ttyS0 mitigations=off nokaslr audit=0 apparmor=0 selinux=0 random.trust_cpu=on rcupdate.rcu_expedited=1 cryptomgr.notests nowatchdog nmi_watchdog=0 panic=-1 loglevel=4 no_timer_check tsc=reliable
		-drive
		file=/s/disk.raw,if=none,id=disk,format=raw,cache=unsafe,snapshot=on
		-device
		virtio-blk-pci,drive=disk
		-netdev
		user,id=api,restrict=on,ipv6=off,net=169.254.254.0/24,hostfwd=tcp:127.0.0.1:2375-169.254.254.15:2375
		-device
		virtio-net-pci,netdev=api,romfile=
		-chardev
		file,id=console,path=console.log
		-serial
		chardev:console
		-chardev
		socket,id=control,path=control.sock,server=on,wait=off
		-serial
		chardev:control
		-qmp
		unix:qmp.sock,server=on,wait=off
		-incoming
		defer"
	`);
});

test("baking differs only where RAM and disk are written and no state is awaited", () => {
	const restore = qemuArguments(emulated, files, "restore");
	const bake = qemuArguments(emulated, files, "bake");
	expect(restore.filter((word) => !bake.includes(word))).toEqual([
		"memory-backend-file,id=ram,size=2048M,mem-path=/s/ram.img,share=off",
		"file=/s/disk.raw,if=none,id=disk,format=raw,cache=unsafe,snapshot=on",
		"-incoming",
		"defer",
	]);
});

test("nothing leads out of the machine, and nothing in but from its own namespace's loopback", () => {
	const network = qemuArguments(emulated, files, "restore").find((word) => word.startsWith("user,"));
	expect(network).toContain("restrict=on");
	expect(network?.match(/hostfwd/g)).toHaveLength(1);
	expect(network).toContain("hostfwd=tcp:127.0.0.1:");
});

test("a comma in a path does not end a value", () => {
	const args = qemuArguments(emulated, { ...files, disk: "/a,b/disk.raw" }, "restore");
	expect(args.find((word) => word.startsWith("file=/a"))).toContain("file=/a,,b/disk.raw,if=none");
});

test("under emulation the guest never uses CMPXCHG16B, which old QEMUs get wrong", () => {
	expect(emulated.architecture.emulatedCpu.split(",")).toContain("cx16=off");
});

test("the KVM probe shows the kernel's first line on its output", () => {
	const args = probeArguments({ ...emulated, accelerator: "kvm" }, "/s/vmlinuz");
	expect(args).toContain("kvm");
	expect(args.find((word) => word.includes("earlyprintk=ttyS0"))).toBeDefined();
	expect(args).not.toContain("-drive");
});

test("an unknown processor is an error of the environment", () => {
	expect(() => architectureOf("riscv64")).toThrow(
		expect.objectContaining({ kind: "environment", code: "architecture-unsupported" }),
	);
});
