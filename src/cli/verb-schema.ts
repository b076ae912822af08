/** `lab schema` */
import { join } from "node:path";
import { SCHEMA_NAMES, schemaText } from "../config/json-schema.ts";
import { LabError } from "../model/error.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { writeFor } from "./output.ts";

export async function schema(context: CliContext, args: string[], flags: Flags): Promise<number> {
	if (flags.write) {
		for (const name of SCHEMA_NAMES) writeFor(join(context.root, "schema", `${name}.schema.json`), schemaText(name));
		context.stderr.write(`written: ${SCHEMA_NAMES.map((name) => `schema/${name}.schema.json`).join(", ")}\n`);
		return 0;
	}
	const name = SCHEMA_NAMES.find((candidate) => candidate === (args[0] ?? "lab"));
	if (!name) {
		throw new LabError("input", `there is no schema "${args[0]}"`, {
			code: "unknown-schema",
			hint: `One of: ${SCHEMA_NAMES.join(", ")}`,
		});
	}
	context.stdout.write(schemaText(name));
	return 0;
}
