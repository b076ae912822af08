import { describe, expect, it } from "vitest";
import { alternating, DSR, judge, seen, type World, world } from "../../test/judge/builders.ts";
import type { Frame } from "../model/observation.ts";
import { matchesPacket } from "./packet-match.ts";

const NAME = "packets at gateway eth1";

function dsr(): World {
	return world(DSR, alternating(4, ["real1", "real2"]));
}

function expectation(match: object, count: unknown, name = "eth1") {
	return { packets: { at: "gateway", interface: name, match, count } };
}

function packets(run: World, match: object, count: unknown) {
	return seen(judge(run, expectation(match, count)), NAME);
}

describe("packets", () => {
	it("some: passes with one, fails without", () => {
		expect(packets(dsr(), { encapsulation: "ipip" }, "some")).toEqual(["pass", "12 of 24 frames"]);
		expect(packets(dsr(), { source: DSR.vip }, "some")).toEqual(["fail", "0 of 24 frames"]);
	});

	it("a number must be met exactly", () => {
		expect(packets(dsr(), { encapsulation: "ipip", syn: true }, 4)).toEqual(["pass", "4 of 24 frames"]);
		expect(packets(dsr(), { encapsulation: "ipip", syn: true }, 3)[0]).toBe("fail");
		expect(packets(dsr(), { encapsulation: "ipip", syn: true }, 5)[0]).toBe("fail");
	});

	it("a segment that is sent again counts once, anything else that looks alike each time", () => {
		const run = dsr();
		const syn = run.frames.find((frame) => matchesPacket(frame, { encapsulation: "ipip", syn: true })) as Frame;
		const counted = (...more: Partial<Frame>[]) => {
			const frames = [...run.frames, ...more.map((change) => ({ ...syn, time: syn.time + 1, ...change }))];
			return packets({ ...run, frames }, { encapsulation: "ipip" }, 12);
		};
		expect(counted({}, { time: syn.time + 3 })).toEqual(["pass", "12 of 26 frames, besides 2 sent again"]);
		expect(counted({ sequence: 7 })[0]).toBe("fail");
		expect(counted({ sourcePort: 50000 })[0]).toBe("fail");
		expect(counted({ outerDestination: "10.111.222.99" })[0]).toBe("fail");
		expect(counted({ sourceMac: syn.destinationMac, destinationMac: syn.sourceMac })[0]).toBe("fail");
		const bare = { flags: { syn: false, ack: true, fin: false, rst: false }, sequence: 99 };
		expect(counted(bare, bare)).toEqual(["fail", "14 of 26 frames"]);
	});

	it("none: passes beside other frames and shows the first that does not belong", () => {
		expect(packets(dsr(), { source: DSR.vip }, "none")).toEqual(["pass", "0 of 24 frames"]);
		expect(packets(dsr(), { destination: DSR.vip, encapsulation: "none" }, "none")).toEqual([
			"fail",
			"12 of 24 frames; first tcp 10.111.220.11:40000 > 192.168.10.1:80",
		]);
	});

	it("none: needs proof that the capture worked", () => {
		const run = dsr();
		run.frames = run.frames.filter((frame) => frame.interface !== "eth1");
		expect(packets(run, { source: DSR.vip }, "none")).toEqual([
			"error",
			"0 of 0 frames: nothing shows that the capture worked",
		]);
		const controlled = judge(
			run,
			expectation({ source: DSR.vip }, "none"),
			expectation({ protocol: "tcp" }, "some", "eth2"),
		);
		expect(seen(controlled, NAME)).toEqual(["pass", "0 of 0 frames"]);
		const failing = judge(
			run,
			expectation({ source: DSR.vip }, "none"),
			expectation({ protocol: "udp" }, "some", "eth2"),
		);
		expect(seen(failing, NAME)[0]).toBe("error");
	});

	it("does not take flooded frames for a working capture, nor counts them", () => {
		const run = dsr();
		const flooded = { sourceMac: "02:aa:00:00:00:01", destinationMac: "02:aa:00:00:00:02" };
		run.frames = run.frames.map((frame) => (frame.interface === "eth1" ? { ...frame, ...flooded } : frame));
		expect(packets(run, { source: DSR.vip }, "none")[0]).toBe("error");
		expect(packets(run, { protocol: "tcp" }, "some")).toEqual(["fail", "0 of 0 frames"]);
	});

	it("is an error when frames were lost, except that what was seen was seen", () => {
		const run = dsr();
		for (const capture of run.observation.captures) capture.dropped = 3;
		expect(packets(run, { source: DSR.vip }, "none")).toEqual(["error", "0 of 24 frames, and the capture lost 3"]);
		expect(packets(run, { protocol: "udp" }, "some")[0]).toBe("error");
		expect(packets(run, { encapsulation: "ipip", syn: true }, 4)[0]).toBe("error");
		expect(packets(run, { protocol: "tcp" }, "some")[0]).toBe("pass");
		expect(packets(run, { protocol: "tcp" }, "none")[0]).toBe("fail");
	});

	it("is an error when there was no such capture, or it could not be taken", () => {
		const run = dsr();
		run.observation.captures = run.observation.captures.filter((capture) => capture.interface !== "eth1");
		expect(packets(run, {}, "some")).toEqual(["error", "no capture was taken at gateway eth1"]);
		run.observation.faults = ["capture at gateway eth1 did not start: no such device"];
		expect(packets(run, {}, "some")).toEqual(["error", "capture at gateway eth1 did not start: no such device"]);
		run.observation.faults = ["capture client eth0: gone"];
		expect(packets(run, {}, "some")[1]).toBe("no capture was taken at gateway eth1");
	});
});

