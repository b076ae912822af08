/** Annotations in a GitHub Actions log: each check that did not pass is shown at its scenario's file. */
import type { LabEvent } from "../model/event.ts";
import type { Reporter, Write } from "./reporter.ts";

/** To be used where GITHUB_ACTIONS is `true`; `write` goes to standard output. */
export function githubReporter(write: Write): Reporter {
	return {
		onEvent(event) {
			const annotation = annotationOf(event);
			if (annotation !== undefined) write(annotation);
		},
		close() {},
	};
}

function annotationOf(event: LabEvent): string | undefined {
	switch (event.type) {
		case "check": {
			const { status, phase, check, expected, observed } = event.result;
			if (status === "pass") return undefined;
			const file = `scenarios/${event.lab}/${event.scenario}.yaml`;
			const title = `${status.toUpperCase()} ${event.lab}/${event.scenario}`;
			return command("error", { file, title }, `${phase}: ${check}\nexpected: ${expected}\nobserved: ${observed}`);
		}
		case "failure": {
			const { file, line, column } = event.where ?? {};
			const hint = event.hint === undefined ? "" : `\n${event.hint}`;
			return command("error", { file, line, col: column, title: event.code }, `${event.message}${hint}`);
		}
		case "notice":
			return event.level === "warning" ? command("warning", {}, event.text) : undefined;
		default:
			return undefined;
	}
}

function command(name: string, properties: Record<string, string | number | undefined>, message: string): string {
	const given = Object.entries(properties).filter((entry) => entry[1] !== undefined);
	const list = given.map(([key, value]) => `${key}=${escapeProperty(String(value))}`).join(",");
	return `::${name}${list === "" ? "" : ` ${list}`}::${escapeData(message)}\n`;
}

/** The runner undoes exactly these; an unescaped line break would end the command. */
function escapeData(text: string): string {
	return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
	return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
