/** The engine contract on the daemon that LAB_TEST_DOCKER_HOST names (see test/support/host-daemon-setup.ts). */
import { describe, it } from "vitest";
import { connectDocker } from "../../src/engine/docker-engine.ts";
import { testCacheDir } from "../support/host-daemon-setup.ts";
import { tinyTar } from "../support/test-images.ts";
import { engineContract } from "./contract.ts";

const host = process.env.LAB_TEST_DOCKER_HOST;

if (host) {
	engineContract(`Docker at ${host}`, async () => ({
		engine: await connectDocker({ host, env: process.env }),
		tarFile: await tinyTar(testCacheDir()),
	}));
} else {
	describe.skip("engine contract on a Docker daemon: LAB_TEST_DOCKER_HOST names none", () => it("runs"));
}
