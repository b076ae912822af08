/** Every scenario of ipvs-snat, seen red once. */
import { type LivePlant, livePlants } from "./live-plants.ts";

const SNAT = "iptables -t nat -F POSTROUTING; iptables -t nat -A POSTROUTING -m ipvs --ipvs -j SNAT --to-source";
const REALS = ["real1", "real2", "real3"];

/** The same command on all reals. */
const onReals = (command: string) => Object.fromEntries(REALS.map((name) => [name, command]));

/** Clients of one node that all look like its first address. */
const asOne = (verb: string, node: string, address: string) => ({
	[node]: `iptables -t nat -${verb} POSTROUTING -d 192.168.101.0/24 -j SNAT --to-source ${address}`,
});

const WITHOUT_CHECK = `cp /etc/ipvsd.json /tmp/kept; sed -i '0,/"10.1.10.11:80": .*/s//"10.1.10.11:80": {},/' /etc/ipvsd.json; ctl reload; ctl all-up`;
const KEPT = "cp /tmp/kept /etc/ipvsd.json; ctl reload; ctl all-up";

const PLANTS: LivePlant[] = [
	{
		scenario: "balanced",
		fault: "the SNAT rule names another address",
		plant: { director: `${SNAT} 10.1.2.13` },
		undo: { director: `${SNAT} 10.1.2.1` },
		red: ["requests to the first VIP: source at"],
	},
	{
		scenario: "no-conntrack",
		fault: "the reals answer through the director and need no SNAT",
		plant: onReals("ip route add 10.1.1.0/24 via 10.1.2.1"),
		undo: onReals("ip route del 10.1.1.0/24 via 10.1.2.1"),
		red: ["with conntrack off: answered"],
	},
	{
		scenario: "catch-all",
		fault: "the catch-all service is missing",
		plant: { director: "ipvsadm -D -f 666" },
		undo: { director: "ipvsadm -A -f 666 -s rr" },
		red: [
			"with the catch-all: answered",
			"with the catch-all: each is answered by an ICMP",
			"with the catch-all: connections accepted",
		],
	},
	{
		scenario: "mask-of-two",
		fault: "all clients look like the first one",
		plant: asOne("A", "client1", "10.1.1.1"),
		undo: asOne("D", "client1", "10.1.1.1"),
		red: ["even clients: source at"],
	},
	{
		scenario: "mask-of-four",
		fault: "all clients look like the first one",
		plant: asOne("A", "client2", "10.1.3.1"),
		undo: asOne("D", "client2", "10.1.3.1"),
		red: [
			"each address serves its quarter: connections from the first address",
			"clients whose address leaves 0: source at",
		],
	},
	{
		scenario: "range",
		fault: "an address of the range is nobody's",
		plant: { director: "ip address del 10.1.2.12/16 dev eth0" },
		undo: { director: "ip address add 10.1.2.12/16 dev eth0" },
		red: ["three addresses share: answered"],
	},
	{
		scenario: "no-local-address",
		fault: "another device has a VIP",
		plant: { director: "ip address add 192.168.101.1/32 dev lo" },
		undo: { director: "ip address del 192.168.101.1/32 dev lo" },
		red: ["with a local route: addresses of the VIPs' subnet"],
	},
	{
		scenario: "ipset",
		fault: "the controller keeps no set",
		plant: { director: "ctl kill; ctl start -i ipvs; ipset flush vips" },
		undo: { director: "ctl kill; ctl start -s vips -i ipvs" },
		red: ["with one rule for the set: answered"],
	},
	{
		scenario: "exhaustion",
		fault: "no connection is SNATed, and the reals answer through the director",
		plant: {
			director: "sysctl -w net.ipv4.vs.conntrack=0",
			...onReals("ip route add 10.1.0.0/22 via 10.1.2.1 onlink dev eth0"),
		},
		undo: { director: "sysctl -w net.ipv4.vs.conntrack=1", ...onReals("ip route del 10.1.0.0/22 via 10.1.2.1") },
		red: ["with twelve connections open: answered", "with twelve connections open: ports in use"],
	},
	{
		scenario: "real-dies",
		fault: "real2 is not checked",
		plant: { director: WITHOUT_CHECK },
		undo: { director: KEPT },
		red: ["the web server of real2 is killed: outage", "the web server of real2 is killed: weight of real2"],
	},
	{
		scenario: "flapping",
		fault: "real2 is not checked",
		plant: { director: WITHOUT_CHECK },
		undo: { director: KEPT },
		red: ["real2 flaps three times: times that real2 went", "real2 flaps three times: weight of real2"],
	},
	{
		scenario: "all-down",
		fault: "a rule redirects the port to a service of the director",
		plant: {
			director: "iptables -t nat -A PREROUTING -i eth0 -d 192.168.101.1 -p tcp --dport 80 -j REDIRECT --to-ports 22",
		},
		undo: {
			director: "iptables -t nat -D PREROUTING -i eth0 -d 192.168.101.1 -p tcp --dport 80 -j REDIRECT --to-ports 22",
		},
		red: ["without a healthy real: answered", "without a healthy real: and by nothing else"],
	},
	{
		scenario: "reload",
		fault: "the file has a misspelt key",
		plant: { director: `cp /etc/ipvsd.json /tmp/kept; sed -i 's/"scheduler"/"sheduler"/' /etc/ipvsd.json` },
		undo: { director: KEPT },
		red: ["real1 gets twice the weight: weight of real1", "real1 gets twice the weight: the configuration was taken"],
	},
	{
		scenario: "controller-killed",
		fault: "something empties IPVS before each start",
		plant: {
			director: `mkdir -p /opt; cp /usr/local/bin/ipvsd /opt/ipvsd; printf '#!/bin/sh\\nipvsadm -C; ipvsadm -A -f 666 -s rr\\nexec /opt/ipvsd "$@"\\n' >/tmp/ipvsd; chmod +x /tmp/ipvsd; mv /tmp/ipvsd /usr/local/bin/ipvsd`,
		},
		undo: { director: "mv /opt/ipvsd /usr/local/bin/ipvsd; ctl all-up" },
		red: ["the controller is killed: answered", "the controller is killed: what it found"],
	},
	{
		scenario: "controller-stopped",
		fault: "it is killed and not asked to end",
		plant: { director: "sed -i 's/kill -TERM/kill -KILL/' /usr/local/bin/ctl" },
		undo: { director: "sed -i 's/term) kill -KILL/term) kill -TERM/' /usr/local/bin/ctl" },
		red: ["nothing of it is left: answered", "nothing of it is left: services in IPVS"],
	},
];

livePlants("ipvs-snat", PLANTS);
