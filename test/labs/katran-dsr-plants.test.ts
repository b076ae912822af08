/** Faults planted in katran-dsr while it is up; those of planted-faults.test.ts are about the other scenarios. */
import { livePlants } from "./live-plants.ts";
import { KATRAN_DSR_PLANTS } from "./plants-katran-dsr.ts";

/** A control program that does otherwise for some arguments: cases of a shell's `case "$*"`, before the true one. */
function program(on: string, ...cases: string[]) {
	const folder = "/usr/local/bin";
	const script = ["#!/bin/sh", 'case "$*" in', ...cases.map((text) => `${text} ;;`), "esac", 'exec xdplb.true "$@"'];
	return {
		plant: {
			[on]: [
				`mv ${folder}/xdplb ${folder}/xdplb.true`,
				`cat >${folder}/xdplb <<'END'`,
				...script,
				"END",
				`chmod +x ${folder}/xdplb`,
			].join("\n"),
		},
		undo: { [on]: `mv ${folder}/xdplb.true ${folder}/xdplb` },
	};
}

/** Attaches the balancer as the lab does. */
const ATTACH = [
	"ping -n -q -c 1 -w 10 10.111.221.12 >/dev/null",
	"mac=$(ip neighbour show to 10.111.221.12 dev eth0 | sed -n 's/.*lladdr \\([0-9a-f:]*\\).*/\\1/p')",
	'xdplb attach --dev eth0 --mode generic --source 10.111.221.11 --next-hop-mac "$mac"',
].join("\n");

const OTHER_NUMBERS = {
	plant: "printf '#!/bin/sh\\nexec /usr/bin/seq 2 200001\\n' >/usr/local/bin/seq; chmod +x /usr/local/bin/seq",
	undo: "rm /usr/local/bin/seq",
};

/** A rule of iptables for as long as the plant is there. */
function rule(on: string, table: string, chain: string, words: string) {
	return {
		plant: { [on]: `iptables -t ${table} -I ${chain} ${words}` },
		undo: { [on]: `iptables -t ${table} -D ${chain} ${words}` },
	};
}

const WITHOUT_ATTACH = program("katran", '"attach "*) exit 0');
const TOO_BIG = "a packet that is too big with the outer header is answered with the MTU that leaves room for it";
const ECHO = "with --icmp-echo the balancer answers for the VIP";
const ERROR = "an error about a reply that is too big reaches the real that sent it";
const THIRTY = "thirty open connections stay while a real is added and another drained";

