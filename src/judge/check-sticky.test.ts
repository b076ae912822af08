import { describe, expect, it } from "vitest";
import {
	accept,
	alternating,
	connection,
	DSR,
	judge,
	macOf,
	request,
	seen,
	type World,
	world,
} from "../../test/judge/builders.ts";
import type { Frame } from "../model/observation.ts";

/** Four connections of `segments` data segments each. */
function dsr(segments = 20): World {
	const picks = alternating(4, ["real1", "real2"]);
	return { ...world(DSR, picks), frames: picks.flatMap((pick, i) => connection(DSR, pick, i, segments)) };
}

function sticky(run: World, minimum = 20) {
	return seen(judge(run, { sticky: { "min-segments": minimum } }), "sticky");
}

/** The data segments of the first connection as real1 received them. */
function firstData(run: World): Frame[] {
	return run.frames.filter((frame) => frame.node === "real1" && frame.sourcePort === 40000 && frame.payload > 0);
}

function moved(frame: Frame): Frame {
	return { ...frame, node: "real2", destinationMac: macOf(DSR, ["real2", "eth0"]) };
}

describe("sticky", () => {
	it("passes when each connection has enough segments at its own backend", () => {
		expect(sticky(dsr())).toEqual(["pass", "4 connections, fewest segments 20, none at another backend"]);
	});

	it("fails when a single segment goes to another backend", () => {
		const run = dsr();
		run.frames.push(
			...firstData(run)
				.slice(0, 1)
				.map((frame) => ({ ...moved(frame), sequence: 9999 })),
		);
		expect(sticky(run)).toEqual(["fail", "1 of 4 split: 10.111.220.11:40000 had 20 at real1, 1 at real2"]);
	});

	it("fails when a connection is too short, and counts no segment twice", () => {
		const run = dsr(19);
		run.frames.push(...run.frames.map((frame) => ({ ...frame, time: frame.time + 0.2 })));
		expect(sticky(run, 19)[0]).toBe("pass");
		expect(sticky(run)).toEqual([
			"fail",
			"4 of 4 too short: 10.111.220.11:40000 had 19 at real1; 10.111.220.11:40001 had 19 at real2; " +
				"10.111.220.11:40002 had 19 at real1 and 1 more",
		]);
	});

	it("is inconsistent when captures and log name different backends", () => {
		const run = dsr();
		run.observation.accepts[0] = accept(0, "real2", DSR.clientAddress);
		expect(sticky(run)).toEqual(["inconsistent", "10.111.220.11:40000 had 20 at real1 but logged by real2"]);
	});

	it("asks answered connections only", () => {
		const run = dsr();
		run.observation.requests[0] = request(0, { answered: false });
		run.frames = run.frames.filter((frame) => frame.sourcePort !== 40000);
		expect(sticky(run)).toEqual(["pass", "3 connections, fewest segments 20, none at another backend"]);
	});

	it("fails when an answered connection was not captured at all beside others that were", () => {
		const run = dsr();
		run.frames = run.frames.filter((frame) => frame.sourcePort !== 40000);
		expect(sticky(run)).toEqual(["fail", "1 of 4 too short: 10.111.220.11:40000 had none"]);
	});

	it("leaves out a port that was used for two backends", () => {
		const run = dsr();
		run.observation.accepts[1] = accept(1, "real2", DSR.clientAddress, { peerPort: 40000 });
		expect(sticky(run)).toEqual(["pass", "2 connections, fewest segments 20, none at another backend"]);
	});

	it("does not count what is flooded to the other backend", () => {
		const run = dsr();
		run.frames.push(...firstData(run).map((frame) => ({ ...frame, node: "real2" })));
		expect(sticky(run)[0]).toBe("pass");
	});

	it("is an error when nothing was captured, or a backend was not watched", () => {
		expect(sticky({ ...dsr(), frames: [] })).toEqual([
			"error",
			"no data segment of an answered connection was captured",
		]);
		const blind = dsr();
		blind.observation.captures = blind.observation.captures.filter((capture) => capture.node !== "real2");
		expect(sticky(blind)).toEqual(["error", "no capture was taken at real2"]);
		const lossy = dsr();
		for (const capture of lossy.observation.captures) capture.dropped = capture.node === "real1" ? 1 : 0;
		expect(sticky(lossy)).toEqual(["error", "real1 eth0 lost 1 frame"]);
		const elsewhere = dsr();
		for (const capture of elsewhere.observation.captures) capture.dropped = capture.node === "client" ? 1 : 0;
		expect(sticky(elsewhere)[0]).toBe("pass");
		const faulty = dsr();
		faulty.observation.faults = ["capture real2 eth0: gone"];
		expect(sticky(faulty)).toEqual(["error", "capture real2 eth0: gone"]);
	});
});

describe("sticky with a backend that is taken out", () => {
	/** Four connections, of which those of real2 go to real1 after ten segments and are broken there. */
	function takenOut(): World {
		const run = dsr();
		const own = (frame: Frame) => frame.node === "real2" && frame.payload > 0;
		const late = new Map<number | undefined, number>();
		run.frames = run.frames.map((frame) => {
			if (!own(frame)) return frame;
			const seen = (late.get(frame.sourcePort) ?? 0) + 1;
			late.set(frame.sourcePort, seen);
			return seen <= 10 ? frame : { ...frame, node: "real1", destinationMac: macOf(DSR, ["real1", "eth0"]) };
		});
		for (const index of [1, 3]) run.observation.requests[index] = request(index, { answered: false });
		run.observation.accepts = run.observation.accepts.filter(({ node }) => node === "real1");
		return run;
	}
	const judged = (run: World, gone = "real2") =>
		seen(judge(run, { sticky: { "min-segments": 20, "taken-out": gone } }), "sticky");

	it("passes when its connections leave and no other moves", () => {
		expect(judged(takenOut())).toEqual([
			"pass",
			"2 connections of real2 went elsewhere; 2 others stayed, fewest segments 20",
		]);
	});

	it("fails when one of them stays, so that the backend was not taken out", () => {
		expect(judged(dsr())).toEqual([
			"fail",
			"2 of 2 stayed: 10.111.220.11:40001 had 20 at real2; 10.111.220.11:40003 had 20 at real2",
		]);
	});

	it("fails when another connection moves, is broken or is too short", () => {
		const strays = takenOut();
		strays.frames.push(
			...firstData(strays)
				.slice(-1)
				.map((frame) => ({ ...moved(frame), sequence: 9999 })),
		);
		expect(judged(strays)).toEqual(["fail", "1 of 2 moved: 10.111.220.11:40000 had 20 at real1, 1 at real2"]);
		const broken = takenOut();
		broken.observation.requests[0] = request(0, { answered: false });
		expect(judged(broken)).toEqual(["fail", "1 of 2 not answered: 10.111.220.11:40000 had 20 at real1"]);
		const short = takenOut();
		const last = new Set(
			firstData(short)
				.slice(5)
				.map(({ sequence }) => sequence),
		);
		short.frames = short.frames.filter((frame) => frame.sourcePort !== 40000 || !last.has(frame.sequence));
		expect(judged(short)).toEqual(["fail", "1 of 2 too short: 10.111.220.11:40000 had 5 at real1"]);
	});

	it("is an error when nothing was at it, or nothing elsewhere", () => {
		const run = takenOut();
		run.frames = run.frames.filter(({ sourcePort, destinationPort }) =>
			[sourcePort, destinationPort].every((port) => port !== 40001 && port !== 40003),
		);
		expect(judged(run)).toEqual(["error", "nothing to compare: 0 connections began at real2, 2 elsewhere"]);
	});
});
