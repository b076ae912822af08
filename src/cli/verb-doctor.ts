/** `lab doctor` */
import { findLabs, openLabFile } from "../config/find-labs.ts";
import { probeKernel } from "../engine/kernel-probe.ts";
import { cacheDirectory } from "../machine/directories.ts";
import { measureResources } from "../machine/host-resources.ts";
import { isolation } from "../machine/namespaces.ts";
import { snapshotStatus } from "../machine/snapshot.ts";
import { LabError, wordsOf } from "../model/error.ts";
import { type Lab, optionalFeatures } from "../model/lab.ts";
import { choicesText } from "../report/kernel-text.ts";
import { alignRows, textTable } from "../report/table.ts";
import { LABEL } from "../run/labels.ts";
import { stepsFor } from "./choose-steps.ts";
import type { CliContext } from "./cli-context.ts";
import { type DaemonFindings, decideEngine } from "./decide-engine.ts";
import { daemonsAsked } from "./engine-session.ts";
import type { Flags } from "./flags.ts";
import { print } from "./output.ts";
import { probeMemory } from "./probe-memory.ts";
import { tagOf } from "./provide.ts";
import { setupContext } from "./setup-context.ts";

type Answers = Awaited<ReturnType<typeof probeKernel>>;

/** Says what would be used for each lab and why. Builds, installs and starts nothing. */
export async function doctor(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const labs = args[0]
		? [openLabFile(args[0], context.root).lab]
		: findLabs(context.root).flatMap(({ outcome }) => (outcome.ok ? [outcome.lab.lab] : []));
	const vm = await machineFacts(context, flags);
	const daemon = await daemonFacts(context, flags, labs);
	const rows = labs.map((lab) => {
		try {
			const { kind, reason } = decideEngine(
				flags.engine ?? "auto",
				lab.name,
				findingsFor(lab, daemon),
				process.platform === "linux",
			);
			const { optional, words } = kernelFacts(lab, kind, daemon);
			const why = [reason, words].filter((text) => text !== "").join("; ");
			return { lab: lab.name, requires: lab.requires, optional, engine: kind as string, reason: why };
		} catch (error) {
			const hint = error instanceof LabError && error.hint ? ` ${error.hint}` : "";
			const optional = optionalFeatures(lab);
			return { lab: lab.name, requires: lab.requires, optional, engine: "none", reason: `${wordsOf(error)}.${hint}` };
		}
	});
	const { answers: _answers, ...daemonShown } = daemon;
	print(context, flags, { daemon: daemonShown, vm, labs: rows }, () => {
		const facts = [
			["docker daemon", daemon.words],
			...daemon.features.map((feature) => ["", `${feature.name}: ${feature.ok ? "yes" : "no"} (${feature.detail})`]),
			["embedded machine", vm.words],
			["disk and memory", vm.resources],
		];
		return `${alignRows(facts)}\n${textTable(
			["lab", "engine", "why"],
			rows.map((row) => [row.lab, row.engine, row.reason]),
		)}`;
	});
	return rows.some((row) => row.engine === "none") ? 3 : 0;
}

async function machineFacts(context: CliContext, flags: Flags) {
	if (process.platform !== "linux") return { usable: false, words: "needs a Linux host", resources: "" };
	const cache = cacheDirectory(context.env);
	const free = await measureResources(cache).catch(() => measureResources("/"));
	const resources = `${(free.disk / 1e9).toFixed(0)} GB free at ${cache} (a first set-up takes about 3), ${(free.memory / 1e9).toFixed(0)} GB of memory available`;
	const setup = setupContext(context, flags, { listen: () => {}, signal: context.signal });
	const status = await snapshotStatus(setup);
	const decision =
		"decision" in status && status.decision ? `; ${status.decision.accel}: ${status.decision.reason}` : "";
	const kept = `API kept private by a ${isolation()}`;
	const words = status.ready
		? `ready (kernel ${status.snapshot.kernel}, ${status.snapshot.accel}; ${kept})`
		: `made on first use (${status.reason}${decision}; ${kept})`;
	return { usable: true, ready: status.ready, words, resources };
}

interface DaemonFacts {
	words: string;
	name?: string;
	features: { name: string; ok: boolean; detail: string }[];
	answers?: Answers;
	why: string;
}

async function daemonFacts(context: CliContext, flags: Flags, labs: Lab[]): Promise<DaemonFacts> {
	const { found, tried } = await context.findDaemon();
	const why = daemonsAsked({ tried });
	if (!found) return { words: `none answers (${why})`, features: [], why };
	try {
		const info = await found.engine.info();
		const words = `${info.daemon} (API ${info.api}), kernel ${info.kernel}, ${info.system} at ${found.name}`;
		const image = await tagOf(context.root, "node");
		// The probe runs in the node image; doctor changes nothing, so it does not build one.
		if (!(await found.engine.hasImage(image))) {
			return {
				words: `${words}; its kernel is probed once the node image is there (lab image build)`,
				name: found.name,
				features: [],
				why,
			};
		}
		const answers = await probeKernel(
			found.engine,
			[...new Set(labs.flatMap((lab) => [...lab.requires, ...optionalFeatures(lab)]))],
			{
				loadModules: flags.loadModules ?? false,
				image: async () => image,
				labels: { [LABEL.instance]: "probe", [LABEL.role]: "probe" },
				// Whoever asks the doctor wants everything looked at anew.
				memory: { ...probeMemory(cacheDirectory(context.env)), modules: async () => undefined },
			},
		);
		const features = Object.entries(answers).map(([name, { ok, how, detail }]) => ({
			name,
			ok,
			detail: detail ?? how,
		}));
		return { words, name: found.name, features, answers: answers as Answers, why };
	} finally {
		await found.engine.close();
	}
}

function findingsFor(lab: Lab, daemon: DaemonFacts): DaemonFindings {
	if (daemon.name === undefined) return { state: "absent", why: daemon.why };
	const missing = lab.requires.filter((feature) => daemon.answers && !daemon.answers[feature]?.ok);
	return { state: "present", name: daemon.name, missing, clashes: [] };
}

/** What the lab would take there; the machine's kernel is asked only when it runs. */
function kernelFacts(lab: Lab, engine: "docker" | "vm", { answers }: DaemonFacts) {
	const optional = optionalFeatures(lab);
	if (optional.length === 0) return { optional, words: "" };
	if (engine === "vm" || !answers)
		return { optional, words: `${optional.join(", ")} will be looked for when it is up` };
	return { optional, words: choicesText(stepsFor(lab, [], answers).choices) };
}
