/** How each kernel feature is tried, in a network namespace that is thrown away. */
import { gunzipSync } from "node:zlib";
import type { KernelFeature } from "../model/kernel.ts";
import { PASS_PROGRAM } from "../model/pass-program.ts";

export interface FeatureProbe {
	/**
	 * Functions the kernel lists in /proc/kallsyms when the feature is built in or its module loaded. Some commands below make the
	 * kernel load what is missing: without leave to do so they only run where the functions are there.
	 */
	symbols: string[];
	/** Programs the command needs. */
	tools: string[];
	/** Shell command that succeeds where the feature is there. */
	command: string;
	/** Run before it where modules may be loaded and the command itself cannot load them. */
	load?: string;
}

/** `-m ipvs` loads ip_vs, which ipvsadm in a container cannot. */
const LOAD_IP_VS = "iptables -A OUTPUT -m ipvs --ipvs -j ACCEPT";
const IPTABLES = ["nft_match_init"];

/** Path of the trivial program in the probe's container. */
export const XDP_OBJECT_PATH = "/tmp/lab-probe.xdp.o";

export function xdpObject(): Buffer {
	return gunzipSync(Buffer.from(PASS_PROGRAM, "base64"));
}

/** `privileged` is not here: it is a property of containers, tried by starting one. */
export const FEATURE_PROBES: Record<Exclude<KernelFeature, "privileged">, FeatureProbe> = {
	ip_vs: { symbols: ["ip_vs_conn_new"], tools: ["ipvsadm"], command: "ipvsadm -Ln", load: LOAD_IP_VS },
	ip_vs_rr: scheduler("rr", 9001),
	ip_vs_wrr: scheduler("wrr", 9002),
	ip_vs_wlc: scheduler("wlc", 9003),
	xt_ipvs: {
		symbols: ["ip_vs_conn_new", "ipvs_mt", ...IPTABLES],
		tools: ["iptables"],
		command: "iptables -A OUTPUT -m ipvs --ipvs -j ACCEPT",
	},
	ipip: {
		symbols: ["ipip_rcv"],
		tools: ["ip"],
		command: "ip link add labprobe0 type ipip local 192.0.2.1 remote 192.0.2.2",
	},
	vxlan: {
		symbols: ["vxlan_xmit"],
		tools: ["ip"],
		command: "ip link add labprobe1 type vxlan external dstport 4789",
	},
	dummy: { symbols: ["dummy_xmit"], tools: ["ip"], command: "ip link add labprobe2 type dummy" },
	xdp: {
		symbols: ["veth_xmit", "bpf_prog_run_generic_xdp"],
		tools: ["ip"],
		command: `ip link add labprobe3 type veth peer name labprobe4 && ip link set dev labprobe3 xdpgeneric obj ${XDP_OBJECT_PATH} sec xdp`,
	},
	ip_set: {
		symbols: ["ip_set_nfnl_get_byindex", "hash_ipport_create"],
		tools: ["ipset"],
		command: "ipset create labprobe hash:ip,port",
	},
	xt_statistic: {
		symbols: ["statistic_mt", ...IPTABLES],
		tools: ["iptables"],
		command: "iptables -A OUTPUT -m statistic --mode nth --every 2 --packet 0 -j ACCEPT",
	},
	nf_nat: {
		symbols: ["nf_nat_setup_info", "nft_nat_do_chain", ...IPTABLES],
		tools: ["iptables"],
		command: "iptables -t nat -A POSTROUTING -s 192.0.2.0/24 -j MASQUERADE",
	},
};

function scheduler(name: string, mark: number): FeatureProbe {
	return {
		symbols: ["ip_vs_conn_new", `ip_vs_${name}_schedule`],
		tools: ["ipvsadm"],
		command: `ipvsadm -A -f ${mark} -s ${name}`,
		load: LOAD_IP_VS,
	};
}
