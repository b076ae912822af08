import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { PlannedStep } from "../../src/model/plan.ts";
import { type LaneMark, LaneReader, laneScript } from "../../src/run/lane-script.ts";

function step(id: string, command: string): PlannedStep {
	return { id, why: "", kind: "run", commands: [command] };
}

/** Runs a lane for real, with the files it writes moved into nowhere, and reads its output in chunks of any size. */
function runLane(steps: PlannedStep[], chunk = 1000): { marks: [LaneMark, string][]; status: number | null } {
	const script = laneScript(["127.0.0.1 localhost"], steps)
		.replaceAll(/\/etc\/\w+(\.conf)?|\/run\/lab-configured/g, "/dev/null")
		.replace("mkdir -p /var/log/lab", ":");
	const result = spawnSync("sh", ["-c", script]);
	const marks: [LaneMark, string][] = [];
	const reader = new LaneReader((mark, output) => marks.push([mark, output]));
	for (let at = 0; at < result.stdout.length; at += chunk) reader.push(result.stdout.subarray(at, at + chunk));
	return { marks, status: result.status };
}

describe("a lane", () => {
	it.each([1, 7, 1000])("names each step, with chunks of %i bytes", (chunk) => {
		const { marks, status } = runLane([step("one", "echo 1"), step("two", "printf no-newline")], chunk);
		expect(status).toBe(0);
		expect(marks.map(([mark]) => `${mark.kind} ${mark.step}`)).toEqual(["begin one", "ok one", "begin two", "ok two"]);
		expect(marks[1]?.[1]).toBe("1\n");
		expect(marks[3]?.[1]).toBe("no-newline\n");
	});

	it("ends at the first step that fails, with its output and exit code", () => {
		const { marks, status } = runLane([
			step("one", "true"),
			step("two", "echo why >&2; false; echo not-reached"),
			step("three", "true"),
		]);
		expect(status).toBe(1);
		expect(marks.at(-1)).toEqual([{ kind: "failed", step: "two", exitCode: 1 }, "why\n"]);
	});

	it("a step cannot leave its directory or variables to the next", () => {
		const { marks } = runLane([step("one", "cd /tmp; x=1"), step("two", "pwd; echo [$x]")]);
		expect(marks[3]?.[1]).toContain("[]\n");
		expect(marks[3]?.[1]).not.toContain("/tmp\n");
	});
});
