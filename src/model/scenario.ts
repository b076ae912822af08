/** A scenario: traffic, changes and what must be seen, phase by phase. */
import { z } from "zod";
import { exactlyOneError, hasExactlyOne } from "./exactly-one.ts";
import { applies, type KernelFeature, When } from "./kernel.ts";
import { Cidr, InterfaceName, IpAddress, Name, ServiceAddress } from "./name.ts";

/** False-alarm rate of a statistical check when the scenario names none: 1 in 10 000 runs of a healthy lab. */
export const DEFAULT_FALSE_ALARM = 1e-4;

export const Commands = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

export const Change = z
	.strictObject({
		on: Name.describe("Node on which the commands run."),
		run: Commands.describe("Shell commands that change the lab before the traffic."),
		undo: Commands.describe("Commands that take the change back; run when the scenario ends, in reverse order."),
		why: z.string().min(5).describe("What the change is for.").optional(),
	})
	.describe("A change made to the running lab.");

export const During = Change.extend({
	after: z
		.number()
		.int()
		.min(0)
		.describe(
			"Requests that have ended before the change is made; with 0 it begins with the traffic, and may await it.",
		),
}).describe("A change made while the traffic of the phase is under way.");

/** What can be sent. */
export const TRAFFIC_KINDS = ["nc", "curl", "ping"] as const;

export const Traffic = z
	.strictObject({
		from: Name.describe("Node that sends."),
		nc: z
			.string()
			.regex(/^[^:\s]+:\d{1,5}$/, "must be ADDRESS:PORT")
			.describe("Send lines with netcat to ADDRESS:PORT over TCP, one connection per request.")
			.optional(),
		curl: z
			.string()
			.regex(/^http:\/\//, "must start with http://")
			.describe("Fetch this URL with curl, one connection per request.")
			.optional(),
		ping: IpAddress.describe("Send ICMP echo requests to this address.").optional(),
		count: z.number().int().min(1).max(2000).describe("Number of requests."),
		parallel: z.number().int().min(1).max(64).default(1).describe("Requests under way at once."),
		send: z
			.string()
			.regex(/^[\x20-\x7e]*$/, "must be printable ASCII")
			.describe("Text sent before the token (nc).")
			.optional(),
		lines: z
			.number()
			.int()
			.min(1)
			.max(200)
			.default(1)
			.describe("Lines sent on each connection, each in a segment of its own."),
		pause: z.number().min(0).max(5).default(0.02).describe("Seconds between two lines."),
		upload: z.number().int().min(1).max(16777216).describe("Bytes of random data to PUT with curl.").optional(),
		rate: z
			.number()
			.int()
			.min(1024)
			.describe("Bytes per second at most of each upload, so that it takes its time; as fast as it goes when left out.")
			.optional(),
		timeout: z.number().min(1).max(60).default(2).describe("Seconds after which a request counts as unanswered."),
		sources: z
			.array(IpAddress)
			.min(1)
			.max(64)
			.describe("Addresses of the sender to send from, taken in turn; the route's choice when left out.")
			.optional(),
		interval: z
			.number()
			.min(0)
			.max(5)
			.describe("Seconds between the end of a request and the next, for steady traffic; none when left out.")
			.optional(),
	})
	.refine((traffic) => hasExactlyOne(traffic, TRAFFIC_KINDS), exactlyOneError(TRAFFIC_KINDS))
	.meta({ exactlyOne: TRAFFIC_KINDS })
	.describe("The requests of a phase, sent from inside one node.");
export type Traffic = z.infer<typeof Traffic>;

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
				.describe("How many frames must match. `none` needs another packets check with `some` in the same phase."),
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
	const kind = EXPECTATION_KINDS.find((name) => expectation[name] !== undefined);
	if (!kind) throw new Error("expectation without a kind");
	return kind;
}

export const Phase = z
	.strictObject({
		name: z.string().min(3).max(100).describe("What happens, as a sentence about behaviour."),
		when: When.optional(),
		change: z
			.union([Change, z.array(Change).min(1)])
			.describe("Changes made before the traffic.")
			.optional(),
		traffic: Traffic.optional(),
		during: During.optional(),
		expect: z
			.array(Expectation)
			.min(1, "is empty: a phase that checks nothing proves nothing")
			.describe("What must be seen."),
	})
	.describe("One round of change, traffic and judgement.");
export type Phase = z.infer<typeof Phase>;

export const Scenario = z
	.strictObject({
		intent: z.string().min(10).describe("The claim that the scenario proves, in one sentence."),
		phases: z.array(Phase).min(1, "is empty: a scenario has at least one phase").describe("Phases in order."),
	})
	.describe("A scenario of a lab; its name is the name of its file.");

/** A scenario with the name of its file. */
export type Scenario = z.infer<typeof Scenario> & { name: string };
export type Change = z.infer<typeof Change>;

/** The scenario as it is on a kernel that lacks these features: only with the phases that are run there. */
export function scenarioWithout(scenario: Scenario, lacks: readonly KernelFeature[]): Scenario {
	return { ...scenario, phases: scenario.phases.filter(({ when }) => applies(when, lacks)) };
}

/** The changes of a phase as a list. */
export function changesOf(phase: Phase): Change[] {
	if (phase.change === undefined) return [];
	return Array.isArray(phase.change) ? phase.change : [phase.change];
}

/** True when `name` is the pattern itself or starts with what stands before its `*`. */
export function matchesHop(pattern: string, name: string): boolean {
	return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** The ends of a hop whose captures an encapsulation check reads. */
export function endsOf({ from, to, at }: ExpectationBody<"encapsulation">): string[] {
	return at === undefined ? [from, to] : [at];
}
