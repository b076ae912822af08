import { describe, expect, it } from "vitest";
import { parseBackendLog, parseCaptureLog, parseCounters, parseDigests } from "../../src/run/read-evidence.ts";

const nc = { node: "int1", service: "listener", path: "/x", format: "nc" as const };
const http = { node: "real1", service: "web", path: "/x", format: "http" as const };

describe("backend logs", () => {
	it("of nc: who connected, then what came", () => {
		const text =
			"Listening on 0.0.0.0 8000\nConnection received on 100.100.100.1 41000\nxxx lab-ab12-0-0000\nConnection received on 100.100.100.1 41001\nxxx lab-ab12-0-0001\n";
		expect(parseBackendLog(nc, text, new Map())).toEqual([
			{ node: "int1", service: "listener", tokens: ["lab-ab12-0-0000"], peerAddress: "100.100.100.1", peerPort: 41000 },
			{ node: "int1", service: "listener", tokens: ["lab-ab12-0-0001"], peerAddress: "100.100.100.1", peerPort: 41001 },
		]);
	});

	it("of nc: text without an end of line before the next notice still belongs to its own connection", () => {
		const text = "Connection received on 1.1.1.1 1\nlab-ab12-0-0000Connection received on 1.1.1.1 2\nlab-ab12-0-0001";
		expect(parseBackendLog(nc, text, new Map()).map((accept) => accept.tokens)).toEqual([
			["lab-ab12-0-0000"],
			["lab-ab12-0-0001"],
		]);
	});

	it("of nc: many lines of one connection are one token", () => {
		const text = "Connection received on 1.1.1.1 1\nlab-ab12-0-0000 line 1\nlab-ab12-0-0000 line 2\n";
		expect(parseBackendLog(nc, text, new Map())[0]?.tokens).toEqual(["lab-ab12-0-0000"]);
	});

	it("of the web server, with digests of uploads", () => {
		const digest = "a".repeat(64);
		const digests = parseDigests(`${digest}  ./lab-ab12-0-0000\n`);
		const text = "10.0.0.1 4711 lab-ab12-0-0000 201 PUT /upload/lab-ab12-0-0000\n10.0.0.1 4712 - 200 GET /\n";
		expect(parseBackendLog(http, text, digests)).toEqual([
			{ node: "real1", service: "web", tokens: ["lab-ab12-0-0000"], peerAddress: "10.0.0.1", peerPort: 4711, digest },
			{ node: "real1", service: "web", tokens: [], peerAddress: "10.0.0.1", peerPort: 4712 },
		]);
	});
});

describe("counters", () => {
	it("of IPVS", () => {
		const text = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  111.111.0.1:80                      6       36       24     2160     1296
  -> 10.10.0.2:8000                      3       18       12     1080      648
  -> 10.10.0.3:8000                      3       18       12     1080      648
`;
		const counters = parseCounters("gw", { kind: "ipvs", service: "111.111.0.1:80/tcp" }, "before", text);
		expect(counters.reals).toEqual([
			{ address: "10.10.0.2", port: 8000, connections: 3, packets: 18, bytes: 1080 },
			{ address: "10.10.0.3", port: 8000, connections: 3, packets: 18, bytes: 1080 },
		]);
	});

	it("of the XDP balancer", () => {
		const real = { address: "10.111.222.11", weight: 1, packets: 10, bytes: 600, connections: 2 };
		const text = JSON.stringify({
			schema: 1,
			vips: [{ address: "192.168.10.1", port: 0, protocol: "tcp", reals: [real] }],
			global: {},
		});
		const counters = parseCounters("katran", { kind: "xdp", service: "192.168.10.1:any/tcp" }, "after", text);
		expect(counters.reals).toEqual([{ address: "10.111.222.11", packets: 10, bytes: 600, connections: 2 }]);
	});

	it("that cannot be read are an error with the tool's own words", () => {
		const source = { kind: "ipvs", service: "1.1.1.1:80/tcp" } as const;
		expect(() => parseCounters("gw", source, "after", "No such service")).toThrow(
			/at gw could not be read: No such service/,
		);
	});
});

it("tcpdump's last words", () => {
	const text = "listening on eth1\n^C12 packets captured\n12 packets received by filter\n3 packets dropped by kernel\n";
	expect(parseCaptureLog(text)).toEqual({ captured: 12, dropped: 3 });
	expect(parseCaptureLog("tcpdump: eth9: No such device exists")).toBeUndefined();
});
