/** What a plan leaves open for a transcript or a script: tags of images, files of programs. */

import { IMAGES, programSource } from "../model/lab.ts";
import * as wiring from "../plan/wire-script.ts";
import type { MoveOptions } from "../report/moves.ts";
import { tagOf } from "./provide.ts";

export async function moveOptions(root: string): Promise<MoveOptions> {
	const tags = new Map(
		await Promise.all(IMAGES.map(async (name) => [name as string, await tagOf(root, name)] as const)),
	);
	return {
		wiring,
		image: (name) => tags.get(name) ?? name,
		program: (name) => `${programSource(name)}/build/${name}`,
	};
}
