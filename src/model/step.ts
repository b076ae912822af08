/**
 * The typed provisioning steps of a node. Each step has an `id`, a `why` and exactly one kind; `src/steps/<kind>.ts`
 * renders it to the commands that a person would type.
 */
import { z } from "zod";
import { exactlyOneError, hasExactlyOne, onlyKey } from "./exactly-one.ts";
import { When } from "./kernel.ts";
import { Cidr, InterfaceName, IpAddress, Name, ServiceAddress } from "./name.ts";

const sysctl = z
	.record(
		z.string().regex(/^net\.[a-zA-Z0-9_.\-/]+$/, "must be a net.* key: other keys are the host's own, not the node's"),
		z.union([z.number().int(), z.string()]).describe("The value to write."),
	)
	.describe("Kernel settings of the node's network namespace, written with `sysctl -w` and read back.");

const address = z
	.strictObject({
		dev: InterfaceName.describe("Interface that gets the addresses."),
		add: z.union([Cidr, z.array(Cidr).min(1)]).describe("One address with prefix length, or several."),
	})
	.describe("Addresses beyond those of the interfaces, e.g. a VIP on lo: `ip address add`.");

const route = z
	.strictObject({
		to: z.union([z.literal("default"), IpAddress, Cidr]).describe("Destination: `default`, an address or a subnet."),
		via: IpAddress.describe("Next hop.").optional(),
		dev: InterfaceName.describe("Outgoing interface.").optional(),
		onlink: z.boolean().describe("Accept a next hop outside the interface's subnets.").optional(),
		table: z.union([z.number().int(), z.string()]).describe("Routing table; main when left out.").optional(),
		mtu: z.number().int().min(68).max(65535).describe("Path MTU in bytes for this route.").optional(),
		src: IpAddress.describe("Preferred source address.").optional(),
		type: z
			.enum(["unicast", "local", "blackhole", "unreachable"])
			.describe("Route type; unicast when left out.")
			.optional(),
	})
	.describe("A route: `ip route replace`, which works with and without an existing one.");

const rule = z
	.strictObject({
		from: z.union([IpAddress, Cidr]).describe("Source address or subnet.").optional(),
		to: z.union([IpAddress, Cidr]).describe("Destination address or subnet.").optional(),
		fwmark: z.number().int().describe("Firewall mark.").optional(),
		table: z.union([z.number().int(), z.string()]).describe("Routing table to use."),
		priority: z.number().int().min(1).describe("Order among the rules; lower comes first.").optional(),
	})
	.describe("A policy routing rule: `ip rule add`.");

const tunnel = z
	.strictObject({
		name: InterfaceName.describe("Name of the tunnel interface."),
		mode: z.enum(["ipip", "gre", "vxlan"]).describe("Encapsulation."),
		local: IpAddress.describe("Outer source address.").optional(),
		remote: IpAddress.describe("Outer destination address; any when left out.").optional(),
		dev: InterfaceName.describe("Interface below the tunnel.").optional(),
		external: z.boolean().describe("Collect-metadata mode: accepts packets of any peer.").optional(),
		id: z.number().int().min(0).max(16777215).describe("VXLAN network identifier.").optional(),
		port: z.number().int().min(1).max(65535).describe("VXLAN UDP destination port.").optional(),
		mtu: z.number().int().min(68).max(65535).describe("MTU in bytes.").optional(),
	})
	.describe("A tunnel interface, made and set up: `ip link add ... type ipip`.");

const bridge = z
	.strictObject({
		name: InterfaceName.describe("Name of the bridge."),
		ports: z.array(InterfaceName).describe("Interfaces to enslave.").optional(),
		address: Cidr.describe("Address of the bridge itself.").optional(),
		mtu: z.number().int().min(68).max(65535).describe("MTU in bytes.").optional(),
	})
	.describe("A Linux bridge inside the node.");

const weight = z.number().int().min(0).max(65535).describe("Relative weight; 0 takes no new connections.");

const IPVS_ENTRY = ["service", "fwmark"];

const ipvs = z
	.strictObject({
		service: ServiceAddress.describe("The VIP with port and protocol, e.g. 111.111.0.1:80/tcp.").optional(),
		fwmark: z.number().int().min(1).describe("Firewall mark in place of an address.").optional(),
		scheduler: z
			.enum(["rr", "wrr", "lc", "wlc", "sh", "dh", "mh", "sed", "nq"])
			.describe("IPVS scheduler, e.g. rr for round robin."),
		persistent: z.number().int().min(1).describe("Seconds for which a client stays with its real.").optional(),
		forward: z
			.enum(["masquerade", "tunnel", "direct"])
			.describe("How packets reach the real: NAT (-m), IPIP (-i) or direct routing (-g)."),
		servers: z
			.array(
				z.union([
					z.string(),
					z.strictObject({ address: z.string().describe("Real as ADDRESS:PORT."), weight: weight.optional() }),
				]),
			)
			.describe("The reals as ADDRESS:PORT; empty for a service that refuses everything."),
	})
	.refine((value) => hasExactlyOne(value, IPVS_ENTRY), exactlyOneError(IPVS_ENTRY))
	.meta({ exactlyOne: IPVS_ENTRY })
	.describe("An IPVS service with its reals: `ipvsadm -A` and `-a`.");

