/** What can be wrong with ipvs-nat. */
import type { Plant, Sizes } from "./plant.ts";

/** Few requests, for speed, and long time limits, as the machine may have other things to do. */
export const IPVS_NAT_SIZES: Sizes = {
	alternation: {
		"phases/0/traffic/count": 8,
		"phases/0/traffic/timeout": 10,
		"phases/1/traffic/count": 4,
		"phases/1/traffic/timeout": 10,
	},
	path: { "phases/0/traffic/timeout": 10 },
	"removed-backend": { "phases/0/traffic/count": 4, "phases/0/traffic/timeout": 10 },
};

/** Connections of the service, as ipvsadm shows them. */
const SHOWN = "$(ipvsadm -L -n --stats --exact | awk '$1 == \"TCP\" { print $3 }')";

export const IPVS_NAT_PLANTS: Plant[] = [
	{
		fault: "wrr with unequal weights in place of rr",
		scenario: "alternation",
		plant: {
			change: {
				on: "gw",
				run: ["ipvsadm -E -t ${vip}:80 -s wrr", "ipvsadm -e -t ${vip}:80 -r 10.10.0.2:8000 -m -w 3"],
				undo: ["ipvsadm -E -t ${vip}:80 -s rr", "ipvsadm -e -t ${vip}:80 -r 10.10.0.2:8000 -m -w 1"],
			},
		},
		exit: 1,
		notices: [
			{
				check: "share by backend",
				status: "fail",
				observed: /^int1 6, int2 2; #\d went to int1 again, right after #\d$/,
			},
			{
				phase: 1,
				check: "share by backend",
				status: "fail",
				observed: /^int1 3, int2 1; #\d went to int1 again, right after #\d$/,
				why: "The weights are the same for ext2.",
			},
		],
	},
	{
		fault: "the gateway hides the client's address from the reals",
		scenario: "alternation",
		plant: {
			change: {
				on: "gw",
				run: ["sysctl -w net.ipv4.vs.conntrack=1", "iptables -t nat -A POSTROUTING -s ${ext1} -o eth2 -j MASQUERADE"],
				undo: ["iptables -t nat -D POSTROUTING -s ${ext1} -o eth2 -j MASQUERADE", "sysctl -w net.ipv4.vs.conntrack=0"],
			},
		},
		exit: 1,
		notices: [
			{
				check: "source at int1, int2",
				status: "fail",
				observed: /^8 of 8 from elsewhere: int[12] saw 10\.10\.0\.1 for #1; /,
			},
		],
	},
	{
		fault: "the counters are zeroed while clients are served",
		scenario: "alternation",
		plant: {
			change: {
				on: "gw",
				run: [
					"ipvsadm -Z",
					`setsid sh -c 'until [ ${SHOWN.replaceAll("'", `'"'"'`)} -ge 2 ]; do sleep 0.1; done; ipvsadm -Z' >/dev/null 2>&1 &`,
				],
				undo: "true",
			},
		},
		exit: 5,
		notices: [
			{
				check: "counters at gw",
				status: "inconsistent",
				observed:
					/int1: \d counted, 4 logged; int2: \d counted, 4 logged; counted 10\.10\.0\.2:8000 \(int1\) \d, .*; logged int/,
			},
		],
	},
	{
		fault: "requests for int1 take a detour over int2",
		scenario: "path",
		plant: {
			change: [
				{
					on: "int2",
					run: "sysctl -w net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth1.send_redirects=0",
					undo: "sysctl -w net.ipv4.ip_forward=0 net.ipv4.conf.all.send_redirects=1 net.ipv4.conf.eth1.send_redirects=1",
				},
				{
					on: "gw",
					run: "ip route add 10.10.0.2/32 via 10.10.0.3 dev eth2",
					undo: "ip route del 10.10.0.2/32 via 10.10.0.3 dev eth2",
				},
			],
		},
		exit: 1,
		notices: [
			{
				check: "path",
				status: "fail",
				observed:
					/^request of 100\.100\.100\.1:\d+: gw > int2 \(\d+ frames\), int2 > int1 \(\d+ frames\) not on the path; seen ext1 > gw > int2 > int1/,
			},
		],
	},
	{
		fault: "the client has another address than documented",
		scenario: "no-forwarding",
		plant: {
			change: {
				on: "ext1",
				run: [
					"ip address add 100.100.100.9/24 dev eth1",
					"ip route replace default via ${vip} dev eth1 onlink src 100.100.100.9",
				],
				undo: ["ip route replace default via ${vip} dev eth1 onlink", "ip address del 100.100.100.9/24 dev eth1"],
			},
		},
		exit: 1,
		notices: [{ check: "requests reach the gateway", status: "fail", observed: /^0 of [1-9]\d* frames$/ }],
	},
	{
		fault: "the gateway hides the client's address from one real",
		scenario: "path",
		plant: {
			change: {
				on: "gw",
				run: [
					"sysctl -w net.ipv4.vs.conntrack=1",
					"iptables -t nat -A POSTROUTING -s ${ext1} -d 10.10.0.3 -j MASQUERADE",
				],
				undo: [
					"iptables -t nat -D POSTROUTING -s ${ext1} -d 10.10.0.3 -j MASQUERADE",
					"sysctl -w net.ipv4.vs.conntrack=0",
				],
			},
		},
		exit: 1,
		notices: [
			{ check: "the reals are spoken to by the client", status: "fail", observed: /^3 of [1-9]\d* frames$/ },
			{
				check: "path",
				status: "error",
				observed: /^the client's side of 10\.10\.0\.1:\d+ is not known: its address was rewritten on the way$/,
				why: "Frames behind the gateway cannot be told to belong to a connection of the client.",
			},
		],
	},
	{
		fault: "a change cannot be taken back",
		scenario: "removed-backend",
		edits: { "phases/0/change/undo": ["ipvsadm -a -t ${vip}:80 -r 10.10.0.3:8000 -m", "exit 9"] },
		exit: 4,
		notices: [],
		reason: /^undoing a change: on gw, `ipvsadm -a [^`]*exit 9` ended with 9/,
	},
	{
		fault: "a real is not in the service",
		scenario: "alternation",
		lab: { "nodes/gw/steps/service/ipvs/servers": ["10.10.0.2:8000"] },
		exit: 1,
		notices: [
			{
				check: "share by backend",
				status: "fail",
				observed: /^int1 8, int2 0; #2 went to int1 again, right after #1$/,
			},
			{
				phase: 1,
				check: "share by backend",
				status: "fail",
				observed: /^int1 4, int2 0; #2 went to int1 again, right after #1$/,
				why: "It is not there for ext2 either.",
			},
		],
	},
];
