/** JUnit XML as CI servers read it: a suite per scenario, a case per check. */
import type { CheckView, FailureView, LabView, RunState, ScenarioView } from "./summarise.ts";

interface Suite {
	name: string;
	durationMs: number;
	cases: Case[];
}

interface Case {
	className: string;
	name: string;
	/** `skipped`, `failure` or `error`; undefined for a pass. */
	outcome?: { element: "failure" | "error" | "skipped"; type: string; message: string };
	output: string[];
}

/** The whole run as JUnit XML. What could not be measured is an error, what contradicts itself too. */
export function junitXml(state: RunState): string {
	const general = state.failures.filter((failure) => failure.lab === undefined).map(failureCase);
	const suites = [
		...(general.length === 0 ? [] : [{ name: "lab", durationMs: 0, cases: general }]),
		...state.labs.flatMap((lab) => labSuites(lab, state)),
	];
	const time = state.latestAt - state.startedAt;
	return [
		'<?xml version="1.0" encoding="UTF-8"?>',
		`<testsuites name="lab"${tallyOf(suites.flatMap((suite) => suite.cases))} time="${seconds(time)}">`,
		...suites.flatMap((suite) => suiteLines(suite, state)),
		"</testsuites>",
		"",
	].join("\n");
}

function labSuites(lab: LabView, state: RunState): Suite[] {
	const cases = state.failures.filter((failure) => failure.lab === lab.name).map(failureCase);
	const scenarios = lab.scenarios.map((scenario) => scenarioSuite(lab, scenario));
	if (lab.status === "skipped") cases.push(labCase(lab, "skipped", lab.reason ?? "skipped"));
	else if (cases.length === 0 && lab.status === "error" && scenarios.every((suite) => suite.cases.length === 0)) {
		cases.push(labCase(lab, "error", lab.reason ?? "no check ran"));
	}
	return cases.length === 0 ? scenarios : [{ name: lab.name, durationMs: lab.durationMs ?? 0, cases }, ...scenarios];
}

function labCase(lab: LabView, element: "skipped" | "error", message: string): Case {
	return { className: lab.name, name: "the lab comes up", outcome: { element, type: element, message }, output: [] };
}

function failureCase(failure: FailureView): Case {
	return {
		className: failure.lab ?? "lab",
		name: "the lab comes up",
		outcome: { element: "error", type: failure.code, message: failure.message },
		output: failure.hint === undefined ? [] : [`hint: ${failure.hint}`],
	};
}

function scenarioSuite(lab: LabView, scenario: ScenarioView): Suite {
	const className = `${lab.name}.${scenario.name}`;
	const cases = scenario.phases.flatMap((phase) => phase.checks.map((check) => checkCase(className, check)));
	const bad = scenario.status === undefined || (scenario.status !== "passed" && cases.every((one) => !one.outcome));
	if (bad) {
		const element = scenario.status === "skipped" ? ("skipped" as const) : ("error" as const);
		const message = scenario.reason ?? "the scenario did not come to its end";
		cases.push({ className, name: "the scenario runs", outcome: { element, type: element, message }, output: [] });
	}
	return { name: className, durationMs: scenario.durationMs ?? 0, cases };
}

function checkCase(className: string, check: CheckView): Case {
	const output = [`expected: ${check.expected}`, `observed: ${check.observed}`];
	if (check.evidence.length > 0) output.push(`evidence: ${check.evidence.join(", ")}`);
	const base = { className, name: `${check.phase}: ${check.check}`, output };
	if (check.status === "pass") return base;
	const element = check.status === "fail" ? "failure" : "error";
	const message = `${check.observed} (expected ${check.expected})`;
	return { ...base, outcome: { element, type: check.status, message } };
}

function suiteLines(suite: Suite, state: RunState): string[] {
	const started = state.startedAt === 0 ? "" : ` timestamp="${new Date(state.startedAt).toISOString().slice(0, 19)}"`;
	const time = seconds(suite.durationMs);
	return [
		`\t<testsuite name="${escapeXml(suite.name)}"${tallyOf(suite.cases)} time="${time}"${started}>`,
		...propertyLines(state),
		...suite.cases.flatMap(caseLines),
		"\t</testsuite>",
	];
}

function propertyLines(state: RunState): string[] {
	const properties = { run: state.run, results: state.results, ...engineProperties(state) };
	const lines = Object.entries(properties)
		.filter((entry): entry is [string, string] => entry[1] !== undefined)
		.map(([name, value]) => `\t\t\t<property name="${name}" value="${escapeXml(value)}"/>`);
	return lines.length === 0 ? [] : ["\t\t<properties>", ...lines, "\t\t</properties>"];
}

function engineProperties({ engine }: RunState): Record<string, string> {
	if (!engine) return {};
	return { engine: engine.kind, kernel: engine.kernel, daemon: engine.daemon, "engine-reason": engine.reason };
}

function caseLines({ className, name, outcome, output }: Case): string[] {
	const lines = [`\t\t<testcase classname="${escapeXml(className)}" name="${escapeXml(name)}">`];
	if (outcome?.element === "skipped") lines.push(`\t\t\t<skipped message="${escapeXml(outcome.message)}"/>`);
	else if (outcome) {
		const { element, type, message } = outcome;
		lines.push(`\t\t\t<${element} type="${escapeXml(type)}" message="${escapeXml(message)}"/>`);
	}
	if (output.length > 0) lines.push(`\t\t\t<system-out>${escapeXml(output.join("\n"), true)}</system-out>`);
	lines.push("\t\t</testcase>");
	return lines;
}

function tallyOf(cases: readonly Case[]): string {
	const count = (element: string) => cases.filter(({ outcome }) => outcome?.element === element).length;
	const parts = { tests: cases.length, failures: count("failure"), errors: count("error"), skipped: count("skipped") };
	return Object.entries(parts)
		.map(([name, value]) => ` ${name}="${value}"`)
		.join("");
}

function seconds(milliseconds: number): string {
	return (milliseconds / 1000).toFixed(3);
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** XML 1.0 has no place at all for most control characters and for lone surrogates: they become U+FFFD. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML forbids
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

/** Text for an element or an attribute; in an attribute line breaks would be read as spaces. */
export function escapeXml(text: string, keepLineBreaks = false): string {
	const escaped = text.replaceAll(FORBIDDEN, "\ufffd").replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
	return keepLineBreaks
		? escaped
		: escaped.replaceAll("\n", "&#10;").replaceAll("\r", "&#13;").replaceAll("\t", "&#9;");
}
