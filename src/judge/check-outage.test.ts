import { describe, expect, it } from "vitest";
import { judge, NAT, request, seen, world } from "../../test/judge/builders.ts";

/** One request a second from 100 s on; the change comes at 103.5 s. */
function outage(failed: readonly number[], within: number, count = 12) {
	const run = world(NAT, Array(count).fill("int1"));
	run.observation.changedAt = 103.5;
	run.observation.requests = run.observation.requests.map(({ index }) =>
		request(index, { sentAt: 100 + index, answered: !failed.includes(index) }),
	);
	return { run, result: () => seen(judge(run, { outage: { within } }), "outage") };
}

describe("outage", () => {
	it("passes when requests failed for no longer than allowed, and says for how long", () => {
		expect(outage([4, 6], 4).result()).toEqual([
			"pass",
			"2 requests failed, the last was sent 2.50 s after the change; 4 requests sent later than that",
		]);
		expect(outage([], 4).result()).toEqual(["pass", "no request failed; 4 requests sent later than that"]);
	});

	it("fails when a request fails later, or before the change", () => {
		const [status, observed] = outage([4, 9], 4).result();
		expect(status).toBe("fail");
		expect(observed).toMatch(/outside of it: #10 5\.50 s after the change$/);
		expect(outage([0], 4).result()[1]).toMatch(/outside of it: #1 3\.50 s before the change$/);
	});

	it("allows what was under way when the change came", () => {
		expect(outage([3], 4).result()[0]).toBe("pass");
	});

	it("is an error when nothing was sent after the time allowed", () => {
		expect(outage([4], 20).result()).toEqual([
			"error",
			"1 request failed, the last was sent 0.50 s after the change; 0 requests sent later than that: nothing shows that the outage had ended",
		]);
	});

	it("is an error when the change or the time of a request is not known, or requests are missing", () => {
		const unchanged = outage([], 4);
		delete unchanged.run.observation.changedAt;
		expect(unchanged.result()).toEqual(["error", "no change was made during the traffic"]);
		const timeless = outage([], 4);
		timeless.run.observation.requests[5] = request(5);
		expect(timeless.result()).toEqual(["error", "when the requests were sent is not known"]);
		const missing = outage([], 4);
		missing.run.observation.requests.pop();
		expect(missing.result()[0]).toBe("error");
		const faulty = outage([], 4);
		faulty.run.observation.faults = ["traffic ext1: lost"];
		expect(faulty.result()).toEqual(["error", "traffic ext1: lost"]);
	});
});
