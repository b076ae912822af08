/** The client script is run for real, against stand-ins for nc and curl on the PATH: what it sends is what they are given. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Phase, type Traffic } from "../../src/model/scenario.ts";
import { parseRequestLine, trafficDeadline, trafficScript } from "../../src/run/traffic-script.ts";

function traffic(body: object): Traffic {
	const phase = Phase.parse({ name: "a phase", traffic: { from: "c", ...body }, expect: [{ answered: "all" }] });
	if (!phase.traffic) throw new Error("no traffic");
	return phase.traffic;
}

function newFolder() {
	return mkdtempSync(join(tmpdir(), "lab-traffic-"));
}

/** Runs traffic in a folder, which stands for the client node: traffic in the same folder is sent from the same node. */
function run(body: object, tools: Record<string, string>, folder = newFolder()) {
	for (const [name, script] of Object.entries(tools)) {
		writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
		chmodSync(join(folder, name), 0o755);
	}
	const wanted = traffic(body);
	const script = trafficScript(wanted, "lab-ab12-3").replaceAll("/run/lab-traffic", folder);
	const result = spawnSync("sh", ["-c", script], { encoding: "utf8", env: { PATH: `${folder}:${process.env.PATH}` } });
	const records = result.stdout.split("\n").flatMap((line) => parseRequestLine(line, wanted) ?? []);
	return { ...result, records };
}

