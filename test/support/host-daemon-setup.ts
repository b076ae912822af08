/**
 * vitest global set-up: gives the tests a private Docker daemon where they are allowed one and none is named.
 *
 *     LAB_TEST_HOST_DAEMON=bookworm|trixie npx vitest run test/engine
 *
 * Tests find it in LAB_TEST_DOCKER_HOST, and its namespaces in LAB_TEST_DOCKER_PID.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { startHostDaemon } from "./host-daemon.ts";

/** Folder for downloaded packages of tests. */
export function testCacheDir(): string {
	return process.env.LAB_TEST_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "lblab-test");
}

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
	const suite = process.env.LAB_TEST_HOST_DAEMON;
	if (!suite || process.env.LAB_TEST_DOCKER_HOST) return undefined;
	const daemon = await startHostDaemon({ cacheDir: testCacheDir(), trixie: suite === "trixie" });
	process.env.LAB_TEST_DOCKER_HOST = daemon.host;
	process.env.LAB_TEST_DOCKER_PID = String(daemon.netnsPid);
	return daemon.stop;
}
