/** The traffic of a phase: who sends what to where. */
import { addressesOf } from "../model/lab.ts";
import type { Traffic } from "../model/scenario.ts";
import type { ScenarioScene } from "./check-scenario.ts";
import { at, type Path } from "./tree.ts";

/** Keys that mean something for some kinds of traffic only. */
const KINDS_OF_KEY: Record<string, readonly string[]> = {
	send: ["nc"],
	lines: ["nc", "curl"],
	pause: ["nc", "curl"],
	parallel: ["nc", "curl"],
	upload: ["curl"],
	rate: ["curl"],
};

export function checkTraffic(traffic: Traffic, path: Path, scene: ScenarioScene): void {
	const { report } = scene;
	scene.checkNode(traffic.from, [...path, "from"]);
	const kind = traffic.nc !== undefined ? "nc" : traffic.curl !== undefined ? "curl" : "ping";
	for (const [key, kinds] of Object.entries(KINDS_OF_KEY)) {
		// Asked of the file, as most of these have defaults.
		const given = at(report.tree, [...path, key]);
		if (given && !kinds.includes(kind)) {
			report.addAtKey([...path, key], `"${key}" means nothing for ${kind}`, `it is for ${kinds.join(" and ")}`);
		}
	}
	if (traffic.nc !== undefined) checkNcTarget(traffic.nc, [...path, "nc"], scene);
	if (traffic.curl !== undefined && !URL.canParse(traffic.curl)) {
		report.add([...path, "curl"], `"${traffic.curl}" is not a URL, e.g. http://192.168.10.1/`);
	}
	checkSources(traffic, [...path, "sources"], scene);
	const asksUpload = at(report.tree, [...path, "lines"]) && traffic.upload !== undefined && traffic.lines > 1;
	if (traffic.rate !== undefined && traffic.upload === undefined && kind === "curl") {
		report.addAtKey([...path, "rate"], '"rate" is for uploads, and this traffic has none', "add upload: BYTES");
	}
	if (asksUpload) report.addAtKey([...path, "lines"], "an upload sends a file, so it cannot have lines");
}

/** A source that the sender does not have would fail every request that is sent from it. */
function checkSources(traffic: Traffic, path: Path, { lab, report }: ScenarioScene): void {
	const node = lab.nodes[traffic.from];
	if (!node) return;
	const given = [
		...Object.values(node.interfaces).flatMap(addressesOf),
		...(node.steps ?? []).flatMap(({ address }) => address?.add ?? []),
	].map((address) => address.split("/")[0]);
	traffic.sources?.forEach((source, index) => {
		if (given.includes(source)) return;
		const hint = `it has: ${given.slice(0, 4).join(", ")}${given.length > 4 ? ", ..." : ""}`;
		report.add([...path, index], `node ${traffic.from} has no address ${source}`, hint);
	});
}

function checkNcTarget(target: string, path: Path, { report }: ScenarioScene): void {
	const port = Number(target.slice(target.lastIndexOf(":") + 1));
	if (port < 1 || port > 65535) report.add(path, `port ${port} of "${target}" is not between 1 and 65535`);
}