describe("match", () => {
	const frame: Frame = {
		node: "gateway",
		interface: "eth1",
		time: 0,
		sourceMac: "",
		destinationMac: "",
		encapsulation: "ipip",
		outerSource: "10.111.221.11",
		outerDestination: "10.111.222.11",
		protocol: "tcp",
		source: "10.111.220.11",
		destination: "192.168.10.1",
		sourcePort: 40000,
		destinationPort: 80,
		flags: { syn: true, ack: false, fin: false, rst: false },
		payload: 0,
		length: 94,
	};

	it.each([
		{ source: "10.111.220.11" },
		{ source: "10.111.220.0/24" },
		{ destination: "192.168.10.1" },
		{ protocol: "tcp" as const },
		{ port: 80 },
		{ port: 40000 },
		{ encapsulation: "ipip" as const },
		{ "outer-source": "10.111.221.11" },
		{ "outer-destination": "10.111.222.0/24" },
		{ syn: true },
		{},
	])("%j fits", (match) => expect(matchesPacket(frame, match)).toBe(true));

	it.each([
		{ source: "10.111.221.11" },
		{ source: "10.111.221.0/24" },
		{ destination: "10.111.222.11" },
		{ protocol: "udp" as const },
		{ port: 81 },
		{ encapsulation: "none" as const },
		{ "outer-source": "10.111.220.11" },
		{ "outer-destination": "192.168.10.1" },
		{ syn: false },
		{ port: 80, protocol: "udp" as const },
	])("%j does not fit", (match) => expect(matchesPacket(frame, match)).toBe(false));

	it("syn asks for TCP segments, and a SYN-ACK opens nothing", () => {
		const synAck = { ...frame, flags: { syn: true, ack: true, fin: false, rst: false } };
		expect(matchesPacket(synAck, { syn: true })).toBe(false);
		expect(matchesPacket(synAck, { syn: false })).toBe(true);
		const { flags, ...ping } = frame;
		expect([matchesPacket(ping, { syn: true }), matchesPacket(ping, { syn: false })]).toEqual([false, false]);
	});
});
