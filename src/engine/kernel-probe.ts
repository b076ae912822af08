/** What the kernel of a daemon's machine can do, found by doing it in a container that is thrown away. */
import { randomBytes } from "node:crypto";
import { LabError } from "../model/error.ts";
import { KERNEL_FEATURES, type KernelFeature } from "../model/kernel.ts";
import type { ContainerSpec, Engine, EngineInfo, Labels } from "./engine.ts";
import { FEATURE_PROBES, type FeatureProbe, XDP_OBJECT_PATH, xdpObject } from "./kernel-features.ts";

export interface FeatureAnswer {
	ok: boolean;
	/** The command that was tried, or why none was. */
	how: string;
	/** What it said; modules that it loaded. */
	detail?: string;
	/** Neither built in nor loaded, with these modules (`ProbeMemory.modules`): only another module brings it. */
	absentWith?: string;
}

export type FeatureAnswers<F extends KernelFeature = KernelFeature> = Record<F, FeatureAnswer>;

/**
 * Where answers are kept between runs. What a kernel can do is remembered. What it cannot may come with the next `modprobe`, and
 * asking again costs less than a wrong refusal; so that is remembered only where the modules can be looked at.
 */
export interface ProbeMemory {
	read(key: string): Promise<Partial<FeatureAnswers> | undefined>;
	write(key: string, answers: Partial<FeatureAnswers>): Promise<void>;
	/** Stands for the modules that the daemon's kernel has loaded; undefined where nobody can tell. */
	modules?(info: EngineInfo): Promise<string | undefined>;
}

export interface ProbeOptions {
	/** May the probe make the kernel load modules? It changes the daemon's machine until its next boot. */
	loadModules: boolean;
	/** Brings and names an image with ip, iptables, ipset, ipvsadm and a shell: the lab's `node`. Only asked when needed. */
	image: () => Promise<string>;
	/** Labels of the throw-away containers, by which a later clean-up finds them should this process be killed. */
	labels: Labels;
	memory?: ProbeMemory;
	/** Milliseconds for all commands together; 2000 when left out. */
	timeoutMs?: number;
}

/** What the throw-away containers are made of. */
interface Place {
	image: string;
	labels: Labels;
}

const DEFAULT_TIMEOUT_MS = 2000;
const LINE = "@lab-probe";
/** How it is known that a feature's code is not in the kernel. */
const ABSENT = "looked for it in /proc/kallsyms";

/**
 * Asks for `features`; errors are those of the engine.
 * @throws LabError what starting the throw-away container throws.
 */
export async function probeKernel<F extends KernelFeature>(
	engine: Engine,
	features: readonly F[],
	options: ProbeOptions,
): Promise<FeatureAnswers<F>> {
	const info = await engine.info();
	const key = info.boot && `${info.id}-${info.boot}-${info.kernel}`;
	const known = (key && (await options.memory?.read(key))) || {};
	const modules = options.loadModules ? undefined : await options.memory?.modules?.(info);
	const isKnown = (feature: KernelFeature) => {
		const { ok, absentWith } = known[feature] ?? {};
		return ok || (modules !== undefined && absentWith === modules);
	};
	const wanted = KERNEL_FEATURES.filter((feature) => features.includes(feature as F) && !isKnown(feature));
	const fresh = wanted.length > 0 ? await tryAll(engine, info, wanted, options) : {};
	for (const answer of Object.values(fresh)) {
		if (answer.how === ABSENT && modules !== undefined) answer.absentWith = modules;
	}
	const answers: Partial<FeatureAnswers> = { ...known, ...fresh };
	const kept = Object.entries(answers).filter(([, { ok, absentWith }]) => ok || absentWith !== undefined);
	if (key && wanted.length > 0) await options.memory?.write(key, Object.fromEntries(kept));
	return Object.fromEntries(features.map((feature) => [feature, answers[feature]])) as FeatureAnswers<F>;
}

async function tryAll(
	engine: Engine,
	info: EngineInfo,
	wanted: KernelFeature[],
	options: ProbeOptions,
): Promise<Partial<FeatureAnswers>> {
	const inContainer = wanted.filter((feature) => feature !== "privileged");
	const place = { labels: options.labels, image: await options.image() };
	const [commands, privileged] = await Promise.all([
		inContainer.length > 0 ? tryCommands(engine, info, inContainer, { ...options, ...place }) : {},
		wanted.includes("privileged") ? tryPrivileged(engine, place) : undefined,
	]);
	return { ...commands, ...(privileged ? { privileged } : {}) };
}

function throwAway({ image, labels }: Place, rest: Partial<ContainerSpec>): ContainerSpec {
	const name = `lab-probe-${randomBytes(4).toString("hex")}`;
	const command = ["sleep", "60"];
	return {
		...{ name, image, labels, command, hostname: "probe", attachments: [] },
		...{ capabilities: [], privileged: false },
		...rest,
	};
}

