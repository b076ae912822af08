import { describe, expect, it } from "vitest";
import { openLab } from "../../src/config/find-labs.ts";
import { counterSources, watchScript } from "../../src/run/counter-sources.ts";
import { ReadingSplitter, readCounters } from "../../src/run/read-counters.ts";

function sourcesOf(lab: string, node: string) {
	const opened = openLab(lab, process.cwd()).lab;
	const sources = counterSources(opened).find((entry) => entry.node === node);
	if (!sources) throw new Error(`no ${node} in ${lab}`);
	return { lab: opened, sources };
}

const DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  eth1:    4200      42    0    0    0     0          0         0     1700      17    0    0    0     0       0          0
`;

describe("the counters of a node", () => {
	it("are those of its interfaces, its IPVS services by real, and its logs", () => {
		const { lab, sources } = sourcesOf("ipvs-nat", "gw");
		const ipvs = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  111.111.0.1:80                     20      120       80     7000     5000
  -> 10.10.0.2:8000                     11       60       40     3500     2500
  -> 10.10.0.3:8000                      9       60       40     3500     2500
`;
		const read = readCounters(lab, sources, `\n\x1edev\n${DEV}\n\x1eipvs\n${ipvs}`);
		expect(read.interfaces.eth1).toEqual({ received: 42, sent: 17 });
		expect(read.balancers[0]?.rows).toEqual([
			{ name: "10.10.0.2:8000", node: "int1", connections: 11 },
			{ name: "10.10.0.3:8000", node: "int2", connections: 9 },
		]);
		expect(read.logged).toBeUndefined();
	});

	it("are the packets of DNAT rules, of which only the first of a connection passes", () => {
		const { lab, sources } = sourcesOf("iptables-single", "machine");
		const chain = `Chain OUTPUT (policy ACCEPT 0 packets, 0 bytes)
    pkts      bytes target     prot opt in     out     source               destination
       9      540 DNAT       tcp  --  *      *       0.0.0.0/0            192.168.10.10        tcp dpt:80 statistic mode random probability 0.5 to:172.17.0.2:80
      11      660 DNAT       6    --  *      *       0.0.0.0/0            192.168.10.10        tcp dpt:80 to:172.17.0.3:80
`;
		const read = readCounters(lab, sources, `\n\x1edev\n${DEV}\n\x1echain 0\n${chain}`);
		expect(read.balancers).toEqual([
			{
				node: "machine",
				kind: "iptables",
				service: "nat OUTPUT",
				rows: [
					{ name: "172.17.0.2:80", node: "web1", connections: 9 },
					{ name: "172.17.0.3:80", node: "web2", connections: 11 },
				],
			},
		]);
	});

	it("are those of services that a controller has added, too", () => {
		const { lab, sources } = sourcesOf("ipvs-snat", "director");
		const ipvs =
			"FWM  666                                 0        0        0        0        0\nUDP  10.1.2.9:53        4 4 4 4 4\n  -> 10.1.10.10:53     3 3 3 3 3\n";
		expect(readCounters(lab, sources, `\n\x1eipvs\n${ipvs}`).balancers).toEqual([
			{ node: "director", kind: "ipvs", service: "fwmark 666", rows: [] },
			{
				node: "director",
				kind: "ipvs",
				service: "10.1.2.9:53/udp",
				rows: [{ name: "10.1.10.10:53", node: "real1", connections: 3 }],
			},
		]);
	});

	it("have no rows for a service that somebody has removed, and count what logs hold", () => {
		const gw = sourcesOf("ipvs-nat", "gw");
		expect(readCounters(gw.lab, gw.sources, "\n\x1eipvs\nNo such service\n").balancers).toEqual([]);
		const real = sourcesOf("ipvs-nat", "int1");
		expect(readCounters(real.lab, real.sources, "\n\x1elog 0\n13\n").logged).toBe(13);
	});
});

describe("readings", () => {
	it("are put together from pieces, however they are cut", () => {
		const text = "\n\x1edev\nA\n\x1eend\n\n\x1edev\nB\n\x1eend\n";
		for (let cut = 1; cut < text.length; cut++) {
			const found: string[] = [];
			const splitter = new ReadingSplitter((reading) => found.push(reading));
			splitter.push(Buffer.from(text.slice(0, cut)));
			splitter.push(Buffer.from(text.slice(cut)));
			expect(found.map((reading) => reading.trim().slice(-1))).toEqual(["A", "B"]);
		}
	});

	it("come to an end by themselves", () => {
		expect(watchScript(sourcesOf("ipvs-nat", "gw").sources)).toMatch(/while \[ \$readings -lt \d+ \]/);
	});
});
