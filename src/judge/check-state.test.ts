import { describe, expect, it } from "vitest";
import { judge, NAT, seen, world } from "../../test/judge/builders.ts";

const RUN = "sysctl -n net.ipv4.ip_forward";

function state(output: string, body: object, exitCode = 0, at = "gw") {
	const run = world(NAT, ["int1"]);
	run.observation.states = [{ node: at, command: RUN, exitCode, output }];
	return seen(judge(run, { state: { at: "gw", run: RUN, ...body } }), `state at gw: ${RUN}`);
}

describe("state", () => {
	it("equals: compares without white space at the ends", () => {
		expect(state("1\n", { equals: "1" })).toEqual(["pass", '"1"']);
		expect(state("0\n", { equals: "1" })).toEqual(["fail", '"0"']);
		expect(state("11\n", { equals: "1" })[0]).toBe("fail");
	});

	it("matches: looks anywhere, with the ends of lines as ^ and $", () => {
		expect(state("a\nxdp generic\nb", { matches: "^xdp" })).toEqual(["pass", '"a | xdp generic | b"']);
		expect(state("no xdp", { matches: "^xdp" })[0]).toBe("fail");
		expect(state("x", { matches: "(" })).toEqual(["error", "/(/ is not a regular expression"]);
	});

	it("takes what a failing command says, such as a count of 0", () => {
		expect(state("0\n", { equals: "2" }, 1)).toEqual(["fail", 'exit code 1: "0"']);
		expect(state("0\n", { equals: "0" }, 1)).toEqual(["pass", 'exit code 1: "0"']);
		expect(state("no such device", { matches: "xdp" }, 1)).toEqual(["fail", 'exit code 1: "no such device"']);
	});

	it("is an error when a failing command tells nothing or was not run", () => {
		expect(state("", { equals: "" }, 255)).toEqual(["error", 'exit code 255: ""']);
		expect(state("", { matches: "xdp" }, 1)[0]).toBe("error");
		expect(state("eth0: no such device", { matches: "eth0" }, 1)[0]).toBe("error");
		expect(state("sh: sysctl: not found", { equals: "1" }, 127)[0]).toBe("error");
		expect(state("1", { equals: "1" }, 0, "int1")).toEqual(["error", "the command was not run"]);
	});

	it("shortens long output", () => {
		expect(state("x".repeat(300), { matches: "x" })[1]).toHaveLength(120 + 5);
		expect(state("x".repeat(120), { matches: "x" })[1]).toBe(`"${"x".repeat(120)}"`);
	});

	it("names the fault that kept the command from running", () => {
		const run = world(NAT, ["int1"]);
		run.observation.faults = ["state gw: node is gone"];
		const results = judge(run, { state: { at: "gw", run: RUN, equals: "1" } });
		expect(seen(results, `state at gw: ${RUN}`)).toEqual(["error", "state gw: node is gone; the command was not run"]);
	});
});
