/** What can be wrong with katran-dsr. */
import type { Change } from "../../src/model/scenario.ts";
import type { Plant, Sizes } from "./plant.ts";

/** Few requests, for speed, and long time limits, as the machine may have other things to do. */
export const KATRAN_DSR_SIZES: Sizes = {
	// 15 requests are the fewest by which a share can be judged.
	curl: { "phases/0/traffic/count": 16, "phases/0/traffic/timeout": 10 },
	"direct-return": { "phases/0/traffic/count": 4, "phases/0/traffic/timeout": 10 },
	ping: { "phases/1/traffic/timeout": 5 },
	sticky: { "phases/0/traffic/count": 16 },
};

/** Attaches the balancer with this outer source address, as the lab's own step does. */
function attach(source: string): string[] {
	return [
		"ping -n -q -c 1 -w 10 ${via-katran} >/dev/null",
		"mac=$(ip neighbour show to ${via-katran} dev eth0 | sed -n 's/.*lladdr \\([0-9a-f:]*\\).*/\\1/p')",
		`xdplb attach --dev eth0 --mode generic --source ${source} --next-hop-mac "$mac"`,
	];
}

const DETACHED: Change = { on: "katran", run: "xdplb detach --dev eth0", undo: attach("${katran}") };

function reversePathFilter(on: string): Change {
	return {
		on,
		run: "sysctl -w net.ipv4.conf.all.rp_filter=1",
		undo: "sysctl -w net.ipv4.conf.all.rp_filter=0",
	};
}

/** Edits the configuration of a real's web server, and waits until nothing serves by the old one. */
function webServer(on: string, ...edits: string[]): Change {
	const reload = [
		"was=$(pgrep -P $(cat /run/nginx-lab.pid))",
		"nginx -c /etc/nginx/lab.conf -s reload",
		"while kill -0 $was 2>/dev/null; do sleep 0.1; done",
	];
	const expressions = edits.map((edit) => `-e '${edit}'`).join(" ");
	return {
		on,
		run: ["cp /etc/nginx/lab.conf /run/lab.conf", `sed -i ${expressions} /etc/nginx/lab.conf`, ...reload],
		undo: ["cp /run/lab.conf /etc/nginx/lab.conf", ...reload],
	};
}

