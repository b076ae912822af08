/**
 * `npm run bench [-- compose] [-- vm]`: figures of this machine, side by side. Prints tables and writes
 * results/bench-<time>.json. Everything it starts is removed at its end, also after Ctrl-C.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Cleanup } from "./cleanup.ts";
import { benchCompose } from "./compose.ts";
import { formatReport } from "./figures.ts";
import type { Report } from "./report.ts";
import { benchVm } from "./vm.ts";

const ROOT = resolve(import.meta.dirname, "..");
const PARTS = ["compose", "vm"] as const;
const MEASURE = { compose: benchCompose, vm: benchVm };

const USAGE = `npm run bench -- [compose] [vm] [--rounds N] [--daemon trixie|bookworm]

  compose   lab up/down with both wirings against docker compose, on one private daemon (root, Debian packages)
  vm        the embedded machine: restore, first exec, lab up, memory, cold boot
  Both when none is named. --rounds: how often each is measured (7; the machine's part at least 3 times).
`;

export async function main(args: string[]): Promise<number> {
	const { values, positionals } = parseArgs({
		args,
		allowPositionals: true,
		options: {
			rounds: { type: "string", default: "7" },
			daemon: { type: "string", default: "trixie" },
			help: { type: "boolean", default: false },
		},
	});
	const rounds = Number(values.rounds);
	const known = positionals.every((name) => (PARTS as readonly string[]).includes(name));
	const suite = (["trixie", "bookworm"] as const).find((name) => name === values.daemon);
	if (values.help || !known || !suite || !(rounds >= 1)) {
		process.stderr.write(USAGE);
		return values.help ? 0 : 2;
	}
	const wanted = PARTS.filter((name) => positionals.length === 0 || positionals.includes(name));
	const cleanup = new Cleanup();
	const bench = { root: ROOT, rounds, suite, cleanup, say: (line: string) => void process.stderr.write(`${line}\n`) };
	const started = new Date();
	const load = loadavg()[0];
	const report: Report = {
		schema: 1,
		started: started.toISOString(),
		machine: {
			cpus: cpus().length,
			model: cpus()[0]?.model ?? "unknown",
			memoryMiB: Math.round(totalmem() / 2 ** 20),
			kernel: release(),
			system: await systemName(),
			node: process.version,
		},
		rounds,
		load: { before: load ?? 0, after: 0 },
		parts: [],
	};
	let code = 0;
	for (const name of wanted) {
		// What one part found is not lost when the next one fails.
		try {
			report.parts.push(await MEASURE[name](bench));
		} catch (error) {
			if (!cleanup.interrupted) report.parts.push({ name, facts: [`${name} failed: ${String(error)}`], figures: [] });
			code = 1;
		} finally {
			await cleanup.run();
		}
		if (cleanup.interrupted) return 130;
	}
	report.load.after = loadavg()[0] ?? 0;
	process.stdout.write(formatReport(report));
	await mkdir(join(ROOT, "results"), { recursive: true });
	const file = join(
		"results",
		`bench-${started.toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-")}.json`,
	);
	await writeFile(join(ROOT, file), `${JSON.stringify(report, null, "\t")}\n`);
	process.stdout.write(`\nwritten to ${file}\n`);
	return code;
}

async function systemName(): Promise<string> {
	const text = await readFile("/etc/os-release", "utf8").catch(() => "");
	return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? process.platform;
}
