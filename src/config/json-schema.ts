/** JSON Schemas of the files, generated from the zod schemas: for editors, and for the words in error messages. */
import { z } from "zod";
import { Lab } from "../model/lab.ts";
import { Lesson } from "../model/lesson.ts";
import { Scenario } from "../model/scenario.ts";

/** The part of JSON Schema that zod writes for our files. */
export interface JsonSchema {
	[key: string]: unknown;
	type?: string | string[];
	description?: string;
	enum?: unknown[];
	const?: unknown;
	pattern?: string;
	properties?: Record<string, JsonSchema>;
	required?: string[];
	additionalProperties?: JsonSchema | boolean;
	propertyNames?: JsonSchema;
	items?: JsonSchema;
	anyOf?: JsonSchema[];
	/** Ours: of these keys exactly one must be given. In the published schemas it is a `oneOf`. */
	exactlyOne?: readonly string[];
}

export const SCHEMA_NAMES = ["lab", "scenario", "lesson"] as const;
export type SchemaName = (typeof SCHEMA_NAMES)[number];

const SOURCES = { lab: Lab, scenario: Scenario, lesson: Lesson } as const;

const TITLES: Record<SchemaName, string> = {
	lab: "lblab lab file (labs/<lab>/lab.yaml)",
	scenario: "lblab scenario file (scenarios/<lab>/<scenario>.yaml)",
	lesson: "lblab lesson file (labs/<lab>/lesson.yaml)",
};

const cache = new Map<SchemaName, JsonSchema>();

/** The schema as zod gives it, with `exactlyOne` still in our own words. */
export function plainSchema(name: SchemaName): JsonSchema {
	const known = cache.get(name);
	if (known) return known;
	const made = z.toJSONSchema(SOURCES[name], { io: "input" }) as JsonSchema;
	cache.set(name, made);
	return made;
}

/** The JSON Schemas as published in `schema/<name>.schema.json`. */
export function jsonSchemas(): Record<SchemaName, object> {
	const publish = (name: SchemaName) => {
		const { $schema, ...rest } = standardise(plainSchema(name)) as JsonSchema;
		return { $schema, $id: `${name}.schema.json`, title: TITLES[name], ...rest };
	};
	return { lab: publish("lab"), scenario: publish("scenario"), lesson: publish("lesson") };
}

/** The text of a published schema, as the file in `schema/` holds it. */
export function schemaText(name: SchemaName): string {
	return `${JSON.stringify(jsonSchemas()[name], undefined, "\t")}\n`;
}

/** `exactlyOne` becomes a `oneOf` of `required`, which every validator knows. */
function standardise(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(standardise);
	if (typeof value !== "object" || value === null) return value;
	const { exactlyOne, ...rest } = value as JsonSchema;
	const copy = Object.fromEntries(Object.entries(rest).map(([key, child]) => [key, standardise(child)]));
	if (exactlyOne) copy.oneOf = exactlyOne.map((key) => ({ required: [key] }));
	return copy;
}

/** The schemas that apply to the value at a path: one, or the branches of a union. */
export function schemasAt(root: JsonSchema, path: readonly (string | number)[]): JsonSchema[] {
	return path.reduce<JsonSchema[]>((schemas, key) => schemas.flatMap((schema) => childSchemas(schema, key)), [root]);
}

function childSchemas(schema: JsonSchema, key: string | number): JsonSchema[] {
	return branches(schema).flatMap((branch): JsonSchema[] => {
		if (typeof key === "number") return branch.items ? [branch.items] : [];
		const child = branch.properties?.[key] ?? branch.additionalProperties;
		return typeof child === "object" ? [child] : [];
	});
}

/** The schema itself, or what a union is made of. */
export function branches(schema: JsonSchema): JsonSchema[] {
	return schema.anyOf ? schema.anyOf.flatMap(branches) : [schema];
}
