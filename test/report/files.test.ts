import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LabEvent } from "../../src/model/event.ts";
import { appendingReporter, fileReporter } from "../../src/report/file-report.ts";
import { githubReporter } from "../../src/report/github.ts";
import { jsonLinesReporter } from "../../src/report/json-lines.ts";
import { escapeXml, junitXml } from "../../src/report/junit.ts";
import { markdownSummary } from "../../src/report/markdown.ts";
import { reportJson, reportOf } from "../../src/report/report-json.ts";
import { INITIAL_STATE, type RunState, reduce } from "../../src/report/summarise.ts";
import { failingRun, passingRun, RECORDED } from "./runs.ts";

const recorded = Object.entries(RECORDED).map(([name, record]) => ({ name, events: record() }));

function stateOf(events: LabEvent[]): RunState {
	return events.reduce(reduce, INITIAL_STATE);
}

let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "lab-report-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("reports of recorded runs", () => {
	it.each(recorded)("junit.xml of $name", async ({ name, events }) => {
		await expect(junitXml(stateOf(events))).toMatchFileSnapshot(`golden/${name}.junit.xml.txt`);
	});

	it.each(recorded)("summary.md of $name", async ({ name, events }) => {
		await expect(markdownSummary(stateOf(events))).toMatchFileSnapshot(`golden/${name}.summary.md.txt`);
	});

	it.each(recorded)("report.json of $name", async ({ name, events }) => {
		await expect(reportJson(stateOf(events))).toMatchFileSnapshot(`golden/${name}.report.json.txt`);
	});

	it.each(recorded)("GitHub annotations of $name", async ({ name, events }) => {
		const written: string[] = [];
		const reporter = githubReporter((text) => written.push(text));
		for (const event of events) reporter.onEvent(event);
		reporter.close();
		await expect(written.join("")).toMatchFileSnapshot(`golden/${name}.github.txt`);
		expect(written.every((text) => text.indexOf("\n") === text.length - 1)).toBe(true);
	});
});

describe("junit.xml", () => {
	it("is well-formed whatever a node has logged", () => {
		const nasty = `<]]>&"'\u0000\u001b\ud800\ufffe ${String.fromCodePoint(0x1f600)}\r\n\tend`;
		const events = failingRun().map(
			(event): LabEvent =>
				event.type === "check"
					? { ...event, result: { ...event.result, phase: nasty, check: nasty, observed: nasty, expected: nasty } }
					: event,
		);
		const runs = [...recorded.map((one) => one.events), events];
		const parse =
			"import json, sys, xml.dom.minidom as m\nfor text in json.load(sys.stdin): m.parseString(text.encode())";
		const input = JSON.stringify(runs.map((run) => junitXml(stateOf(run))));
		const checked = spawnSync("python3", ["-c", parse], { input, encoding: "utf8" });
		expect(checked.stderr).toBe("");
		expect(checked.status).toBe(0);
	});

	it("keeps line breaks of attributes and replaces what XML forbids", () => {
		expect(escapeXml('a\n"b"\u0007\ud800')).toBe("a&#10;&quot;b&quot;\ufffd\ufffd");
		expect(escapeXml("a\nb", true)).toBe("a\nb");
	});

	it("counts a skipped lab as skipped", () => {
		const at = "2026-03-01T10:00:00.000Z";
		const skipped = stateOf([
			{ seq: 0, at, type: "lab-end", lab: "katran-dsr", status: "skipped", durationMs: 0, reason: "no xdp here" },
		]);
		expect(junitXml(skipped)).toContain('<skipped message="no xdp here"/>');
		expect(junitXml(skipped)).toContain('tests="1" failures="0" errors="0" skipped="1"');
	});
});

describe("report.json", () => {
	it("is the run's own report where there is one", () => {
		const report = { ...reportOf(stateOf(passingRun())), status: "inconsistent" as const };
		const end: LabEvent = { seq: 99, at: "2026-03-01T10:01:00.000Z", type: "run-end", report };
		expect(reportOf(stateOf([...passingRun(), end]))).toBe(report);
	});

	it("never calls an empty run passed", () => {
		expect(reportOf(INITIAL_STATE).status).toBe("error");
	});
});

describe("files", () => {
	it("hold every event before close", () => {
		const path = join(folder, "events.jsonl");
		const reporter = jsonLinesReporter(path);
		for (const event of passingRun()) reporter.onEvent(event);
		const lines = readFileSync(path, "utf8").trimEnd().split("\n");
		expect(lines.map((line) => JSON.parse(line))).toEqual(passingRun());
		reporter.close();
	});

	it("are written on close, or appended to", () => {
		const path = join(folder, "summary.md");
		for (const reporter of [fileReporter(path, () => "one\n"), appendingReporter(path, () => "two\n")]) {
			for (const event of passingRun()) reporter.onEvent(event);
			reporter.close();
		}
		expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
	});
});
