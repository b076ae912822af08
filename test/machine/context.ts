/** What machine code is handed in tests: messages are kept, questions answered with yes, time is limited by a signal. */

import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SetupContext, SetupMessage } from "../../src/model/progress.ts";

export interface TestContext extends SetupContext {
	messages: SetupMessage[];
	/** Texts of all messages, in order. */
	texts(): string[];
	abort(reason: Error): void;
}

/** A context with the environment of this process and `env` on top. */
export function testContext(env: Record<string, string> = {}, answer = true): TestContext {
	const messages: SetupMessage[] = [];
	const controller = new AbortController();
	return {
		messages,
		texts: () => messages.map((message) => message.text ?? ""),
		abort: (reason) => controller.abort(reason),
		listen: (message) => messages.push(message),
		signal: controller.signal,
		env: { ...process.env, LAB_NO_INSTALL: undefined, LAB_ACCEL: undefined, ...env },
		confirm: async () => answer,
	};
}

/** A temporary directory with a short path (sockets live in it), and its removal. */
export function temporaryDirectory(): { path: string; remove: () => Promise<void> } {
	const path = mkdtempSync(join(tmpdir(), "lblab-t-"));
	return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
