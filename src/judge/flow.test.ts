import { describe, expect, it } from "vitest";
import { accept, NAT, request, world } from "../../test/judge/builders.ts";
import type { AcceptRecord, Frame, RequestRecord } from "../model/observation.ts";
import type { Traffic } from "../model/scenario.ts";
import { flowsOf, ownFrames } from "./flow.ts";

const CLIENT = NAT.clientAddress;
const TRAFFIC: Traffic = { from: "ext1", nc: "111.111.0.1:80", count: 1, parallel: 1, lines: 1, pause: 0, timeout: 2 };

function flows(frames: Frame[], logged?: { request: RequestRecord; accept: AcceptRecord }) {
	return flowsOf(TRAFFIC, { ports: NAT.ports }, logged ? [logged] : [], frames);
}

function frames(): Frame[] {
	return world(NAT, ["int1"]).frames;
}

describe("connections of the client", () => {
	it("are those that a backend logged, once, with both directions", () => {
		const all = frames();
		const [flow, ...others] = flows(all, { request: request(0), accept: accept(0, "int1", CLIENT) });
		expect(others).toEqual([]);
		expect(flow).toMatchObject({ label: `${CLIENT}:40000`, backends: ["int1"], answered: true, clientKnown: true });
		expect(flow?.request).toHaveLength(12);
		expect(flow?.reply).toHaveLength(4);
	});

	it("are those that it opened besides, of no backend and without an answer", () => {
		expect(flows(frames())).toMatchObject([{ label: `${CLIENT}:40000`, backends: [], answered: false }]);
	});

	it("are not what other nodes open, nor what is left of earlier connections", () => {
		const opened = frames().filter((frame) => frame.flags?.syn && !frame.flags.ack);
		expect(flows(opened.map((frame) => ({ ...frame, source: "10.10.0.1" })))).toEqual([]);
		expect(flows(frames().filter((frame) => !frame.flags?.syn))).toEqual([]);
		const synAck = opened.map((frame) => ({ ...frame, flags: { syn: true, ack: true, fin: false, rst: false } }));
		expect(flows(synAck)).toEqual([]);
		expect(flows(opened.map((frame) => ({ ...frame, protocol: "udp" as const })))).toEqual([]);
	});

	it("have a known client end only with both address and port, or where the backend saw the client", () => {
		const rewritten = accept(0, "int1", "10.10.0.1");
		const known = (more: Partial<RequestRecord>) =>
			flows(frames(), { request: request(0, more), accept: rewritten })[0]?.clientKnown;
		expect(known({})).toBe(false);
		expect(known({ localPort: 40000 })).toBe(false);
		expect(known({ localAddress: CLIENT })).toBe(false);
		expect(known({ localAddress: CLIENT, localPort: 40000 })).toBe(true);
	});
});

describe("own frames", () => {
	it("have a MAC address of the capturing node at either end", () => {
		const [frame] = frames();
		if (!frame) throw new Error("no frame");
		const other = "02:aa:00:00:00:01";
		expect(
			ownFrames(
				[
					{ ...frame, sourceMac: other },
					{ ...frame, destinationMac: other },
				],
				NAT.ports,
			),
		).toHaveLength(1);
		expect(ownFrames([{ ...frame, sourceMac: other, destinationMac: other }], NAT.ports)).toEqual([]);
		expect(ownFrames([{ ...frame, node: "int2" }], NAT.ports)).toEqual([]);
	});
});
