/** One request through katran-dsr as a healthy lab shows it. */
import { traceRequest } from "../../src/judge/trace-request.ts";
import { DSR, world } from "../judge/builders.ts";

const { phase, observation, frames } = world(DSR, ["real1"]);

export const TRACE = traceRequest(phase([{ answered: "all" }]), observation, frames);
