import { describe, expect, it } from "vitest";
import { DSR, macOf, NAT, request, world } from "../../test/judge/builders.ts";
import { traceRequest } from "./trace-request.ts";

function trace(picture: typeof NAT, backend: string) {
	const { phase, observation, frames } = world(picture, [backend]);
	return traceRequest(phase([{ answered: "all" }]), observation, frames);
}

describe("the way of one request", () => {
	it("in NAT mode passes the gateway both ways", () => {
		const { hops, nodes, backend, remarks } = trace(NAT, "int1");
		expect(hops.map(({ direction, from, to }) => `${direction} ${from} > ${to}`)).toEqual([
			"request ext1 > gw",
			"request gw > int1",
			"reply int1 > gw",
			"reply gw > ext1",
		]);
		expect([nodes, backend]).toEqual([["ext1", "gw", "int1"], "int1"]);
		expect(remarks).toContain("The reply passes gw as the request did.");
	});

	it("of direct return is wrapped behind the balancer and skips it on the way back", () => {
		const { hops, remarks } = trace(DSR, "real1");
		const wrapped = hops.filter((hop) => hop.wrapped).map(({ from, to }) => `${from} > ${to}`);
		expect(wrapped).toEqual(["katran > gateway", "gateway > real1"]);
		expect(hops.find(({ from }) => from === "katran")?.changes[0]).toMatch(
			/^katran puts an outer header in front \(IPIP\)/,
		);
		expect(remarks[0]).toBe("The reply does not pass katran: the real answers the client directly (DSR).");
	});

	it("shows what a rewritten destination was before", () => {
		const { phase, observation, frames } = world(NAT, ["int1"]);
		const inside = macOf(NAT, ["gw", "eth2"]);
		const rewritten = frames.map((frame) => {
			if (frame.sourceMac === inside) return { ...frame, destination: "10.10.0.2", destinationPort: 8000 };
			return frame.destinationMac === inside ? { ...frame, source: "10.10.0.2", sourcePort: 8000 } : frame;
		});
		const { hops, remarks } = traceRequest(phase([{ answered: "all" }]), observation, rewritten);
		expect(hops[1]?.changes).toEqual(["gw rewrites the destination: 111.111.0.1:80 becomes 10.10.0.2:8000"]);
		expect(hops[1]?.headers.map(({ change }) => change)).toEqual([
			undefined,
			"destination was 111.111.0.1",
			"destination port was 80",
		]);
		expect(hops[3]?.changes).toEqual(["gw rewrites the source: 10.10.0.2:8000 becomes 111.111.0.1:80"]);
		expect(remarks).toContain("NAT on the request: destination 111.111.0.1:80 becomes 10.10.0.2:8000.");
	});

	it("without an answer ends where it was seen last, and says nothing of a way back", () => {
		const { phase, observation, frames } = world(DSR, ["real1"]);
		const lost = { ...observation, accepts: [], requests: [request(0, { answered: false, message: "timed out" })] };
		const toKatran = frames.filter((frame) => frame.node === "client" && frame.source === DSR.clientAddress);
		const { answered, hops, remarks } = traceRequest(phase([{ answered: "all" }]), lost, toKatran);
		expect([answered, hops.length]).toEqual([false, 1]);
		expect(remarks[0]).toBe(
			"Not answered: the request was last seen on its way to gateway, and no reply was seen (timed out).",
		);
		expect(remarks.join()).not.toContain("DSR");
	});

	it("that nobody captured is said to be unknown", () => {
		const { phase, observation } = world(NAT, ["int1"]);
		const { hops, remarks } = traceRequest(phase([{ answered: "all" }]), observation, []);
		expect([hops, remarks]).toEqual([[], ["No packet of the request was captured."]]);
	});
});
