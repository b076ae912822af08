/** What a scenario means in its lab. */
import type { Lab } from "../model/lab.ts";
import type { Scenario } from "../model/scenario.ts";
import type { Report } from "./report.ts";

export function checkScenario(_scenario: Scenario, _lab: Lab, _report: Report): void {}
