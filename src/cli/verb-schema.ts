/** `lab schema` */
import { join } from "node:path";
import { type SchemaName, schemaText } from "../config/json-schema.ts";
import { LabError } from "../model/error.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { writeFor } from "./output.ts";

const NAMES: SchemaName[] = ["lab", "scenario"];

export async function schema(context: CliContext, args: string[], flags: Flags): Promise<number> {
	if (flags.write) {
		for (const name of NAMES) writeFor(join(context.root, "schema", `${name}.schema.json`), schemaText(name));
		context.stderr.write(`written: ${NAMES.map((name) => `schema/${name}.schema.json`).join(", ")}\n`);
		return 0;
	}
	const name = NAMES.find((candidate) => candidate === (args[0] ?? "lab"));
	if (!name) {
		throw new LabError("input", `there is no schema "${args[0]}"`, {
			code: "unknown-schema",
			hint: `One of: ${NAMES.join(", ")}`,
		});
	}
	context.stdout.write(schemaText(name));
	return 0;
}
