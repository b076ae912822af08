/** Every scenario of iptables-single, seen red once. */
import { type LivePlant, livePlants } from "./live-plants.ts";

const OUTPUT = "iptables -t nat";
const FRONT = "-p tcp --dport 80 -d 192.168.10.10";

/** Changes the configuration of nginx and waits for the worker that had the old one to end. */
const nginxWith = (edit: string) =>
	[
		"old=$(pgrep -P $(cat /run/nginx-lab.pid))",
		`sed -i '${edit}' /etc/nginx/lab.conf`,
		"kill -HUP $(cat /run/nginx-lab.pid)",
		"timeout 30 sh -c 'while kill -0 $0 2>/dev/null; do sleep 0.1; done' $old",
	].join("\n");

const PLANTS: LivePlant[] = [
	{
		scenario: "halves",
		fault: "the first rule takes four fifths",
		plant: {
			machine: `${OUTPUT} -R OUTPUT 1 ${FRONT} -m statistic --mode random --probability 0.8 -j DNAT --to 172.17.0.2:80`,
		},
		undo: {
			machine: `${OUTPUT} -R OUTPUT 1 ${FRONT} -m statistic --mode random --probability 0.5 -j DNAT --to 172.17.0.2:80`,
		},
		red: ["sixty fresh connections: share by backend"],
	},
	{
		scenario: "rules",
		fault: "the addresses as misprinted in step 2",
		plant: {
			machine: `${OUTPUT} -R OUTPUT 1 ${FRONT} -m statistic --mode random --probability 0.5 -j DNAT --to 172.17.0.3:80`,
		},
		undo: {
			machine: `${OUTPUT} -R OUTPUT 1 ${FRONT} -m statistic --mode random --probability 0.5 -j DNAT --to 172.17.0.2:80`,
		},
		red: ["two rules in OUTPUT: state at machine"],
	},
	{
		scenario: "outside",
		fault: "PREROUTING has a rule already",
		plant: { machine: `${OUTPUT} -A PREROUTING ${FRONT} -j DNAT --to 172.17.0.3:80` },
		undo: { machine: `${OUTPUT} -F PREROUTING` },
		red: ["a client elsewhere gets no answer: answered", "a client elsewhere gets no answer: none goes on"],
	},
	{
		scenario: "no-route",
		fault: "another route leads to FRONT_IP",
		plant: { machine: "ip route add 192.168.0.0/16 via 192.168.20.2" },
		undo: { machine: "ip route del 192.168.0.0/16" },
		red: ["without a route the network is unreachable: state at machine"],
	},
	{
		scenario: "thirds",
		fault: "the third container does not answer",
		plant: { web3: "iptables -A INPUT -p tcp --dport 80 -j DROP" },
		undo: { web3: "iptables -F INPUT" },
		red: ["one third, one half and the rest: answered"],
	},
	{
		scenario: "keep-alive",
		fault: "the web servers close after each answer",
		plant: {
			web1: nginxWith("s/default_type/keepalive_timeout 0; default_type/"),
			web2: nginxWith("s/default_type/keepalive_timeout 0; default_type/"),
		},
		undo: {
			web1: nginxWith("s/keepalive_timeout 0; //"),
			web2: nginxWith("s/keepalive_timeout 0; //"),
		},
		red: ["thirty requests on one connection: one connection, one container"],
	},
];

livePlants("iptables-single", PLANTS);
