/** What must be seen in a phase: one schema for each kind of expectation. */
import { z } from "zod";
import { exactlyOneError, hasExactlyOne, onlyKey } from "./exactly-one.ts";
import { Cidr, InterfaceName, IpAddress, Name, ServiceAddress } from "./name.ts";

/** False-alarm rate of a statistical check when the scenario names none: 1 in 10 000 runs of a healthy lab. */
export const DEFAULT_FALSE_ALARM = 1e-4;

export const PacketMatch = z
	.strictObject({
		source: z.union([IpAddress, Cidr]).describe("Source of the innermost IP header.").optional(),
		destination: z.union([IpAddress, Cidr]).describe("Destination of the innermost IP header.").optional(),
		protocol: z.enum(["tcp", "udp", "icmp", "arp"]).describe("Protocol of the innermost packet.").optional(),
		port: z.number().int().min(1).max(65535).describe("Source or destination port of the innermost packet.").optional(),
		encapsulation: z
			.enum(["none", "ipip", "vxlan", "gre"])
			.describe("Encapsulation around the innermost packet.")
			.optional(),
		"outer-source": z.union([IpAddress, Cidr]).describe("Source of the outer IP header.").optional(),
		"outer-destination": z.union([IpAddress, Cidr]).describe("Destination of the outer IP header.").optional(),
		syn: z.boolean().describe("Only TCP segments that open a connection (SYN without ACK), or only others.").optional(),
		mss: z.number().int().min(1).max(65535).describe("Segment size in bytes that a SYN announces.").optional(),
		vni: z.number().int().min(0).max(16777215).describe("VXLAN network identifier of the innermost tunnel.").optional(),
	})
	.describe("Which packets count; every field given must match.");
export type PacketMatch = z.infer<typeof PacketMatch>;

export const HopPattern = z.string().regex(/^[a-z][a-z0-9-]*\*?$/, "must be a node name, or a prefix and '*'");

const COUNTERS_KINDS = ["ipvs", "xdp"];
const STATE_KINDS = ["equals", "matches"];

