/** Screens are drawn by React's build for production, and programs that lab starts know nothing of that. */
import { afterEach, expect, it, vi } from "vitest";
import { loadScreen } from "../../src/cli/load-screen.ts";

afterEach(() => vi.unstubAllEnvs());

const seen = () => Promise.resolve(process.env.NODE_ENV);

it("NODE_ENV is production while a screen is loaded, and unset again behind it", async () => {
	vi.stubEnv("NODE_ENV", undefined);
	expect(await loadScreen(seen)).toBe("production");
	await expect(loadScreen(() => Promise.reject(new Error("not there")))).rejects.toThrow("not there");
	expect("NODE_ENV" in process.env).toBe(false);
});

it("what the user has chosen stays", async () => {
	vi.stubEnv("NODE_ENV", "development");
	expect(await loadScreen(seen)).toBe("development");
	expect(process.env.NODE_ENV).toBe("development");
});