describe("traffic", () => {
	it("an upload at a rate has the time that it needs on top", () => {
		const body = { curl: "http://10.0.0.1/", count: 1, upload: 81920, timeout: 5 };
		const asked = (more: object) => {
			const tool = `echo "$@" | tr " " "\\n" | grep -A1 -E "max-time|limit-rate" >&2; printf '200\\t\\t\\t'`;
			const { records } = run({ ...body, ...more }, { curl: tool });
			return records[0]?.message?.replaceAll(/\s+/g, " ");
		};
		expect(asked({})).toBe("--max-time 6");
		expect(asked({ rate: 4096 })).toBe("--max-time 26 -- --limit-rate 4096");
		expect(trafficDeadline(traffic({ ...body, rate: 4096 })) - trafficDeadline(traffic(body))).toBe(20);
	});

	it("nc sends the text and a token of its own in each request", () => {
		const { records } = run(
			{ nc: "10.0.0.1:80", send: "xxx", count: 3 },
			{ nc: 'cat; echo "Connection to $8 succeeded!"' },
		);
		expect(records.map((record) => record.token)).toEqual(["lab-ab12-3-0000", "lab-ab12-3-0001", "lab-ab12-3-0002"]);
		expect(records.every((record) => record.answered)).toBe(true);
		expect(records[1]?.message).toBe("xxx lab-ab12-3-0001 Connection to 10.0.0.1 succeeded!");
	});

	it("nc is called with -n, so that nothing is looked up", () => {
		const { records } = run({ nc: "10.0.0.1:80", count: 1 }, { nc: "printf '%s' \"$*\"" });
		expect(records[0]?.message).toBe("-n -v -N -w 2 -p 10000 10.0.0.1 80");
	});

	it("a refused connection is unanswered, with the words of nc", () => {
		const { records } = run(
			{ nc: "10.0.0.1:80", count: 1 },
			{ nc: "cat >/dev/null; echo 'connect failed: Connection refused' >&2; exit 1" },
		);
		expect(records[0]).toMatchObject({ answered: false, exitCode: 1, message: "connect failed: Connection refused" });
	});

	it("curl tells status, local end and the backend that the answer names", () => {
		const { records } = run({ curl: "http://10.0.0.1/", count: 2 }, { curl: "printf '200\\t10.0.0.9\\t4711\\treal1'" });
		expect(records[0]).toMatchObject({
			answered: true,
			status: 200,
			localAddress: "10.0.0.9",
			localPort: 4711,
			answeredBy: "real1",
		});
	});

	it("an HTTP error is no answer", () => {
		const { records } = run({ curl: "http://10.0.0.1/", count: 1 }, { curl: "printf '503\\t10.0.0.9\\t4711\\t'" });
		expect(records[0]).toMatchObject({ answered: false, status: 503 });
	});

	it("requests in parallel are all there", () => {
		const { records } = run(
			{ curl: "http://10.0.0.1/", count: 25, parallel: 5 },
			{ curl: "printf '200\\t1.1.1.1\\t1\\tx'" },
		);
		expect(records.map((record) => record.index).sort((a, b) => a - b)).toEqual([...Array(25).keys()]);
	});

	it("an upload carries the digest of what was sent", () => {
		const keep =
			"while [ $# -gt 1 ]; do [ \"$1\" = -T ] && sha256sum <$2 | cut -d' ' -f1 >${0%/*}/sum; shift; done; printf '201\\t1.1.1.1\\t1\\tx'";
		const { records } = run({ curl: "http://10.0.0.1/", count: 1, upload: 5000 }, { curl: keep });
		expect(records[0]?.digest).toMatch(/^[0-9a-f]{64}$/);
	});

	it("several lines go out one by one", () => {
		const { records } = run(
			{ curl: "http://10.0.0.1/", count: 1, lines: 4, pause: 0 },
			{ curl: "printf '%s\\t1.1.1.1\\t1\\tx' $((196 + $(wc -l)))" },
		);
		expect(records[0]?.status).toBe(200);
	});

	it("sources are taken in turn, and each tool is told in its own way", () => {
		const body = { count: 3, sources: ["10.0.0.5", "10.0.0.6"] };
		const said = (kind: object, tool: string) =>
			run(
				{ ...body, ...kind },
				{ [tool]: "printf '%s' \"$*\" | grep -o -e '-s [0-9.]*' -e '--interface [0-9.]*' -e '-I [0-9.]*'" },
			);
		const words = (kind: object, tool: string) => said(kind, tool).records.map((record) => record.message);
		expect(words({ nc: "10.0.0.1:80" }, "nc")).toEqual(["-s 10.0.0.5", "-s 10.0.0.6", "-s 10.0.0.5"]);
		expect(words({ ping: "10.0.0.1" }, "ping")).toEqual(["-I 10.0.0.5", "-I 10.0.0.6", "-I 10.0.0.5"]);
		expect(said({ curl: "http://10.0.0.1/", parallel: 2 }, "curl").stdout).toContain("--interface 10.0.0.6");
	});

	it("no source port is taken twice, whatever sends, until all have been taken", () => {
		const folder = newFolder();
		const ports = (body: object, tool: string) => {
			const say = "printf '%s' \"$*\" | grep -oE -e '-p [0-9]+' -e '--local-port [0-9]+' >&2; printf '200\\t\\t\\t'";
			const { records } = run(body, { [tool]: say }, folder);
			const byIndex = records.toSorted((a, b) => a.index - b.index);
			return byIndex.map(({ message }) => Number(message?.match(/(?:-p|--local-port) (\d+)/)?.[1]));
		};
		expect(ports({ nc: "10.0.0.1:80", count: 2 }, "nc")).toEqual([10_000, 10_001]);
		expect(ports({ curl: "http://10.0.0.1/", count: 3, parallel: 3 }, "curl")).toEqual([10_002, 10_003, 10_004]);
		expect(ports({ curl: "http://10.0.0.1/", count: 1, upload: 9 }, "curl")).toEqual([10_005]);
		writeFileSync(join(folder, "next-port"), "32767\n");
		expect(ports({ nc: "10.0.0.1:80", count: 1 }, "nc")).toEqual([32_767]);
		expect(ports({ nc: "10.0.0.1:80", count: 1 }, "nc")).toEqual([10_000]);
	});

	it("a request tells when it was begun, and the interval lies behind it", () => {
		const { records } = run({ nc: "10.0.0.1:80", count: 3, interval: 0.2 }, { nc: "cat >/dev/null" });
		const times = records.map((record) => record.sentAt ?? 0);
		const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
		expect(times[0]).toBeGreaterThan(uptime - 60);
		expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(0.38);
	});

	it("other lines are not records", () => {
		expect(parseRequestLine("R\tnonsense", traffic({ ping: "10.0.0.1", count: 1 }))).toBeUndefined();
	});
});
