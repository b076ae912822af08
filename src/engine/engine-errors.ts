/** The failures every engine reports alike, so that the fake fails with the same codes as a daemon. */
import { LabError } from "../model/error.ts";

/** `broken`/`no-such-container`: it never was there or is gone. */
export function noSuchContainer(name: string, words = `No such container: ${name}`, cause?: unknown): LabError {
	return new LabError("broken", words, {
		code: "no-such-container",
		hint: "See what is there with `lab ps`; `lab up` makes it again.",
		cause,
	});
}

/** `broken`/`no-such-image`. */
export function noSuchImage(tag: string, words = `No such image: ${tag}`, cause?: unknown): LabError {
	return new LabError("broken", words, { code: "no-such-image", hint: "`lab image build` makes it.", cause });
}

/** `broken`/`no-such-network`. */
export function noSuchNetwork(name: string, words = `No such network: ${name}`, cause?: unknown): LabError {
	return new LabError("broken", words, { code: "no-such-network", cause });
}

/** `broken`/`no-such-file`: the path does not exist in the container. */
export function noSuchFile(container: string, path: string, cause?: unknown): LabError {
	return new LabError("broken", `${path} does not exist in container ${container}`, { code: "no-such-file", cause });
}

/** `broken`/`not-running`: the container is there, but nothing runs in it. */
export function notRunning(container: string, words = `Container ${container} is not running`, cause?: unknown) {
	return new LabError("broken", words, {
		code: "not-running",
		hint: "Its first process has ended; `lab logs` shows what it said.",
		cause,
	});
}

/** `broken`/`name-taken`: another container has the name. */
export function nameTaken(name: string, words = `The name ${name} is already in use`, cause?: unknown): LabError {
	return new LabError("broken", words, {
		code: "name-taken",
		hint: `If it is left over from a lab, \`lab down\` removes it; else \`docker rm -f ${name}\`.`,
		cause,
	});
}

/** `interrupted`/`aborted`: the caller's signal ended the call. */
export function aborted(what: string, cause?: unknown): LabError {
	return new LabError("interrupted", `${what} was interrupted`, { code: "aborted", cause });
}
