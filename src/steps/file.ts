import type { StepBody } from "../model/step.ts";
import { quote } from "./quote.ts";
import type { Rendered } from "./rendered.ts";

/** Writes a file with a here-document, as a person would. */
export function renderFile(body: StepBody<"file">): Rendered {
	const path = quote(body.path);
	const folder = quote(body.path.slice(0, body.path.lastIndexOf("/")) || "/");
	const content = body.content.endsWith("\n") ? body.content : `${body.content}\n`;
	// The marker must not be a line of the content itself.
	let marker = "END";
	while (content.split("\n").includes(marker)) marker += "_";
	return {
		commands: [
			`mkdir -p ${folder}`,
			`cat >${path} <<'${marker}'\n${content}${marker}`,
			`chmod ${body.mode ?? "644"} ${path}`,
		],
	};
}