livePlants(
	"katran-dsr",
	[
		{
			scenario: "nc",
			fault: "one real takes no new connections",
			plant: { katran: "xdplb real weight 192.168.10.1/tcp 10.111.222.13 0" },
			undo: { katran: "xdplb real weight 192.168.10.1/tcp 10.111.222.13 1" },
			red: ["connections with nc are spread over both reals: share by backend"],
		},
		{
			scenario: "detached",
			fault: "the program stays attached",
			...program("katran", '"detach "*) exit 0'),
			red: [
				"without the program nothing is answered: answered",
				"without the program nothing is answered: nothing is encapsulated any more",
			],
		},
		{
			scenario: "reattached",
			fault: "the program is not attached again",
			plant: WITHOUT_ATTACH.plant,
			undo: { katran: `${WITHOUT_ATTACH.undo.katran}\n${ATTACH}` },
			red: ["connections work after the program was taken off and put back: answered"],
		},
		{
			scenario: "decapsulation",
			fault: "a real does not take the outer header off",
			plant: {
				real1:
					"if ip link show ipip0 >/dev/null 2>&1; then ip link set ipip0 down; else xdplb decap detach --dev eth0; fi",
			},
			undo: {
				real1:
					"if ip link show ipip0 >/dev/null 2>&1; then ip link set ipip0 up; else xdplb decap attach --dev eth0; fi",
			},
			red: [": answered", ": state at real1"],
		},
		{
			scenario: "weights",
			fault: "weights are not taken over",
			...program("katran", '"real weight "*) exit 0'),
			red: ["three to one: share by backend", "none for weight 0: share by backend"],
		},
		{
			scenario: "drain",
			fault: "a drained real is removed at once",
			...program("katran", '"real drain "*) shift 2; exec xdplb.true real del "$@"'),
			red: [`${THIRTY}: answered`],
		},
		{
			scenario: "drain",
			fault: "an added real gets no connections",
			...program("katran", '"real add 192.168.10.1/tcp 10.111.222.14") exec xdplb.true "$@" --weight 0'),
			red: ["new connections go to the added real and not to the drained one: share by backend"],
		},
		{
			scenario: "drain",
			fault: "what is for one real goes to the spare, too",
			...rule("gateway", "mangle", "POSTROUTING", "-o eth2 -d 10.111.222.11 -j TEE --gateway 10.111.222.14"),
			red: [`${THIRTY}: sticky`, "of thirty open connections only those of a removed real move: sticky"],
		},
		{
			scenario: "mtu",
			fault: "what the balancer says about the MTU is lost",
			...rule("gateway", "filter", "FORWARD", "-s 192.168.10.1 -p icmp -j DROP"),
			red: [
				`${TOO_BIG}: answered`,
				`${TOO_BIG}: the balancer answers in the name of the VIP`,
				`${TOO_BIG}: the client has learnt`,
			],
		},
		{
			scenario: "mtu",
			fault: "the reals send other bytes",
			plant: { real1: OTHER_NUMBERS.plant, real2: OTHER_NUMBERS.plant },
			undo: { real1: OTHER_NUMBERS.undo, real2: OTHER_NUMBERS.undo },
			red: ["a megabyte comes down unchanged: state at client"],
		},
		{
			scenario: "icmp",
			fault: "--icmp-echo is not taken over",
			...program("katran", '"attach "*" --icmp-echo") exec xdplb.true $(echo "$@" | sed "s/ --icmp-echo//")'),
			red: [`${ECHO}: answered`, `${ECHO}: the answers come from the balancer's wire`],
		},
		{
			scenario: "icmp",
			fault: "somebody answers for an address that is no VIP",
			plant: {
				katran: "ip address add 192.168.10.2/32 dev lo; ip route add 10.111.220.0/24 via 10.111.221.12",
			},
			undo: { katran: "ip route del 10.111.220.0/24; ip address del 192.168.10.2/32 dev lo" },
			red: ["an address that is no VIP stays unanswered: answered"],
		},
		{
			scenario: "icmp",
			fault: "ICMP errors to the VIP are lost",
			...rule("gateway", "mangle", "POSTROUTING", "-o eth1 -p icmp --icmp-type fragmentation-needed -j DROP"),
			red: [`${ERROR}: answered`, `${ERROR}: katran sends the errors on`, `${ERROR}: state at real1`],
		},
		{
			scenario: "src-prefix",
			fault: "the outer source is the balancer's own address",
			...program(
				"katran",
				'"attach "*" --src-prefix "*) exec xdplb.true $(echo "$@" | sed "s/--src-prefix [^ ]*/--source 10.111.221.11/")',
			),
			red: [
				"outer sources are spread over the prefix: encapsulation katran > gateway",
				"outer sources are spread over the prefix: some in the lower half",
				"outer sources are spread over the prefix: some in the upper half",
				"outer sources are spread over the prefix: none from the balancer's own address",
			],
		},
		{
			scenario: "ipv6",
			fault: "a real takes off IPv4 headers only",
			...program("real1", '"decap attach "*) exec xdplb.true decap attach --dev eth0 --address 10.111.222.11'),
			red: [
				"HTTP through an IPv6 VIP is answered by both reals: answered",
				"HTTP through an IPv6 VIP is answered by both reals: state at real1",
			],
		},
		{
			scenario: "ipv6",
			fault: "an IPv4 real is taken, and what the balancer says about the MTU is lost",
			plant: {
				...program("katran", '"real add 2001:"*" 10."*) exit 0').plant,
				gateway: "ip6tables -I FORWARD -s 2001:db8:10::1 -p icmpv6 -j DROP",
			},
			undo: {
				...program("katran").undo,
				gateway: "ip6tables -D FORWARD -s 2001:db8:10::1 -p icmpv6 -j DROP",
			},
			red: [
				"an IPv4 real behind the IPv6 VIP is refused: state at katran",
				"an upload of full-size packets arrives once the client knows the MTU less 40 bytes: answered",
			],
		},
	],
	KATRAN_DSR_PLANTS.map(({ scenario }) => scenario),
);
