/** Who runs lab, for the owner label. */
import { userInfo } from "node:os";

export function owner(env: Readonly<Record<string, string | undefined>>): string {
	try {
		return userInfo().username;
	} catch {
		// A user id without a name, as in many containers.
		return env.USER ?? String(process.getuid?.() ?? "unknown");
	}
}