async function tryPrivileged(engine: Engine, place: Place): Promise<FeatureAnswer> {
	const how = "started a privileged container";
	const id = await engine.createContainer(throwAway(place, { privileged: true }));
	try {
		await engine.startContainer(id);
		return { ok: true, how };
	} catch (error) {
		if (!(error instanceof LabError) || error.kind === "environment") throw error;
		return { ok: false, how, detail: error.message };
	} finally {
		await engine.removeContainer(id);
	}
}

async function tryCommands(
	engine: Engine,
	info: EngineInfo,
	features: (keyof typeof FEATURE_PROBES)[],
	options: Place & Pick<ProbeOptions, "loadModules" | "timeoutMs">,
): Promise<Partial<FeatureAnswers>> {
	const capabilities = ["NET_ADMIN", "NET_RAW", "SYS_ADMIN"];
	// Networking disabled: the container's empty network namespace is the scratch one.
	const spec = throwAway(options, { capabilities, ...(info.apparmor ? { apparmor: "unconfined" as const } : {}) });
	const id = await engine.createContainer(spec);
	try {
		if (features.includes("xdp")) {
			await engine.copyIn(id, [{ path: XDP_OBJECT_PATH, content: xdpObject(), mode: 0o644 }]);
		}
		await engine.startContainer(id);
		const output = await runBounded(engine, id, probeScript(features, options.loadModules), options.timeoutMs);
		return parseAnswers(output, features);
	} finally {
		await engine.removeContainer(id);
	}
}

/** What the script said until it ended or its time was up. */
async function runBounded(engine: Engine, id: string, script: string, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<string> {
	let output = "";
	const onStdout = (chunk: Buffer) => {
		output += chunk.toString();
	};
	const signal = AbortSignal.timeout(timeoutMs);
	try {
		await engine.exec(id, { command: ["sh", "-s"], stdin: script, onStdout, signal });
	} catch (error) {
		if (!signal.aborted) throw error;
	}
	return output;
}

/** One shell script for all features; each answers by `@lab-probe FEATURE OUTCOME` and what its command said below. */
export function probeScript(features: readonly (keyof typeof FEATURE_PROBES)[], loadModules: boolean): string {
	const probes = features.map((feature) => [feature, FEATURE_PROBES[feature]] as const);
	const symbols = [...new Set(probes.flatMap(([, probe]) => probe.symbols))];
	return [
		"exec 2>&1",
		"modules() { cut -d' ' -f1 /proc/modules 2>/dev/null | sort; }",
		`have=" $(grep -owE '${symbols.join("|")}' /proc/kallsyms | sort -u | tr '\\n' ' ') "`,
		"before=$(modules)",
		"try() {",
		"	feature=$1 tools=$2 symbols=$3 load=$4 command=$5 outcome=no",
		"	for tool in $tools; do command -v $tool >/dev/null || { echo; echo " +
			`"${LINE} $feature no-tool"; echo $tool; return; }; done`,
		loadModules
			? '	[ -z "$load" ] || sh -c "$load" >/dev/null 2>&1'
			: `	for symbol in $symbols; do case "$have" in *" $symbol "*) ;; *) echo; echo "${LINE} $feature absent"; return;; esac; done`,
		'	said=$(sh -c "$command" 2>&1) && outcome=yes',
		`	echo; echo "${LINE} $feature $outcome"; [ $outcome = yes ] || echo "$said"`,
		"	after=$(modules)",
		'	[ "$after" = "$before" ] || { echo "modules loaded:"; for m in $after; do case " $(echo $before) " in *" $m "*) ;; *) echo $m;; esac; done; }',
		"	before=$after",
		"}",
		...probes.map(([feature, probe]) => tryLine(feature, probe)),
		"",
	].join("\n");
}

function tryLine(feature: string, { tools, symbols, load = "", command }: FeatureProbe): string {
	return `try ${feature} '${tools.join(" ")}' '${symbols.join(" ")}' '${load}' '${command}'`;
}

/** Answers of the script's output; a feature it did not get to is one that is not there. */
export function parseAnswers(
	output: string,
	features: readonly (keyof typeof FEATURE_PROBES)[],
): Partial<FeatureAnswers> {
	const said = new Map<string, { outcome: string; detail: string }>();
	for (const block of output.split(`${LINE} `).slice(1)) {
		const [head = "", ...lines] = block.trim().split("\n");
		const [feature = "", outcome = ""] = head.split(" ");
		said.set(feature, { outcome, detail: lines.map((line) => line.trim()).join(" ") });
	}
	return Object.fromEntries(features.map((feature) => [feature, answerOf(feature, said.get(feature))]));
}

function answerOf(
	feature: keyof typeof FEATURE_PROBES,
	said: { outcome: string; detail: string } | undefined,
): FeatureAnswer {
	const { command } = FEATURE_PROBES[feature];
	if (!said) return { ok: false, how: `${command}: no answer in time` };
	const { outcome, detail } = said;
	if (outcome === "no-tool") return { ok: false, how: `not tried: the image has no ${detail}` };
	if (outcome === "absent") {
		const why = "neither built in nor loaded; trying could load a module, which only --load-modules allows";
		return { ok: false, how: ABSENT, detail: why };
	}
	return { ok: outcome === "yes", how: command, ...(detail ? { detail } : {}) };
}
