/** A plan as a transcript to read and to follow by hand: why, then the command behind the prompt of where it is typed. */
import type { Plan } from "../model/plan.ts";
import { type Move, type MoveOptions, movesOf } from "./moves.ts";

/** What `lab up --dry-run` prints. */
export function transcript(plan: Plan, options: MoveOptions): string {
	const moves = movesOf(plan, options);
	const example = plan.nodes[0];
	const header = [
		`# ${plan.lab}: ${plan.title}`,
		"#",
		"# host#  is a shell on the machine of the Docker daemon.",
		...(example
			? [`# ${example.name}#  is a shell in node ${example.name}: docker exec -it ${example.container} sh`]
			: []),
		...kernelLines(plan),
		"# Steps of different nodes are independent of each other; those of one node come in order.",
	];
	const onHost = moves.filter((move) => move.where === "host");
	const inNodes = plan.nodes.map((node) => ({
		heading: `## Node ${node.name} (${node.role})`,
		moves: moves.filter((move) => move.where === node),
	}));
	return [
		...header,
		...section("## Networks, containers and wires", onHost),
		...inNodes.flatMap(({ heading, moves: own }) => section(heading, own)),
		"",
	].join("\n");
}

/** A plan is for one kernel; whoever has another one is told how to get the other plan. */
export function kernelLines({ kernel = [] }: Plan): string[] {
	return kernel.map(({ feature, has }) =>
		has
			? `# For a kernel with ${feature}; the plan for one without: --without ${feature}`
			: `# For a kernel without ${feature}.`,
	);
}

function section(heading: string, moves: readonly Move[]): string[] {
	return ["", heading, ...moves.flatMap(moveLines)];
}

function moveLines({ where, why, commands }: Move): string[] {
	const prompt = where === "host" ? "host" : where.name;
	return ["", ...why.split("\n").map((line) => `# ${line}`), ...commands.map((command) => `${prompt}# ${command}`)];
}
