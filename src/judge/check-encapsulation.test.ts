import { describe, expect, it } from "vitest";
import { alternating, DSR, judge, seen, type World, world } from "../../test/judge/builders.ts";

function dsr(): World {
	return world(DSR, alternating(4, ["real1", "real2"]));
}

function wrapping(run: World, body: object, from = "katran", to = "gateway") {
	return seen(judge(run, { encapsulation: { from, to, ...body } }), `encapsulation ${from} > ${to}`);
}

const OUTER = { "outer-source": "10.111.221.11", "outer-destination": "10.111.222.0/24" };

describe("encapsulation", () => {
	it("passes when every request frame on the hop is wrapped as documented", () => {
		expect(wrapping(dsr(), { is: "ipip", ...OUTER })).toEqual([
			"pass",
			"all 12 frames: ipip 10.111.221.11 > 10.111.222.11; ipip 10.111.221.11 > 10.111.222.21",
		]);
		expect(wrapping(dsr(), { is: "none" }, "client", "gateway")).toEqual(["pass", "all 24 frames: none"]);
		expect(wrapping(dsr(), { is: "ipip" }, "gateway", "real*")[0]).toBe("pass");
	});

	it("tells the two directions of a wire apart", () => {
		expect(wrapping(dsr(), { is: "none" }, "gateway", "katran")).toEqual(["pass", "all 12 frames: none"]);
	});

	it("fails on another encapsulation or other outer addresses", () => {
		expect(wrapping(dsr(), { is: "none" })[0]).toBe("fail");
		expect(wrapping(dsr(), { is: "ipip", "outer-destination": "10.111.222.11" })).toEqual([
			"fail",
			"6 of 12 frames otherwise: ipip 10.111.221.11 > 10.111.222.21",
		]);
		expect(wrapping(dsr(), { is: "ipip", "outer-source": "10.111.221.12" })[0]).toBe("fail");
	});

	it("fails on a single frame that is not wrapped", () => {
		const run = dsr();
		const one = run.frames.find((frame) => frame.encapsulation === "ipip" && frame.interface === "eth1");
		Object.assign(one ?? {}, { encapsulation: "none", outerSource: undefined, outerDestination: undefined });
		expect(wrapping(run, { is: "ipip" })).toEqual(["fail", "1 of 12 frames otherwise: none"]);
	});

	it("looks at the asked end only, as a program may have changed what the other end sees", () => {
		const run = dsr();
		for (const frame of run.frames.filter(({ node }) => node.startsWith("real"))) {
			if (frame.encapsulation === "ipip") frame.encapsulation = "none";
		}
		expect(wrapping(run, { is: "ipip" }, "gateway", "real*")[0]).toBe("fail");
		expect(wrapping(run, { is: "ipip", at: "gateway" }, "gateway", "real*")[0]).toBe("pass");
		expect(wrapping(run, { is: "none", at: "real*" }, "gateway", "real*")[0]).toBe("pass");
		expect(wrapping(run, { is: "ipip", at: "real*" }, "gateway", "real*")[0]).toBe("fail");
	});

	it("is an error when no request was seen there", () => {
		expect(wrapping({ ...dsr(), frames: [] }, { is: "ipip" })).toEqual([
			"error",
			"no request frame was captured from katran to gateway",
		]);
		const replies = dsr();
		replies.frames = replies.frames.filter((frame) => frame.destination === DSR.clientAddress);
		expect(wrapping(replies, { is: "none" }, "real*", "gateway")[0]).toBe("error");
	});

	it("is an error when a capture at its ends is missing, not when another one is", () => {
		const run = dsr();
		run.observation.faults = ["capture real1 eth0: gone"];
		expect(wrapping(run, { is: "ipip" })[0]).toBe("pass");
		run.observation.faults = ["capture gateway eth1: gone"];
		expect(wrapping(run, { is: "ipip" })).toEqual(["error", "capture gateway eth1: gone"]);
	});
});
