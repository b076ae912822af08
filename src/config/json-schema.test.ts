import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { STEP_KIND_NAMES } from "../model/step.ts";
import { type JsonSchema, jsonSchemas, SCHEMA_NAMES, schemaText } from "./json-schema.ts";

const SCHEMAS = join(import.meta.dirname, "../../schema");

/** Paths of all properties without a description. */
function undescribed(schema: JsonSchema, path = ""): string[] {
	const own = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => [
		...(child.description ? [] : [`${path}.${name}`]),
		...undescribed(child, `${path}.${name}`),
	]);
	const more = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
	return [
		...own,
		...(more ? undescribed(more, `${path}.*`) : []),
		...(schema.items ? undescribed(schema.items, `${path}[]`) : []),
		...(schema.anyOf ?? []).flatMap((branch) => undescribed(branch, path)),
	];
}

describe.each(SCHEMA_NAMES)("schema %s", (name) => {
	test("describes every field, so that an editor can", () => {
		expect(undescribed(jsonSchemas()[name] as JsonSchema)).toEqual([]);
	});

	test("the walk finds a field without a description", () => {
		const broken = structuredClone(jsonSchemas()[name]) as JsonSchema;
		const [first] = Object.values(broken.properties ?? {});
		delete first?.description;
		expect(undescribed(broken)).toHaveLength(1);
	});

	test("is up to date in schema/ (else: ./lab schema --write)", () => {
		expect(readFileSync(join(SCHEMAS, `${name}.schema.json`), "utf8")).toBe(schemaText(name));
	});

	test("has an id, a title and none of our own words", () => {
		const text = schemaText(name);
		expect(JSON.parse(text)).toMatchObject({ $id: `${name}.schema.json`, title: expect.stringContaining(name) });
		expect(text).not.toContain("exactlyOne");
	});
});

test("a step has exactly one kind", () => {
	const lab = jsonSchemas().lab as JsonSchema;
	const node = lab.properties?.nodes?.additionalProperties as JsonSchema;
	expect(node.properties?.steps?.items?.oneOf).toEqual(STEP_KIND_NAMES.map((kind) => ({ required: [kind] })));
});

test("traffic, expectations, counters, states, conditions and ipvs services say which keys exclude each other", () => {
	const count = (text: string) => text.split('"oneOf"').length - 1;
	expect(count(schemaText("scenario"))).toBe(5);
	expect(count(schemaText("lab"))).toBe(3);
});
