import { describe, expect, it } from "vitest";
import {
	accept,
	alternating,
	connection,
	crossing,
	DSR,
	judge,
	macOf,
	NAT,
	request,
	seen,
	type World,
	world,
} from "../../test/judge/builders.ts";
import type { Frame } from "../model/observation.ts";

const NAT_PATH = { request: ["ext1", "gw", "int*"], reply: ["int*", "gw", "ext1"] };
const DSR_PATH = {
	request: ["client", "gateway", "katran", "gateway", "real*"],
	reply: ["real*", "gateway", "client"],
};

function nat(): World {
	return world(NAT, alternating(4, ["int1", "int2"]));
}

function dsr(): World {
	return world(DSR, alternating(4, ["real1", "real2"]));
}

function path(run: World, body: object) {
	return seen(judge(run, { path: body }), "path");
}

function without(run: World, drop: (frame: Frame) => boolean): World {
	return { ...run, frames: run.frames.filter((frame) => !drop(frame)) };
}

/** A reply segment of the first connection over a hop that is not documented. */
function stray(from: [string, string], to: [string, string], reply: boolean): Frame[] {
	const flags = { syn: false, ack: true, fin: false, rst: false };
	return crossing(DSR, [{ from, to }], 0, { time: 1_700_000_000.5, flags, reply });
}

describe("path", () => {
	it("passes when every connection takes the documented way", () => {
		expect(path(nat(), NAT_PATH)).toEqual([
			"pass",
			"4 connections: (ext1 > gw > int1; int1 > gw > ext1); (ext1 > gw > int2; int2 > gw > ext1)",
		]);
		expect(path(dsr(), DSR_PATH)).toEqual([
			"pass",
			"4 connections: (client > gateway > katran > gateway > real1; real1 > gateway > client); " +
				"(client > gateway > katran > gateway > real2; real2 > gateway > client)",
		]);
	});

	it("fails when a reply is forced through the balancer, naming flow, hop and count", () => {
		const run = dsr();
		run.frames.push(...stray(["gateway", "eth1"], ["katran", "eth0"], true));
		run.frames.push(...stray(["gateway", "eth1"], ["katran", "eth0"], true));
		expect(path(run, DSR_PATH)).toEqual([
			"fail",
			"reply of 10.111.220.11:40000: gateway > katran (2 frames) not on the path; " +
				"seen real1 > gateway > client, gateway > katran",
		]);
	});

	it("fails when a node is left out, and when NAT is asserted to be DSR", () => {
		const direct = { request: ["ext1", "int*"], reply: ["int*", "gw", "ext1"] };
		expect(path(nat(), direct)[0]).toBe("fail");
		const [status, observed] = path(nat(), { ...NAT_PATH, reply: ["int*", "ext1"] });
		expect(status).toBe("fail");
		expect(observed).toContain(
			"reply of 100.100.100.1:40000: int1 > gw (2 frames), gw > ext1 (2 frames) not on the path",
		);
	});

	it("holds a pattern to the backend that logged the connection", () => {
		const run = nat();
		run.frames = run.frames.filter((frame) => frame.sourcePort !== 40000 && frame.destinationPort !== 40000);
		run.frames.push(...connection(NAT, "int2", 0));
		const [status, observed] = path(run, NAT_PATH);
		expect(status).toBe("fail");
		expect(observed).toContain("request of 100.100.100.1:40000: gw > int2 (6 frames) not on the path");
	});

	it("fails when a hop is missing in one connection though captures would have shown it", () => {
		const lost = ({ destinationPort, node }: Frame) => destinationPort === 40001 && ["gw", "ext1"].includes(node);
		const [status, observed] = path(without(nat(), lost), NAT_PATH);
		expect(status).toBe("fail");
		expect(observed).toBe("reply of 100.100.100.1:40001: gw > ext1 not seen; seen int2 > gw");
	});

	it("counts every edge by either end", () => {
		const oneEnded = without(nat(), (frame) => frame.node === "ext1" || frame.node.startsWith("int"));
		expect(path(oneEnded, NAT_PATH)[0]).toBe("pass");
	});

	it("ignores frames that a shared segment floods to other nodes", () => {
		const run = nat();
		const flooded = run.frames.filter((frame) => frame.node === "int1").map((frame) => ({ ...frame, node: "int2" }));
		const foreign = flooded.map((frame) => ({
			...frame,
			sourceMac: macOf(NAT, ["int1", "eth1"]),
			destinationMac: macOf(NAT, ["ext1", "eth1"]),
		}));
		run.frames.push(...flooded, ...foreign);
		expect(path(run, NAT_PATH)[0]).toBe("pass");
	});

	it("fails when the hops come in another order", () => {
		const run = dsr();
		const isFirstHop = ({ sourceMac }: Frame) => sourceMac === macOf(DSR, ["client", "eth0"]);
		for (const frame of run.frames.filter(isFirstHop)) if (frame.sourcePort === 40000) frame.time += 0.5;
		expect(path(run, DSR_PATH)).toEqual([
			"fail",
			"request of 10.111.220.11:40000: hops in another order; seen gateway > katran > gateway > real1, client > gateway",
		]);
	});

	it("does not take the clock's resolution for another order", () => {
		const run = nat();
		for (const frame of run.frames) {
			if (frame.sourceMac === macOf(NAT, ["gw", "eth2"])) frame.time -= 1.1e-5;
		}
		expect(path(run, NAT_PATH)[0]).toBe("pass");
	});

	it("does not ask an unanswered connection for a whole path, but for no other hop", () => {
		const run = without(nat(), ({ destinationPort }) => destinationPort === 40003);
		run.observation.requests[3] = request(3, { answered: false });
		run.observation.accepts.pop();
		expect(path(run, NAT_PATH)[0]).toBe("pass");
		const strayed = dsr();
		strayed.observation.requests[0] = request(0, { answered: false });
		strayed.observation.accepts.shift();
		strayed.frames.push(...stray(["gateway", "eth2"], ["katran", "eth0"], false));
		strayed.frames.push(...stray(["client", "eth0"], ["katran", "eth0"], false));
		const [status, observed] = path(strayed, DSR_PATH);
		expect(status).toBe("fail");
		expect(observed).toContain("request of 10.111.220.11:40000: client > katran (1 frame) not on the path");
	});

	it("follows a connection whose source address is rewritten when the client tells its port", () => {
		const run = nat();
		const atInside = (frame: Frame) => frame.node.startsWith("int") || frame.interface === "eth2";
		for (const frame of run.frames.filter(atInside)) {
			if (frame.source === NAT.clientAddress)
				Object.assign(frame, { source: "10.10.0.1", sourcePort: 50000 + (frame.sourcePort ?? 0) - 40000 });
			else
				Object.assign(frame, {
					destination: "10.10.0.1",
					destinationPort: 50000 + (frame.destinationPort ?? 0) - 40000,
				});
		}
		run.observation.accepts = run.observation.accepts.map((entry, i) => ({
			...entry,
			peerAddress: "10.10.0.1",
			peerPort: 50000 + i,
		}));
		expect(path(run, NAT_PATH)).toEqual([
			"error",
			"the client's side of 10.10.0.1:50000 is not known: its address was rewritten on the way",
		]);
		run.observation.requests = run.observation.requests.map(({ index }) =>
			request(index, { localAddress: NAT.clientAddress, localPort: 40000 + index }),
		);
		expect(path(run, NAT_PATH)[0]).toBe("pass");
	});

	it("takes a port that was used twice for connections to either backend", () => {
		const run = nat();
		run.frames.push(...connection(NAT, "int2", 0));
		run.observation.accepts[1] = accept(1, "int2", NAT.clientAddress, { peerPort: 40000 });
		expect(path(run, NAT_PATH)[0]).toBe("pass");
	});

	it("follows pings by address alone", () => {
		const run = world(NAT, ["int1"], { nc: undefined, ping: "111.111.0.1" });
		const icmp = run.frames.map(({ sourcePort, destinationPort, flags, ...frame }) => ({
			...frame,
			protocol: "icmp" as const,
		}));
		expect(path({ ...run, frames: icmp }, NAT_PATH)[0]).toBe("pass");
		expect(path({ ...run, frames: icmp }, { ...NAT_PATH, request: ["ext1", "gw"] })[0]).toBe("fail");
		expect(path({ ...run, frames: icmp.filter((frame) => frame.source === NAT.clientAddress) }, NAT_PATH)[0]).toBe(
			"error",
		);
	});
});

