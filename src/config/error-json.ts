/** Errors as programs read them: what `-f json` prints when a command fails. */
import type { LabError, Where } from "../model/error.ts";
import { InvalidFileError, type Problem } from "./problem.ts";

/** Extended only by adding. */
export interface ErrorJson {
	error: {
		/** Stable name, e.g. `invalid-file`. */
		code: string;
		message: string;
		hint: string | null;
		where: Where | null;
		/** Every mistake of a file by itself; only for `invalid-file`. */
		problems?: readonly Problem[];
	};
}

/** The error as data. */
export function errorJson(error: LabError): ErrorJson {
	const { code, message, hint = null, where = null } = error;
	const problems = error instanceof InvalidFileError ? { problems: error.problems } : {};
	return { error: { code, message, hint, where, ...problems } };
}
