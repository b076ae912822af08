/** `lab up` and `lab down` against `docker compose up -d` and `down`: same daemon, same containers, in turn. */
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { $ } from "zx";
import type { Plan } from "../src/model/plan.ts";
import { debianTree } from "../test/support/debian-tree.ts";
import { startHostDaemon } from "../test/support/host-daemon.ts";
import { testCacheDir } from "../test/support/host-daemon-setup.ts";
import { type Bench, labEnvironment, type Timing, temporaryFolder, timed, timedLab } from "./bench.ts";
import { compare } from "./figures.ts";
import type { Figure, Part } from "./report.ts";
import { composeFile } from "./topology.ts";

const LAB = "katran-dsr";
const NAME = "bench-compose";

interface Contender {
	name: string;
	up: () => Promise<Timing>;
	down: () => Promise<Timing>;
}

interface Sample {
	up: Timing;
	down: Timing;
}

export async function benchCompose(bench: Bench): Promise<Part> {
	const { cleanup, say, suite, rounds } = bench;
	const cacheDir = testCacheDir();
	say("compose: getting docker-compose and a private daemon ready");
	const compose = await composeProgram(cacheDir);
	const version = (await $({ quiet: true })`${compose} version --short`).stdout.trim();
	const folder = await temporaryFolder(cleanup);
	const daemon = await startHostDaemon({ cacheDir, trixie: suite === "trixie" });
	cleanup.add(daemon.stop);
	cleanup.signal.throwIfAborted();
	const env = labEnvironment(folder, { DOCKER_HOST: daemon.host, LAB_ENGINE: "docker" });
	const contenders = await allContenders(bench, env, { folder, compose });
	say("compose: one round to warm up (images, probes, page cache)");
	await oneRound(contenders);
	const samples = new Map(contenders.map(({ name }) => [name, [] as Sample[]]));
	for (let round = 0; round < rounds; round++) {
		// Another one begins each time, so that none is always behind the same neighbour.
		const turn = contenders.map((_, index) => contenders[(index + round) % contenders.length] as Contender);
		const results = await oneRound(turn);
		for (const [name, sample] of results) samples.get(name)?.push(sample);
		const words = [...results].map(
			([name, { up, down }]) => `${name} ${up.seconds.toFixed(2)}/${down.seconds.toFixed(2)}`,
		);
		say(`compose: round ${round + 1} of ${rounds}, up/down in s: ${words.join(", ")}`);
	}
	return {
		name: "compose",
		facts: [
			`${LAB}'s nodes on three networks, on a private ${daemonWords(suite)}, in turn, each round beginning with another.`,
			`docker compose ${version} starts the containers; lab also configures them: addresses, routes, sysctls, offloads, services, XDP balancer.`,
			"Ratios are medians of each round's ratio. `up` is the phase of run.json, the rest of lab's time is its own start and the look at the daemon.",
		],
		figures: figuresOf(samples),
	};
}

function daemonWords(suite: Bench["suite"]): string {
	return suite === "trixie" ? "Docker 26.1 (Debian trixie)" : "Docker 20.10 (Debian bookworm)";
}

/** Debian trixie's docker-compose, unpacked and not installed. */
async function composeProgram(cacheDir: string): Promise<string> {
	const tree = await debianTree({ cacheDir, suite: "trixie", name: "compose", packages: ["docker-compose"] });
	const folder = join(tree, "usr/libexec/docker/cli-plugins");
	const name = (await readdir(folder)).find((entry) => entry === "docker-compose");
	if (!name) throw new Error(`no docker-compose in ${folder}`);
	return join(folder, name);
}

async function allContenders(
	bench: Bench,
	env: NodeJS.ProcessEnv,
	{ folder, compose }: { folder: string; compose: string },
): Promise<Contender[]> {
	const lab = (wiring: string): Contender => ({
		name: `lab, ${wiring} wiring`,
		up: () => timedLab(bench, env, ["up", LAB, "-n", NAME, "--wiring", wiring]),
		down: () => timedLab(bench, env, ["down", NAME]),
	});
	// Building the program and the image is not what is measured; the image is compose's too.
	const warm = lab("veth");
	await warm.up();
	await warm.down();
	const json = async (args: string[]) =>
		JSON.parse((await $({ env, cwd: bench.root, quiet: true })`./lab ${args}`).stdout);
	const plan = (await json(["up", LAB, "-n", NAME, "--wiring", "docker", "--dry-run", "-f", "json"])) as Plan;
	const images = (await json(["image", "list", "-f", "json"])) as { image?: string; name?: string; tag: string }[];
	const image = images.map(({ tag }) => tag).find((tag) => tag.startsWith("lblab/node:"));
	if (!image) throw new Error(`the node image is not on the daemon: ${JSON.stringify(images)}`);
	const file = join(folder, "compose.yaml");
	await writeFile(file, composeFile(plan, NAME, image));
	const run = async (args: string[]) => ({
		seconds: await timed(bench, env, [compose, "-f", file, ...args]),
		phases: {},
	});
	return [
		{ name: "docker compose", up: () => run(["up", "-d"]), down: () => run(["down"]) },
		lab("veth"),
		lab("docker"),
	];
}

async function oneRound(contenders: Contender[]): Promise<Map<string, Sample>> {
	const results = new Map<string, Sample>();
	for (const { name, up, down } of contenders) {
		results.set(name, { up: await up(), down: await down() });
	}
	return results;
}

function figuresOf(samples: Map<string, Sample[]>): Figure[] {
	const of = (name: string) => samples.get(name) ?? [];
	const targets = [
		["lab, veth wiring", 0.5],
		["lab, docker wiring", 1],
	] as const;
	return (["up", "down"] as const).flatMap((verb) => {
		const base: Figure = {
			name: `docker compose ${verb}`,
			unit: "s",
			values: of("docker compose").map((sample) => sample[verb].seconds),
		};
		const ours = targets.flatMap(([name, target]): Figure[] => {
			const whole: Figure = {
				name: `${name}: ${verb}`,
				unit: "s",
				values: of(name).map((sample) => sample[verb].seconds),
			};
			if (verb === "down") return [compare(whole, base, target)];
			const phase: Figure = {
				name: "  of it, phase up",
				unit: "s",
				values: of(name).map((sample) => sample.up.phases.up ?? Number.NaN),
			};
			return [compare(whole, base, target), phase];
		});
		return [base, ...ours];
	});
}
