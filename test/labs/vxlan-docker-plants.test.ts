/** Every scenario of vxlan-docker, seen red once. */
import { type LivePlant, livePlants } from "./live-plants.ts";

/** Makes the tunnel of a node anew with another identifier. */
const tunnel = (id: number, remote: string) =>
	`ip link del vxlan-demo; ip link add vxlan-demo type vxlan id ${id} remote ${remote} dstport 4789; ip link set vxlan-demo up; brctl addif docker_br vxlan-demo`;

const PLANTS: LivePlant[] = [
	{
		scenario: "verify",
		fault: "the tunnel is down",
		plant: { node2: "ip link set vxlan-demo down" },
		undo: { node2: "ip link set vxlan-demo up" },
		red: ["containers reach each other: state at node1", "node2 fetches: answered", "node1 fetches: answered"],
	},
	{
		scenario: "wire",
		fault: "both tunnels have another identifier",
		plant: { node1: tunnel(200, "192.168.56.11"), node2: tunnel(200, "192.168.56.10") },
		undo: { node1: tunnel(100, "192.168.56.11"), node2: tunnel(100, "192.168.56.10") },
		red: ["requests and replies: requests go to node2", "requests and replies: replies come back"],
	},
	{
		scenario: "troubleshooting",
		fault: "the tunnel is no port of the bridge",
		plant: { node1: "brctl delif docker_br vxlan-demo" },
		undo: { node1: "brctl addif docker_br vxlan-demo" },
		red: [
			"tunnel, networks and bridges: state at node1: ip link show",
			"tunnel, networks and bridges: state at node1: brctl",
		],
	},
	{
		scenario: "bridge-address",
		fault: "web1 has been told for good whose 10.0.0.1 is",
		plant: {
			node1:
				"nsenter -t $(docker inspect -f '{{.State.Pid}}' web1) -n ip neighbour replace 10.0.0.1 dev eth0 nud permanent lladdr $(cat /sys/class/net/docker_br/address)",
		},
		undo: { node1: "nsenter -t $(docker inspect -f '{{.State.Pid}}' web1) -n ip neighbour del 10.0.0.1 dev eth0" },
		red: ["after a word from node2: answered", "after a word from node2: the echo request"],
	},
];

livePlants("vxlan-docker", PLANTS);
