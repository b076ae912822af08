/** Copies of the project's labs with faults in them: small changes of the files' data, written to a folder of their own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Document, isMap, isSeq, parseDocument } from "yaml";
import type { Change } from "../../src/model/scenario.ts";

/**
 * New values by path. A path's parts are keys, positions from 0, and ids of list entries: `nodes/gw/steps/service/ipvs/scheduler`.
 * A value that is undefined takes the entry away.
 */
export type Edits = Record<string, unknown>;

/** A change that a scenario makes beside its own, before the traffic of a phase. */
export interface Planted {
	/** Position of the phase, from 0. */
	phase?: number;
	change: Change | Change[];
}

export interface ScenarioCopy {
	name: string;
	edits?: Edits | undefined;
	plant?: Planted | undefined;
}

/** The file without aliases, so that an edit of one node is not one of another, too. */
function documentOf(file: string): Document {
	return new Document(parseDocument(readFileSync(file, "utf8")).toJS(), { aliasDuplicateObjects: false });
}

/** The path with ids turned into positions. */
function pathIn(document: Document, path: string): (string | number)[] {
	const found: (string | number)[] = [];
	for (const part of path.split("/")) {
		const at = found.length === 0 ? document.contents : document.getIn(found);
		if (!isSeq(at)) found.push(part);
		else if (/^\d+$/.test(part)) found.push(Number(part));
		else found.push(at.items.findIndex((item) => isMap(item) && item.get("id") === part));
		if (found.at(-1) === -1) throw new Error(`no entry ${part} in ${path}`);
	}
	return found;
}

/** A path that leads nowhere makes a file that is refused. */
function edit(document: Document, edits: Edits): void {
	for (const [text, value] of Object.entries(edits)) {
		const path = pathIn(document, text);
		if (value === undefined) document.deleteIn(path);
		else document.setIn(path, value);
	}
}

function plantChange(document: Document, { phase = 0, change }: Planted): void {
	const path = ["phases", phase, "change"];
	const { change: own = [] } = (document.toJS() as { phases: { change?: Change | Change[] }[] }).phases[phase] ?? {};
	document.setIn(path, [own, change].flat());
}

function write(document: Document, file: string): void {
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, String(document));
}

/** Copies of one lab, all below one folder of the temporary folder. */
export class LabCopies {
	readonly folder: string;
	readonly lab: string;
	private count = 0;

	constructor(lab: string) {
		this.lab = lab;
		this.folder = mkdtempSync(join(tmpdir(), `lab-planted-${lab}-`));
	}

	/** Writes a copy with these scenarios only; returns its folder, for `lab test`. */
	write(scenarios: ScenarioCopy[], labEdits: Edits = {}): string {
		const target = join(this.folder, String(this.count++), this.lab);
		const lab = documentOf(resolve("labs", this.lab, "lab.yaml"));
		edit(lab, labEdits);
		write(lab, join(target, "lab.yaml"));
		for (const { name, edits = {}, plant } of scenarios) {
			const scenario = documentOf(resolve("scenarios", this.lab, `${name}.yaml`));
			edit(scenario, edits);
			if (plant) plantChange(scenario, plant);
			write(scenario, join(target, "scenarios", `${name}.yaml`));
		}
		return target;
	}

	remove(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}
}
