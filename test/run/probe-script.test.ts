/** The scripts of a probe, run for real against stand-ins for the tools on the PATH. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { NodeProbe } from "../../src/run/node-probe.ts";
import { beginScript, parseSections } from "../../src/run/probe-script.ts";

const SERVICE = "111.111.0.1:80/tcp";

const LIVE = `       Total Incoming Outgoing         Incoming         Outgoing
CPU    Conns  Packets  Packets            Bytes            Bytes
  0        A       18        F              517              334
  1        4       15        E              470              2F8
  ~        9       2D       1D              987              62C

     Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s
           0        0        0                0                0
`;

/** Shows 9 connections at its first two calls and 14 from then on. */
const IPVSADM = `echo >>"$0.calls"; calls=$(wc -l <"$0.calls")
echo "  -> RemoteAddress:Port"
[ "$calls" -gt 2 ] && echo "  -> 10.10.0.2:8000 9 1 1 1 1" || echo "  -> 10.10.0.2:8000 4 1 1 1 1"
echo "  -> 10.10.0.3:8000 5 1 1 1 1"`;

function read(ipvsadm: string) {
	const folder = mkdtempSync(join(tmpdir(), "lab-probe-"));
	const live = join(folder, "live");
	writeFileSync(live, LIVE);
	writeFileSync(join(folder, "ipvsadm"), `#!/bin/sh\n${ipvsadm}\n`);
	chmodSync(join(folder, "ipvsadm"), 0o755);
	const nothing = { interfaces: [], logs: [], states: [], uploads: false };
	const probe: NodeProbe = { node: "gw", ...nothing, counters: [{ kind: "ipvs", service: SERVICE }] };
	const script = beginScript(probe).replaceAll("/proc/net/ip_vs_stats_percpu", live);
	const env = { PATH: `${folder}:${process.env.PATH}` };
	const started = performance.now();
	const { stdout, stderr } = spawnSync("sh", ["-c", script], { encoding: "utf8", env });
	const text = parseSections(`\n${stdout}`).get("counter 0") ?? "";
	return { text, stderr, seconds: (performance.now() - started) / 1000 };
}

describe("reading IPVS's counters", () => {
	it("waits until they show what the processors have counted", () => {
		const { text, stderr } = read(IPVSADM);
		expect(text).toContain("10.10.0.2:8000 9");
		expect(stderr).toBe("");
	});

	it("goes on after 4 s with counters that can never agree, and hands on what the tool says", () => {
		const { text, seconds } = read("echo 'Memory allocation problem'");
		expect(text).toContain("Memory allocation problem");
		expect(seconds).toBeLessThan(6);
	});
});
