/** What tests on a real daemon share: its connection, nodes with the tools of a lab, removal of what they made. */
import { afterAll, afterEach, beforeAll } from "vitest";
import { connectDocker } from "../../src/engine/docker-engine.ts";
import type { ContainerSpec, Engine } from "../../src/engine/engine.ts";
import { testCacheDir } from "../support/host-daemon-setup.ts";
import { toolsTar } from "../support/test-images.ts";
import { waiting } from "./contract.ts";

/** The daemon of the tests; undefined where there is none. */
export const daemonHost = process.env.LAB_TEST_DOCKER_HOST;
export const TOOLS_IMAGE = "lblab-test/tools:1";

/** Labels of what one test file makes. */
export function testLabels(group: string): Record<string, string> {
	return { "lblab.test": group };
}

/** Connects before the tests of a `describe` and removes after each what it made. */
export function useDaemon(group: string) {
	let engine: Engine;
	const labels = testLabels(group);

	beforeAll(async () => {
		engine = await connectDocker({ host: daemonHost ?? "", env: process.env });
		if (!(await engine.hasImage(TOOLS_IMAGE))) await engine.importImage(TOOLS_IMAGE, await toolsTar(testCacheDir()));
	}, 300_000);

	afterEach(async () => {
		for (const { id } of await engine.listContainers(labels)) await engine.removeContainer(id);
		for (const { id } of await engine.listNetworks(labels)) await engine.removeNetwork(id);
	});

	afterAll(() => engine?.close());

	return {
		engine: () => engine,
		/** Starts a container; returns its id. */
		async node(name: string, rest: Partial<ContainerSpec> = {}): Promise<string> {
			const capabilities = ["NET_ADMIN", "NET_RAW"];
			const spec = waiting(`${name}-${group}`, { image: TOOLS_IMAGE, labels, capabilities, ...rest });
			const id = await engine.createContainer(spec);
			await engine.startContainer(id);
			return id;
		},
		/** Trimmed output of a shell script, or `exit N: output`. */
		async sh(container: string, script: string): Promise<string> {
			const { exitCode, stdout, stderr } = await engine.exec(container, { command: ["sh", "-c", script] });
			return exitCode === 0 ? stdout.toString().trim() : `exit ${exitCode}: ${stdout}${stderr}`;
		},
	};
}
