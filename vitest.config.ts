import { defineConfig } from "vitest/config";

/** Labs under emulation take seconds per step; a hang is ended by the deadlines inside the tests themselves. */
const SLOW = { testTimeout: 600_000, hookTimeout: 600_000, fileParallelism: false };

/** What has no time of its own to keep ends in a second; the rest is for a machine that is busy with something else. */
const QUICK = { testTimeout: 30_000, hookTimeout: 30_000, expect: { poll: { timeout: 15_000 } } };

/** Engine tests that want a real daemon. */
const ON_A_DAEMON = ["contract-docker", "docker-exec", "docker-traps", "host-daemon"].map(
	(name) => `test/engine/${name}.test.ts`,
);

/** A fault for every scenario of every lab. */
const PLANTS = ["test/labs/*-plants.test.ts"];

/** Stops at many moments, and a fault for every kind of expectation. */
const LONG = [
	"test/labs/interrupt*.test.ts",
	"test/labs/planted-faults.test.ts",
	"test/docker/interrupt*.test.ts",
	"test/docker/engine-choice.test.ts",
];

export default defineConfig({
	test: {
		// No retries: a flake is a fault. Each project fails, and does not skip, when what it needs is missing.
		projects: [
			{
				test: {
					name: "unit",
					exclude: ON_A_DAEMON,
					include: [
						"src/**/*.test.{ts,tsx}",
						"test/{config,cli,judge,plan,report,run,ui}/**/*.test.{ts,tsx}",
						"test/engine/**/*.test.ts",
					],
					...QUICK,
				},
			},
			{ test: { name: "checks", include: ["test/checks/**/*.test.ts"], testTimeout: 120_000 } },
			{ test: { name: "bpf", include: ["test/bpf/**/*.test.ts"], ...SLOW } },
			{
				test: {
					name: "docker",
					include: [...ON_A_DAEMON, "test/docker/**/*.test.ts"],
					exclude: LONG,
					globalSetup: ["test/support/host-daemon-setup.ts"],
					...SLOW,
				},
			},
			{ test: { name: "machine", include: ["test/machine/**/*.test.ts"], ...SLOW } },
			{ test: { name: "learn", include: ["test/learn/**/*.test.ts"], ...SLOW, maxConcurrency: 2 } },
			{ test: { name: "labs", include: ["test/labs/**/*.test.ts"], exclude: [...LONG, ...PLANTS], ...SLOW } },
			{ test: { name: "terminal", include: ["test/terminal/**/*.test.ts"], ...SLOW } },
			{
				test: { name: "long", include: LONG, globalSetup: ["test/support/host-daemon-setup.ts"], ...SLOW },
			},
			{ test: { name: "plants", include: PLANTS, ...SLOW, fileParallelism: true, maxWorkers: 2 } },
		],
	},
});