const iptables = z
	.strictObject({
		table: z.enum(["filter", "nat", "mangle", "raw"]).describe("Table; filter when left out.").optional(),
		chain: z.string().min(1).describe("Chain the rules are appended to."),
		rules: z.array(z.string().min(1)).min(1).describe("Rules as typed behind `iptables -t TABLE -A CHAIN`."),
	})
	.describe("iptables rules, appended in order.");

const ipset = z
	.strictObject({
		name: z.string().min(1).max(31).describe("Name of the set."),
		type: z.string().min(1).describe("Set type, e.g. hash:ip,port."),
		entries: z.array(z.string().min(1)).describe("Entries to add.").optional(),
	})
	.describe("An ipset with its entries.");

const xdp = z
	.strictObject({
		dev: InterfaceName.describe("Interface the program is attached to."),
		mode: z
			.enum(["generic", "native"])
			.describe("generic works on every wire; native needs veth wiring (see the balancer's README)."),
		source: IpAddress.describe("Outer source address of encapsulated packets."),
		"next-hop": IpAddress.describe("Router whose MAC address is read at run time and used as next hop."),
		vips: z
			.array(
				z.strictObject({
					vip: ServiceAddress.describe("The VIP with port (or `any`) and protocol."),
					reals: z
						.array(
							z.union([
								IpAddress,
								z.strictObject({ address: IpAddress.describe("Address of the real."), weight: weight.optional() }),
							]),
						)
						.describe("The reals that packets are sent to."),
				}),
			)
			.min(1)
			.describe("The VIPs the balancer serves."),
	})
	.describe("The XDP balancer (bpf/xdplb): attach it and tell it its VIPs and reals.");

const decap = z
	.strictObject({
		dev: InterfaceName.describe("Interface that encapsulated packets arrive on."),
		mode: z
			.enum(["generic", "native"])
			.describe("generic works on every wire; native needs veth wiring. generic when left out.")
			.optional(),
	})
	.describe("Takes outer headers off by an XDP program (`xdplb decap`), for kernels without a tunnel device.");

const service = z
	.strictObject({
		command: z.string().min(1).describe("Command line; it is started in the background."),
		listen: z
			.array(z.string().regex(/^\d{1,5}\/(tcp|udp)$/, "must be PORT/tcp or PORT/udp"))
			.describe("Ports that must be open before the step counts as done.")
			.optional(),
		records: z
			.enum(["nc", "http"])
			.describe("What its log holds: `nc -v` output or our nginx access log. Makes the node a backend.")
			.optional(),
		log: z
			.string()
			.regex(/^\//, "must be an absolute path")
			.describe("Log file; /var/log/lab/<id>.log when left out.")
			.optional(),
		timeout: z.number().min(1).max(300).describe("Seconds to wait for the ports; 30 when left out.").optional(),
	})
	.describe("A long-running program.");

const file = z
	.strictObject({
		path: z.string().regex(/^\//, "must be an absolute path").describe("Where the file goes in the node."),
		content: z.string().describe("Its text."),
		mode: z
			.string()
			.regex(/^0?[0-7]{3}$/, "must be an octal mode such as 644")
			.describe("Permissions; 644 when left out.")
			.optional(),
	})
	.describe("A file written into the node.");

const run = z
	.union([z.string().min(1), z.array(z.string().min(1)).min(1)])
	.describe("Shell commands for what has no kind of its own.");

/** Every step kind with its schema; the key is the kind's name in a lab file. */
export const STEP_KINDS = {
	sysctl,
	address,
	route,
	rule,
	tunnel,
	bridge,
	ipvs,
	iptables,
	ipset,
	xdp,
	decap,
	service,
	file,
	run,
} as const;

export type StepKind = keyof typeof STEP_KINDS;
export const STEP_KIND_NAMES = Object.keys(STEP_KINDS) as StepKind[];

export type StepBody<K extends StepKind> = z.infer<(typeof STEP_KINDS)[K]>;

export const Step = z
	.strictObject({
		id: Name.describe("Short name, unique within the node; errors and the transcript use it."),
		why: z.string().min(10, "must say in a sentence why the step is there").describe("Why the step is needed."),
		when: When.optional(),
		sysctl: sysctl.optional(),
		address: address.optional(),
		route: route.optional(),
		rule: rule.optional(),
		tunnel: tunnel.optional(),
		bridge: bridge.optional(),
		ipvs: ipvs.optional(),
		iptables: iptables.optional(),
		ipset: ipset.optional(),
		xdp: xdp.optional(),
		decap: decap.optional(),
		service: service.optional(),
		file: file.optional(),
		run: run.optional(),
	})
	.refine((step) => hasExactlyOne(step, STEP_KIND_NAMES), exactlyOneError(STEP_KIND_NAMES))
	.meta({ exactlyOne: STEP_KIND_NAMES })
	.describe("One provisioning step.");

export type Step = z.infer<typeof Step>;

/** The kind of a step that `Step` has accepted. */
export function stepKind(step: Step): StepKind {
	return onlyKey(step, STEP_KIND_NAMES);
}
