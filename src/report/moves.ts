/**
 * A plan as the moves a person would make by hand, with nothing but the `docker` command: what the transcript prints and
 * the script does. Pure.
 */
import type { Plan, PlannedNetwork, PlannedNode } from "../model/plan.ts";

/** One thing to do and why. */
export interface Move {
	/** The machine of the Docker daemon, or a shell in a node. */
	where: "host" | PlannedNode;
	why: string;
	commands: string[];
	/** What the script runs in place of `commands` where it must wait or start something in the background. */
	script?: string;
}

/** The module src/plan/wire-script.ts: the commands that make the wires. Handed in, as reports know no plan code. */
export interface Wiring {
	/** Segments and veth pairs; `pids` maps node names to process ids. */
	fabricCommands(plan: Plan, pids: Record<string, string>): string[];
	/** Programs on the fabric's ends of wires, shell commands behind the others. */
	passCommands(plan: Plan): string[];
	/** Addresses of the wires, inside the node. */
	vethNodeCommands(plan: Plan, node: PlannedNode): string[];
	/** Renaming what Docker made, inside the node; `macs` maps interfaces to MAC addresses. */
	dockerNodeCommands(plan: Plan, node: PlannedNode, macs: Record<string, string>): string[];
}

/** What a plan leaves open. */
export interface MoveOptions {
	wiring: Wiring;
	/** Tag of an image on the daemon, e.g. lblab/node:0123456789ab. */
	image: (name: string) => string;
	/** File of one of our programs, e.g. bpf/xdplb/build/xdplb. */
	program: (name: string) => string;
}

/** Everything `up` does, in an order that works one by one. */
export function movesOf(plan: Plan, options: MoveOptions): Move[] {
	const wired = plan.networks.some((network) => network.driver === "veth");
	return [
		...plan.networks.filter((network) => network.driver === "docker").map(networkMove),
		...plan.nodes.map((node) => containerMove(plan, node, options)),
		...(wired ? fabricMoves(plan, options) : []),
		// All wires before the first step: one may ask a neighbour for its MAC address.
		...plan.nodes.flatMap((node) => wireMoves(plan, node, options)),
		...plan.nodes.flatMap(stepMoves),
	];
}

/** Takes it all away again. */
export function removalCommands(plan: Plan): string[] {
	const wired = plan.networks.some((network) => network.driver === "veth");
	const containers = [...plan.nodes.map((node) => node.container), ...(wired ? [fabricName(plan)] : [])];
	const networks = plan.networks.filter((network) => network.driver === "docker").map((network) => network.objectName);
	return [
		`docker rm -f -v ${containers.join(" ")}`,
		...(networks.length === 0 ? [] : [`docker network rm ${networks.join(" ")}`]),
	];
}

function networkMove(network: PlannedNetwork): Move {
	const words = [
		"docker network create --driver bridge",
		`--subnet ${network.subnet} --gateway ${network.gateway}`,
		"--opt com.docker.network.bridge.enable_ip_masquerade=false --opt com.docker.network.bridge.inhibit_ipv4=true",
		...(network.mtu ? [`--opt com.docker.network.driver.mtu=${network.mtu}`] : []),
		network.objectName,
	];
	const why = `Network ${network.name}. The host neither translates its addresses nor gets one.`;
	return { where: "host", why, commands: [words.join(" ")] };
}

/** NET_ADMIN and a writable /proc/sys make a node a machine of its own without making it privileged. */
function containerMove(plan: Plan, node: PlannedNode, { image, program }: MoveOptions): Move {
	const rights = node.privileged
		? ["--privileged -v /var/lib/docker"]
		: [...node.capabilities.map((name) => `--cap-add ${name}`), "--security-opt systempaths=unconfined"];
	const apparmor = node.apparmor ? ["--security-opt apparmor=unconfined"] : [];
	const [first, ...others] = attachmentsOf(plan, node);
	const network = first ? `--network ${first.network} --ip ${first.address}` : "--network none";
	const words = [`docker create --name ${node.container} --hostname ${node.name}`, network, ...rights, ...apparmor];
	return {
		where: "host",
		why: `Node ${node.name}, the ${node.role}.`,
		commands: [
			`${words.join(" ")} --entrypoint tini ${image(node.image)} -- sleep infinity`,
			...others.map((other) => `docker network connect --ip ${other.address} ${other.network} ${node.container}`),
			...node.programs.map((name) => `docker cp ${quoteWord(program(name))} ${node.container}:/usr/local/bin/${name}`),
			`docker start ${node.container}`,
		],
	};
}

