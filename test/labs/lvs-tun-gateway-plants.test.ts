/** Every scenario of lvs-tun-gateway, seen red once. */
import { type LivePlant, livePlants } from "./live-plants.ts";

const VIP = "172.17.42.200";

const PLANTS: LivePlant[] = [
	{
		scenario: "gateway",
		fault: "a real lacks the rule for the VIP",
		plant: { rs1: `ip rule del from ${VIP} table 1` },
		undo: { rs1: `ip rule add from ${VIP} table 1` },
		red: ["requests pass LD-IN: path", "requests pass LD-IN: rs1 sends its replies inside IPIP"],
	},
	{
		scenario: "segment-size",
		fault: "the reals' way out has another MTU",
		plant: { rs1: "ip link set tunl1 mtu 1400" },
		undo: { rs1: "ip link set tunl1 mtu 1480" },
		red: ["the answer makes room: the reals answer with 1440", "the answer makes room: state at rs1"],
	},
	{
		scenario: "counters",
		fault: "LD-OUT takes every tunnel on tunl0 in place of tunl2",
		plant: { "ld-out": "ip link set tunl2 down; ip link set tunl0 up" },
		undo: { "ld-out": "ip link set tunl0 down; ip link set tunl2 up" },
		red: ["each tunnel carries one direction: LD-OUT forwards"],
	},
	{
		scenario: "direct",
		fault: "a second rule keeps sending replies to the gateway",
		plant: { rs1: `ip rule add from ${VIP} table 1 priority 100` },
		// The scenario takes one of the two away and puts one back.
		undo: { rs1: `while ip rule del from ${VIP} table 1 2>/dev/null; do :; done; ip rule add from ${VIP} table 1` },
		red: ["without the rule: path", "without the rule: nothing reaches LD-OUT"],
	},
	{
		scenario: "arp",
		fault: "arp_ignore is on for the interface that questions arrive on",
		plant: { rs1: "sysctl -w net.ipv4.conf.eth0.arp_ignore=1", rs2: "sysctl -w net.ipv4.conf.eth0.arp_ignore=1" },
		undo: { rs1: "sysctl -w net.ipv4.conf.eth0.arp_ignore=0", rs2: "sysctl -w net.ipv4.conf.eth0.arp_ignore=0" },
		red: ["with arp_ignore on tunl0 alone: answered", "with arp_ignore on tunl0 alone: rs1 says"],
	},
	{
		scenario: "rp-filter",
		fault: "the filter of the tunnel is loose",
		plant: { rs1: "sysctl -w net.ipv4.conf.tunl0.rp_filter=2", rs2: "sysctl -w net.ipv4.conf.tunl0.rp_filter=2" },
		undo: { rs1: "sysctl -w net.ipv4.conf.tunl0.rp_filter=0", rs2: "sysctl -w net.ipv4.conf.tunl0.rp_filter=0" },
		red: ["with the filter on at the reals: answered", "with the filter on at the reals: neither answers"],
	},
	{
		scenario: "no-forwarding",
		fault: "replies do not need LD-OUT",
		plant: { rs1: `ip rule del from ${VIP} table 1`, rs2: `ip rule del from ${VIP} table 1` },
		undo: { rs1: `ip rule add from ${VIP} table 1`, rs2: `ip rule add from ${VIP} table 1` },
		red: ["with forwarding off: answered", "with forwarding off: replies reach LD-OUT"],
	},
	{
		scenario: "persistence",
		fault: "the service is persistent from the start",
		plant: { "ld-in": `ipvsadm -E -t ${VIP}:3306 -s rr -p 50` },
		undo: { "ld-in": `ipvsadm -E -t ${VIP}:3306 -s rr` },
		red: ["without persistence: share by backend"],
	},
	{
		scenario: "container",
		fault: "the rule for the container's subnet is there already",
		plant: { rs1: "ip rule add from 192.168.10.0/24 table 1 priority 100" },
		undo: { rs1: "while ip rule del from 192.168.10.0/24 table 1 2>/dev/null; do :; done" },
		red: ["as documented: path", "as documented: no reply is encapsulated"],
	},
	{
		scenario: "settings",
		fault: "LD-OUT has the VIP, and its tunl0 is up",
		plant: { "ld-out": `ip address add ${VIP}/32 dev lo; ip link set tunl0 up` },
		undo: { "ld-out": `ip address del ${VIP}/32 dev lo; ip link set tunl0 down` },
		red: ["on LD-OUT tunl1 leads to the real: state at ld-out"],
	},
	{
		scenario: "keepalived",
		fault: "the configuration has no persistence",
		plant: { "ld-in": "sed -i 's/persistence_timeout 50/! &/' /etc/keepalived/keepalived.conf" },
		undo: { "ld-in": "sed -i 's/! persistence_timeout 50/persistence_timeout 50/' /etc/keepalived/keepalived.conf" },
		red: ["keepalived owns the VIP: share by backend", "keepalived owns the VIP: state at ld-in"],
	},
];

livePlants("lvs-tun-gateway", PLANTS);
