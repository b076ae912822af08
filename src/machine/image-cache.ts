/** The image tars in the cache. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

export interface CachedImage {
	/** As the image would be called on a daemon. */
	tag: string;
	/** Bytes of the tar. */
	size: number;
	path: string;
}

/** All tars, by name. */
export async function cachedImages(cache: string): Promise<CachedImage[]> {
	const folder = join(cache, "images");
	const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".tar")).sort();
	return Promise.all(
		names.map(async (name) => {
			const path = join(folder, name);
			const tag = `lblab/${name.replace(/-([0-9a-f]+)\.tar$/, ":$1")}`;
			return { tag, size: (await stat(path)).size, path };
		}),
	);
}