describe("path: what cannot be judged", () => {
	it("is an error when no connection was captured", () => {
		expect(path({ ...nat(), frames: [] }, NAT_PATH)).toEqual(["error", "no connection of the client was captured"]);
	});

	it("is an error when nothing was answered", () => {
		const run = without(nat(), (frame) => frame.destination === NAT.clientAddress);
		run.observation.requests = run.observation.requests.map(({ index }) => request(index, { answered: false }));
		run.observation.accepts = [];
		expect(path(run, NAT_PATH)).toEqual(["error", "no answered connection to follow, only 4 attempts"]);
	});

	it("is an error when no capture could have seen a hop", () => {
		const run = without(nat(), (frame) => frame.interface === "eth2" || frame.node.startsWith("int"));
		run.observation.captures = run.observation.captures.filter(
			({ node, interface: name }) => node === "ext1" || (name === "eth1" && node === "gw"),
		);
		expect(path(run, NAT_PATH)).toEqual(["error", "no capture could have seen gw > int1"]);
	});

	it("is an error when a capture lost frames, but a wrong hop still fails", () => {
		const run = dsr();
		Object.assign(run.observation.captures[2] ?? {}, { dropped: 7 });
		expect(path(run, DSR_PATH)).toEqual(["error", "gateway eth1 lost 7 frames"]);
		run.frames.push(...stray(["gateway", "eth1"], ["katran", "eth0"], true));
		expect(path(run, DSR_PATH)[0]).toBe("fail");
	});

	it("is an error when a capture is missing, and not when something else is", () => {
		const run = nat();
		run.observation.faults = ["counters gw: garbled"];
		expect(path(run, NAT_PATH)[0]).toBe("pass");
		run.observation.faults = ["capture gw eth1: tcpdump ended with 1"];
		expect(path(run, NAT_PATH)).toEqual(["error", "capture gw eth1: tcpdump ended with 1"]);
		run.observation.faults = ["tcpdump is not installed"];
		expect(path(run, NAT_PATH)).toEqual(["error", "tcpdump is not installed"]);
	});
});
