/**
 * Faults planted into the real labs: each is noticed by the check that is about it, in its own words, and by no other. The two
 * labs are tried at the same time, each in one machine.
 */
import { describe, expect, it } from "vitest";
import { lab } from "../support/lab-command.ts";
import { LabCopies } from "../support/lab-copy.ts";
import { describePlants } from "./plant.ts";
import { IPVS_NAT_PLANTS, IPVS_NAT_SIZES } from "./plants-ipvs-nat.ts";
import { KATRAN_DSR_PLANTS, KATRAN_DSR_SIZES } from "./plants-katran-dsr.ts";

describe.concurrent("ipvs-nat", () => describePlants("ipvs-nat", IPVS_NAT_SIZES, IPVS_NAT_PLANTS));
describe.concurrent("katran-dsr", () => describePlants("katran-dsr", KATRAN_DSR_SIZES, KATRAN_DSR_PLANTS));

describe("a lab without scenarios", () => {
	it("is not tested, which is no success", async () => {
		const copies = new LabCopies("ipvs-nat");
		const { code, stdout } = await lab(["test", copies.write([])]);
		copies.remove();
		expect([code, stdout]).toEqual([2, expect.stringContaining("has no scenarios, so there is nothing to test")]);
	});
});
