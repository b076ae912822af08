/** Any error as one of ours: what the operating system refuses is the machine's business, everything else is a bug. */
import { LabError, wordsOf } from "./error.ts";

/** What the kernel says about files, in words, with the code of the error. */
const REFUSALS: Record<string, [code: string, words: string]> = {
	ENOSPC: ["disk-full", "no space is left on the device"],
	EDQUOT: ["disk-full", "the disk quota is used up"],
	EACCES: ["no-permission", "permission denied"],
	EPERM: ["no-permission", "operation not permitted"],
	EROFS: ["no-permission", "the file system is read-only"],
	ENOTDIR: ["not-a-folder", "a part of the path is not a folder"],
	EEXIST: ["not-a-folder", "there is a file of that name"],
	EISDIR: ["not-a-file", "it is a folder"],
	EMFILE: ["too-many-files", "too many files are open"],
	ENFILE: ["too-many-files", "too many files are open on this machine"],
	EIO: ["input-output", "input/output error"],
};

const HINTS: Record<string, string> = {
	"disk-full": "Free some space, or choose folders on another disk: --results for results, LAB_CACHE for the cache.",
	"no-permission": "Folders that can be chosen: --results for results, LAB_CACHE for the cache.",
};

/** Why the operating system refused something; undefined when that is not what the error is about. */
export function refusalOf(error: unknown): { code: string; words: string } | undefined {
	const number = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
	const [code, words] = REFUSALS[number ?? ""] ?? [];
	return code === undefined || words === undefined ? undefined : { code, words };
}

/** The error itself when it is a `LabError`; else `environment` for what a file system refuses, else a bug. */
export function asLabError(error: unknown): LabError {
	if (error instanceof LabError) return error;
	const { syscall, path } = (error instanceof Error ? error : {}) as NodeJS.ErrnoException;
	if (syscall === "uv_os_homedir") {
		return new LabError("environment", "this user has no home folder", {
			code: "no-home",
			hint: "Set HOME, or LAB_CACHE to a folder for what lab keeps.",
			cause: error,
		});
	}
	const refusal = refusalOf(error);
	if (refusal && syscall) {
		const hint = HINTS[refusal.code];
		return new LabError("environment", `cannot ${syscall} ${path ?? "a file"}: ${refusal.words}`, {
			code: refusal.code,
			cause: error,
			...(hint ? { hint } : {}),
		});
	}
	return new LabError("bug", wordsOf(error), { code: "bug", cause: error });
}
