/** Every scenario of vxlan-two-node, seen red once. */
import { type LivePlant, livePlants } from "./live-plants.ts";

const PLANTS: LivePlant[] = [
	{
		scenario: "connectivity",
		fault: "the tunnel is down",
		plant: { node2: "ip link set vxlan0 down" },
		undo: { node2: "ip link set vxlan0 up" },
		red: ["node1 pings 10.0.0.2: answered", "node2 pings 10.0.0.1: state at node1"],
	},
	{
		scenario: "balancing",
		fault: "the document's FORWARD rule is missing",
		plant: { node1: "iptables -D FORWARD -j ACCEPT" },
		undo: { node1: "iptables -A FORWARD -j ACCEPT" },
		red: ["sixty connections from a third host: answered"],
	},
	{
		scenario: "reply-path",
		fault: "the filter of the interface is loose",
		plant: { node1: "sysctl -w net.ipv4.conf.eth1.rp_filter=2" },
		undo: { node1: "sysctl -w net.ipv4.conf.eth1.rp_filter=0" },
		red: ["with a strict filter on node1: only web1's requests"],
	},
	{
		scenario: "bridge-direction",
		fault: "the tunnel is no port of the bridge",
		plant: { node2: "ip link set vxlan0 nomaster" },
		undo: { node2: "ip link set vxlan0 master docker_vxlan" },
		red: ["an address on vxlan0 is dead: answered"],
	},
	{
		scenario: "inspection",
		fault: "nobody has the VIP, and a rule is missing",
		plant: { node1: "ip address del 192.168.56.100/32 dev eth1; iptables -t nat -D PREROUTING 1" },
		undo: {
			node1:
				"ip address add 192.168.56.100/32 dev eth1; iptables -t nat -I PREROUTING 1 -d 192.168.56.100/32 -p tcp --dport 80 -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.0.0.3:80",
		},
		red: [
			"tunnel, networks and rules: state at node1: ip -br address",
			"tunnel, networks and rules: state at node1: iptables -t nat -S PREROUTING",
		],
	},
	{
		scenario: "mtu",
		fault: "a tunnel takes smaller frames only",
		plant: { node1: "ip link set vxlan0 mtu 1400" },
		undo: { node1: "ip link set vxlan0 mtu 1450" },
		red: ["containers of 1500 bytes lose: 1422 bytes arrive"],
	},
];

livePlants("vxlan-two-node", PLANTS);
