import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it, vi } from "vitest";
import { signalWithDeadline } from "./deadline.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Resolves with the reason of the abort; holds nothing but the promise. */
function ending(signal: AbortSignal): Promise<unknown> {
	return new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason), { once: true }));
}

it("ends after its time, whatever the garbage collector has done since", async () => {
	const end = vi.fn();
	void ending(signalWithDeadline(new AbortController().signal, 100)).then(end);
	for (let turn = 0; turn < 5; turn++) {
		await new Promise(setImmediate);
		collectGarbage();
	}
	await expect
		.poll(() => end.mock.calls, { timeout: 4000 })
		.toEqual([[expect.objectContaining({ name: "TimeoutError" })]]);
});

it("ends with the signal it was made from, at once if that has ended", async () => {
	const outer = new AbortController();
	const end = ending(signalWithDeadline(outer.signal, 60_000));
	outer.abort("enough");
	expect(await end).toBe("enough");
	expect(signalWithDeadline(outer.signal, 60_000).reason).toBe("enough");
});
