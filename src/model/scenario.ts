/** A scenario: traffic, changes and what must be seen, phase by phase. */
import { z } from "zod";
import { exactlyOneError, hasExactlyOne } from "./exactly-one.ts";
import { Expectation } from "./expectation.ts";
import { applies, type KernelFeature, When } from "./kernel.ts";
import { listOf } from "./list-of.ts";
import { IpAddress, Name } from "./name.ts";

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
	return listOf(phase.change);
}
