import { parseService } from "../model/name.ts";
import type { StepBody } from "../model/step.ts";
import type { Rendered } from "./rendered.ts";

/** Seconds to wait for the next hop's ARP reply; containers of one lab answer in milliseconds, emulated ones in tens. */
const NEXT_HOP_SECONDS = 10;

/** How `xdplb` names a VIP: the port is left out for "any". */
export function xdpVip(vip: string): string {
	const { address, port, protocol } = parseService(vip);
	return `${address}${port === undefined ? "" : `:${port}`}/${protocol}`;
}

/**
 * Attaches the balancer and fills its tables. The next hop's MAC address is asked for on the wire at run time: which MAC a
 * container gets depends on the daemon's version, so none is written down.
 */
export function renderXdp(body: StepBody<"xdp">): Rendered {
	const hop = body["next-hop"];
	const neighbour = `ip neighbour show to ${hop} dev ${body.dev}`;
	const commands = [
		"mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf",
		`ping -n -q -c 1 -w ${NEXT_HOP_SECONDS} ${hop} >/dev/null`,
		`next_hop_mac=$(${neighbour} | sed -n 's/.*lladdr \\([0-9a-f:]*\\).*/\\1/p')`,
		`xdplb attach --dev ${body.dev} --mode ${body.mode} --source ${body.source} --next-hop-mac "$next_hop_mac"`,
	];
	for (const { vip, reals } of body.vips) {
		commands.push(`xdplb vip add ${xdpVip(vip)}`);
		for (const entry of reals) {
			const { address, weight } = typeof entry === "string" ? { address: entry, weight: undefined } : entry;
			commands.push(`xdplb real add ${xdpVip(vip)} ${address}${weight === undefined ? "" : ` --weight ${weight}`}`);
		}
	}
	return { commands };
}