export const KATRAN_DSR_PLANTS: Plant[] = [
	{
		fault: "the reverse path filter is on at the reals",
		scenario: "ping",
		plant: { phase: 1, change: [reversePathFilter("real1"), reversePathFilter("real2")] },
		exit: 1,
		notices: [
			{
				phase: 1,
				check: "answered",
				status: "fail",
				observed: /^0 of 2 answered; first failure #1: nc: connect to 192\.168\.10\.1 port 50007 .* timed out/,
			},
		],
	},
	{
		fault: "the reverse path filter is on at one real",
		scenario: "settings",
		plant: { change: reversePathFilter("real2") },
		exit: 1,
		notices: [
			{
				check: "state at real2: sysctl -n net.ipv4.conf.all.rp_filter net.ipv4.conf.eth0.rp_filter | sort -u",
				status: "fail",
				observed: /^"0 \| 1"$/,
			},
		],
	},
	{
		fault: "the program is not attached",
		scenario: "settings",
		plant: { phase: 1, change: DETACHED },
		exit: 1,
		notices: [
			{
				phase: 1,
				check: "state at katran: ip -d link show eth0",
				status: "fail",
				observed: /^"\d+: eth0@if\d+: .*mtu 1500 qdisc/,
			},
			{
				phase: 1,
				check: `state at katran: xdplb show -f json | grep -o '"mode":"[a-z]*"' || true`,
				status: "fail",
				observed: /^""$/,
				why: "A program that is not there has no mode.",
			},
		],
	},
	{
		fault: "the program is not attached, so that nothing is answered",
		scenario: "curl",
		plant: { change: DETACHED },
		edits: { "phases/0/traffic/timeout": 1 },
		exit: 1,
		notices: [
			{ check: "answered", status: "fail", observed: /^0 of 16 answered; first failure #1: curl: \(28\) / },
			{
				check: "share by backend",
				status: "error",
				observed: /^nothing to judge: no answered request was found at a backend$/,
				why: "Without an answer there are no shares, and that is no pass.",
			},
			{
				check: "source at real1, real2",
				status: "error",
				observed: /^no request was logged at real1, real2$/,
				why: "Nobody saw any address.",
			},
			{
				check: "counters at katran",
				status: "error",
				observed: /^nothing to compare: counted 10\.111\.222\.11 \(real1\) 0, .*; logged nothing$/,
				why: "Both witnesses saw nothing, which proves nothing.",
			},
		],
	},
	{
		fault: "a real is not in the balancer's table",
		scenario: "curl",
		lab: { "nodes/katran/steps/balancer/xdp/vips/0/reals": ["${real1}"] },
		exit: 1,
		notices: [
			{
				check: "share by backend",
				status: "fail",
				observed: /^n=16: real1 16, real2 0; exact binomial test: p=0\.0000305, false-alarm rate 0\.0001$/,
			},
		],
	},
	{
		fault: "somebody else uses the service at the same time",
		scenario: "curl",
		plant: {
			change: {
				on: "client",
				run: "setsid sh -c 'while sleep 0.5; do nc -n -z -w 1 ${vip} 50007; done' >/dev/null 2>&1 & echo $! >/run/other.pid",
				undo: "kill $(cat /run/other.pid)",
			},
		},
		exit: 5,
		notices: [
			{
				check: "counters at katran",
				status: "inconsistent",
				observed:
					/real[12]: \d+ counted, \d+ logged; counted 10\.111\.222\.11 \(real1\) \d+, 10\.111\.222\.13 \(real2\) \d+; logged real/,
			},
		],
	},
	{
		fault: "a real answers in the name of the other",
		scenario: "curl",
		plant: {
			change: webServer("real2", "s/X-Lab-Backend $hostname/X-Lab-Backend real1/"),
		},
		exit: 5,
		notices: [
			{
				check: "evidence",
				status: "inconsistent",
				observed: /^#\d+ \(lab-[0-9a-z-]+\) was answered in the name of real1 but logged by real2/,
			},
		],
	},
	{
		fault: "uploads are answered with 201 and not stored",
		scenario: "upload",
		plant: {
			change: ["real1", "real2"].map((real) => webServer(real, "s#root /srv; dav_methods.*#return 201; }#")),
		},
		exit: 1,
		notices: [{ check: "upload", status: "fail", observed: /^0 of 2 intact; / }],
	},
	{
		fault: "replies are led through the balancer",
		scenario: "direct-return",
		plant: {
			change: [
				{
					on: "katran",
					run: [
						"sysctl -w net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0",
						"ip route add default via ${via-katran}",
					],
					undo: ["ip route del default", "sysctl -w net.ipv4.ip_forward=0"],
				},
				{
					on: "gateway",
					run: ["ip route add default via ${katran} dev eth1 table 100", "ip rule add from ${vip} iif eth2 table 100"],
					undo: ["ip rule del from ${vip} iif eth2 table 100", "ip route flush table 100"],
				},
			],
		},
		exit: 1,
		notices: [
			{
				check: "path",
				status: "fail",
				observed:
					/^reply of 10\.111\.220\.11:\d+: gateway > katran \(\d+ frames\), katran > gateway \(\d+ frames\) not on the path; seen real[12] > gateway > katran/,
			},
			{
				check: "no reply crosses the wire to katran",
				status: "fail",
				observed: /^\d+ of \d+ frames; first tcp 192\.168\.10\.1:50007 > 10\.111\.220\.11:\d+$/,
				why: "That is the same fault, seen on the wire.",
			},
		],
	},
	{
		fault: "the outer header has another source address than documented",
		scenario: "direct-return",
		plant: { change: { on: "katran", run: attach("10.111.221.99"), undo: attach("${katran}") } },
		exit: 1,
		notices: [
			{
				check: "encapsulation katran > gateway",
				status: "fail",
				observed: /^(\d+) of \1 frames otherwise: ipip 10\.111\.221\.99 > 10\.111\.222\.1[13]/,
			},
			{
				check: "encapsulation gateway > real*",
				status: "fail",
				observed: /^(\d+) of \1 frames otherwise: ipip 10\.111\.221\.99 > 10\.111\.222\.1[13]/,
				why: "The same packets one hop further.",
			},
		],
	},
	{
		fault: "what is for one real goes to the other, too",
		scenario: "sticky",
		plant: {
			change: {
				on: "gateway",
				run: "iptables -t mangle -A POSTROUTING -o eth2 -d ${real1} -j TEE --gateway ${real2}",
				undo: "iptables -t mangle -D POSTROUTING -o eth2 -d ${real1} -j TEE --gateway ${real2}",
			},
		},
		exit: 1,
		notices: [
			{
				check: "sticky",
				status: "fail",
				observed: /^\d+ of 16 split: 10\.111\.220\.11:\d+ had \d+ at real1, \d+ at real2/,
			},
		],
	},
	{
		fault: "the balancer's host has the VIP and answers a ping to it",
		scenario: "ping",
		plant: {
			change: {
				on: "katran",
				run: ["ip address add ${vip}/32 dev lo", "ip route add 10.111.220.0/24 via ${via-katran}"],
				undo: ["ip route del 10.111.220.0/24", "ip address del ${vip}/32 dev lo"],
			},
		},
		exit: 1,
		notices: [
			{ check: "answered", status: "fail", observed: /^3 of 3 answered; first answer #1$/ },
			{
				check: "no echo reply comes back to the client",
				status: "fail",
				observed: /^3 of \d+ frames; first icmp 192\.168\.10\.1 > 10\.111\.220\.11$/,
				why: "That is the same fault, seen on the wire.",
			},
		],
	},
	{
		fault: "the reals store other bytes than were sent",
		scenario: "upload",
		plant: {
			change: ["real1", "real2"].map((real) =>
				webServer(
					real,
					"s#location /upload/ {.*#location /upload/ { proxy_pass http://127.0.0.1:81; proxy_set_body altered; }#",
					"s#^ *server {#server { listen 127.0.0.1:81; access_log off; location /upload/ { root /srv; dav_methods PUT; create_full_put_path on; } }\\n&#",
				),
			),
		},
		exit: 1,
		notices: [
			{ check: "upload", status: "fail", observed: /^0 of 2 intact; #1 differs at real[12]; #2 differs at real[12]$/ },
		],
	},
];