const expectationKinds = {
	answered: z
		.union([
			z.enum(["all", "none"]),
			z.strictObject({ "at-least": z.number().int().min(1).describe("Fewest requests that must be answered.") }),
		])
		.describe("How many requests got an answer (a completed connection for nc)."),
	share: z
		.strictObject({
			is: z
				.union([
					z.enum(["round-robin", "equal", "one-backend"]),
					z.record(Name, z.number().min(0).describe("Relative weight; 0 means not a single request.")),
				])
				.describe(
					"round-robin: strict alternation. equal or weights: drawn at random or by hash, judged by an exact test. one-backend: all at one and the same, whichever it is.",
				),
			among: z.array(HopPattern).min(1).describe("Backends that take part; all of the lab when left out.").optional(),
			"false-alarm": z
				.number()
				.gt(0)
				.max(0.05)
				.describe(`Rate at which a healthy lab may fail the check; ${DEFAULT_FALSE_ALARM} when left out.`)
				.optional(),
		})
		.describe("How the answered requests are distributed over the backends."),
	source: z
		.strictObject({
			at: z.array(HopPattern).min(1).describe("Backends asked."),
			is: z.union([IpAddress, Cidr]).describe("The peer address they must have seen."),
		})
		.describe("The client address that the backends saw."),
	path: z
		.strictObject({
			request: z.array(HopPattern).min(2).describe("Nodes a request passes, in order."),
			reply: z.array(HopPattern).min(2).describe("Nodes a reply passes, in order."),
		})
		.describe("The way of every connection, from captures at these nodes; a node left out must not be passed."),
	encapsulation: z
		.strictObject({
			from: HopPattern.describe("Node that sent the frame."),
			to: HopPattern.describe("Node it was sent to."),
			at: HopPattern.describe(
				"Which of the two ends to look at; both when left out. An XDP program changes frames before they are captured.",
			).optional(),
			is: z.enum(["none", "ipip", "vxlan", "gre"]).describe("Encapsulation on that hop."),
			"outer-source": z.union([IpAddress, Cidr]).describe("Source of the outer header.").optional(),
			"outer-destination": z.union([IpAddress, Cidr]).describe("Destination of the outer header.").optional(),
		})
		.describe("How requests are encapsulated between two neighbours."),
	packets: z
		.strictObject({
			at: Name.describe("Node whose capture is read."),
			interface: InterfaceName.describe("Interface the capture is taken on."),
			match: PacketMatch,
			count: z
				.union([z.enum(["none", "some"]), z.number().int().min(1)])
				.describe(
					"How many frames must match; a TCP segment sent again counts once. `none` needs another packets check with `some` in the same phase.",
				),
		})
		.describe("Packets seen at one interface, counting only frames from or to the node's own MAC address."),
	sticky: z
		.strictObject({
			"min-segments": z
				.number()
				.int()
				.min(1)
				.describe("Fewest data segments per connection that must have been seen at its real."),
			"taken-out": Name.describe(
				"Backend that is taken out meanwhile: its connections must go elsewhere, and all others stay and be answered.",
			).optional(),
		})
		.describe("Every connection reaches one real with all of its packets."),
	counters: z
		.strictObject({
			at: Name.describe("Node whose counters are read before and after the traffic."),
			ipvs: ServiceAddress.describe("IPVS service, read with `ipvsadm -Ln --stats --exact`.").optional(),
			xdp: ServiceAddress.describe("VIP of the XDP balancer, read with `xdplb stats`.").optional(),
			"agrees-with": z
				.literal("clients")
				.describe("Connections per real must equal what the clients and backends saw."),
		})
		.refine((value) => hasExactlyOne(value, COUNTERS_KINDS), exactlyOneError(COUNTERS_KINDS))
		.meta({ exactlyOne: COUNTERS_KINDS })
		.describe("The balancer's own counters against what clients saw."),
	upload: z.literal("intact").describe("Every uploaded file arrived with the digest it was sent with."),
	state: z
		.strictObject({
			at: Name.describe("Node on which the command runs, after the traffic."),
			run: z.string().min(1).describe("Command whose output is compared."),
			equals: z.string().describe("The output, white space at both ends left out.").optional(),
			matches: z.string().describe("A regular expression that the output must match.").optional(),
		})
		.refine((value) => hasExactlyOne(value, STATE_KINDS), exactlyOneError(STATE_KINDS))
		.meta({ exactlyOne: STATE_KINDS })
		.describe("What a command says, e.g. a sysctl read back."),
	outage: z
		.strictObject({
			within: z
				.number()
				.min(0)
				.max(120)
				.describe("Seconds after the `during` change within which requests may fail; all sent later must be answered."),
		})
		.describe("How long requests failed because of the `during` change."),
	delay: z
		.strictObject({
			at: Name.describe("Node on which the command runs, after the traffic."),
			run: z.string().min(1).describe("Command that prints when something happened, in seconds of /proc/uptime."),
			"at-least": z.number().min(0).describe("Fewest seconds after the `during` change.").optional(),
			"at-most": z.number().min(0).describe("Most seconds after the `during` change."),
		})
		.describe("How long after the `during` change something happened."),
} as const;

export type ExpectationKind = keyof typeof expectationKinds;
export const EXPECTATION_KINDS = Object.keys(expectationKinds) as ExpectationKind[];

export const Expectation = z
	.strictObject({
		answered: expectationKinds.answered.optional(),
		share: expectationKinds.share.optional(),
		source: expectationKinds.source.optional(),
		path: expectationKinds.path.optional(),
		encapsulation: expectationKinds.encapsulation.optional(),
		packets: expectationKinds.packets.optional(),
		sticky: expectationKinds.sticky.optional(),
		counters: expectationKinds.counters.optional(),
		upload: expectationKinds.upload.optional(),
		state: expectationKinds.state.optional(),
		outage: expectationKinds.outage.optional(),
		delay: expectationKinds.delay.optional(),
		name: z
			.string()
			.min(3)
			.max(100)
			.describe("Name of the check in reports; made from the expectation when left out.")
			.optional(),
	})
	.refine((value) => hasExactlyOne(value, EXPECTATION_KINDS), exactlyOneError(EXPECTATION_KINDS))
	.meta({ exactlyOne: EXPECTATION_KINDS })
	.describe("One thing that must be seen.");
export type Expectation = z.infer<typeof Expectation>;
export type ExpectationBody<K extends ExpectationKind> = NonNullable<Expectation[K]>;

/** The kind of an expectation that `Expectation` has accepted. */
export function expectationKind(expectation: Expectation): ExpectationKind {
	return onlyKey(expectation, EXPECTATION_KINDS);
}

/** True when `name` is the pattern itself or starts with what stands before its `*`. */
export function matchesHop(pattern: string, name: string): boolean {
	return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** The ends of a hop whose captures an encapsulation check reads. */
export function endsOf({ from, to, at }: ExpectationBody<"encapsulation">): string[] {
	return at === undefined ? [from, to] : [at];
}