function fabricMoves(plan: Plan, { image, wiring }: MoveOptions): Move[] {
	const fabric = fabricName(plan);
	const capabilities = "--cap-add NET_ADMIN --cap-add SYS_ADMIN --cap-add SYS_PTRACE";
	const create = `docker run -d --name ${fabric} --network none --pid host ${capabilities} --security-opt apparmor=unconfined`;
	const pids = Object.fromEntries(plan.nodes.map((node) => [node.name, `$${variable("pid", node.name)}`]));
	return [
		{
			where: "host",
			why: "The fabric: the segments live in its network namespace, where no firewall rule of the host sees a frame.",
			commands: [`${create} --entrypoint tini ${image("node")} -- sleep infinity`],
		},
		{
			where: "host",
			why: "Process ids of the nodes: by them the far end of a wire is pushed into a node.",
			commands: plan.nodes.map(
				(node) => `${variable("pid", node.name)}=$(docker inspect -f '{{.State.Pid}}' ${node.container})`,
			),
		},
		{
			where: "host",
			why: "A bridge per segment, and a pair of veth interfaces per wire.",
			commands: wiring.fabricCommands(plan, pids).map((command) => `docker exec ${fabric} ${command}`),
		},
		...passMoves(wiring.passCommands(plan), fabric),
	];
}

function passMoves(commands: string[], fabric: string): Move[] {
	if (commands.length === 0) return [];
	return [
		{
			where: "host",
			why: "A native XDP program may send frames back only when the other end of its wire has a program, too: one that passes all.",
			commands: commands.map((command) => `docker exec ${fabric} sh -ec ${quoteWord(command)}`),
		},
	];
}

function wireMoves(plan: Plan, node: PlannedNode, { wiring }: MoveOptions): Move[] {
	const attached = attachmentsOf(plan, node);
	const resolver = "printf 'nameserver 127.0.0.1\\noptions timeout:1 attempts:1\\n' >/etc/resolv.conf";
	return [
		...(attached.length === 0 ? [] : [renameMove(plan, node, attached, wiring)]),
		...(attached.length === node.ports.length ? [] : [addressMove(plan, node, wiring)]),
		{
			where: node,
			why: "Names of all nodes, a resolver that refuses at once (no look-up leaves the lab), a place for logs.",
			commands: [
				`printf '%s\\n' ${plan.hosts.map(quoteWord).join(" ")} >/etc/hosts`,
				resolver,
				"mkdir -p /var/log/lab",
			],
		},
	];
}

function stepMoves(node: PlannedNode): Move[] {
	return node.steps.map(({ why, when, commands, script }) => {
		const reason = when === undefined ? why : `${why}\nTaken as ${when}.`;
		return { where: node, why: reason, commands, ...(script === undefined ? {} : { script }) };
	});
}

function addressMove(plan: Plan, node: PlannedNode, wiring: Wiring): Move {
	return { where: node, why: "Addresses of its wires.", commands: wiring.vethNodeCommands(plan, node) };
}

/** Docker numbers interfaces as it likes, so each is found by the MAC address that Docker tells. */
function renameMove(plan: Plan, node: PlannedNode, attached: readonly AttachedPort[], wiring: Wiring): Move {
	const names = attached.map(({ port }) => ({ port, name: variable("mac", `${node.name}_${port}`) }));
	const macs = Object.fromEntries(names.map(({ port, name }) => [port, `$${name}`]));
	const told = attached.map(({ network, port }) => {
		const field = `{{(index .NetworkSettings.Networks "${network}").MacAddress}}`;
		return `${variable("mac", `${node.name}_${port}`)}=$(docker inspect -f '${field}' ${node.container})`;
	});
	const environment = names.map(({ name }) => `-e ${name}="$${name}"`).join(" ");
	const inside = wiring.dockerNodeCommands(plan, node, macs).join("\n");
	return {
		where: "host",
		why: `Interfaces of ${node.name} get the names of the document; Docker's default route goes.`,
		commands: [...told, `docker exec ${environment} ${node.container} sh -ec ${quoteWord(inside)}`],
	};
}

interface AttachedPort {
	port: string;
	network: string;
	address: string;
}

function attachmentsOf(plan: Plan, node: PlannedNode): AttachedPort[] {
	return node.ports.flatMap((port) => {
		const network = plan.networks.find((entry) => entry.name === port.network);
		const address = port.addresses[0]?.split("/")[0];
		if (network?.driver !== "docker" || address === undefined) return [];
		return [{ port: port.interface, network: network.objectName, address }];
	});
}

function fabricName(plan: Plan): string {
	return `lab-${plan.instance}-fabric`;
}

function variable(prefix: string, name: string): string {
	return `${prefix}_${name.replaceAll(/\W/g, "_")}`;
}

/** One POSIX shell word. */
export function quoteWord(text: string): string {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
