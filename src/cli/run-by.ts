/** Who runs lab, for the labels of what it makes. */
import { userInfo } from "node:os";
import { identityText, ownIdentity } from "../machine/process-identity.ts";

/** The user's name, and this process as others can look for it. */
export function runBy(env: Readonly<Record<string, string | undefined>>): { owner: string; maker: string } {
	return { owner: userName(env), maker: identityText(ownIdentity()) };
}

function userName(env: Readonly<Record<string, string | undefined>>): string {
	try {
		return userInfo().username;
	} catch {
		// A user id without a name, as in many containers.
		return env.USER ?? String(process.getuid?.() ?? "unknown");
	}
}
