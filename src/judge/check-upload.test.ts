import { describe, expect, it } from "vitest";
import { judge, NAT, request, seen, type World, world } from "../../test/judge/builders.ts";

function uploads(): World {
	const run = world(NAT, ["int1", "int2"]);
	for (const [i, entry] of run.observation.requests.entries()) entry.digest = `d${i}`;
	for (const [i, entry] of run.observation.accepts.entries()) entry.digest = `d${i}`;
	return run;
}

function upload(run: World) {
	return seen(judge(run, { upload: "intact" }), "upload");
}

describe("upload", () => {
	it("passes when every digest arrives", () => {
		expect(upload(uploads())).toEqual(["pass", "2 of 2 intact"]);
	});

	it("names the request whose file differs", () => {
		const run = uploads();
		Object.assign(run.observation.accepts[1] ?? {}, { digest: "other" });
		expect(upload(run)).toEqual(["fail", "1 of 2 intact; #2 differs at int2"]);
	});

	it("names the request that did not arrive", () => {
		const run = uploads();
		run.observation.accepts.splice(0, 1);
		expect(upload(run)).toEqual(["fail", "1 of 2 intact; #1 did not arrive"]);
	});

	it("names the request that was logged and not stored", () => {
		const run = uploads();
		delete run.observation.accepts[0]?.digest;
		expect(upload(run)).toEqual(["fail", "1 of 2 intact; #1 was not stored at int1"]);
	});

	it("is an error when nothing was uploaded or logged", () => {
		const unsent = uploads();
		unsent.observation.requests[1] = request(1);
		expect(upload(unsent)).toEqual(["error", "#2 has no digest: nothing was uploaded"]);
		const unlogged = uploads();
		unlogged.observation.accepts = [];
		expect(upload(unlogged)).toEqual(["error", "no upload was logged"]);
		const lost = uploads();
		lost.observation.faults = ["log int1 web: gone"];
		expect(upload(lost)).toEqual(["error", "log int1 web: gone"]);
	});
});
