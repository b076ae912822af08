/** Images and programs for an engine: taken when they are there, made in the way that fits the engine when not. */
import { join } from "node:path";
import { buildInContainer } from "../engine/build-in-container.ts";
import type { Engine } from "../engine/engine.ts";
import { buildProgram, cachedProgram, canCompile } from "../machine/build-program.ts";
import { cacheDirectory } from "../machine/directories.ts";
import { ensureHostPackages } from "../machine/host-packages.ts";
import { hashImageSource, imageTag } from "../machine/image-source.ts";
import { buildImageTar, buildNeeds } from "../machine/rootfs.ts";
import { LabError } from "../model/error.ts";
import { programSource } from "../model/lab.ts";
import { type SetupContext, timedPhase } from "../model/progress.ts";

export interface Provider {
	engine: Engine;
	setup: SetupContext;
	/** The project's folder. */
	root: string;
	/** The daemon is the embedded machine's: it has no network, and asking a registry there takes minutes to fail. */
	offline?: boolean;
}

/** Tag of an image with its present sources. */
export async function tagOf(root: string, image: string): Promise<string> {
	return imageTag(image, await hashImageSource(join(root, "images", image)));
}

/**
 * Makes sure that an image is on the daemon: built by the daemon from its Dockerfile, or, where no registry can be reached
 * and this host is Linux, from the same package list by mmdebstrap and imported.
 */
export async function provideImage(provider: Provider, image: string, force = false): Promise<string> {
	const { engine, setup, root } = provider;
	const tag = await tagOf(root, image);
	if (!force && (await engine.hasImage(tag))) return tag;
	const phase = `image-${image}`;
	const onLine = (text: string) => setup.listen({ kind: "line", phase, text });
	try {
		if (!provider.offline) {
			await timedPhase(setup, phase, `building image ${tag} from its Dockerfile`, () =>
				engine.buildImage(tag, join(root, "images", image), onLine, setup.signal),
			);
			return tag;
		}
	} catch (error) {
		if (!(error instanceof LabError && error.code === "no-registry") || process.platform !== "linux") throw error;
		onLine("no registry can be reached, so the image is made from Debian packages on this host");
	}
	await ensureHostPackages(setup, buildNeeds());
	const { tar } = await buildImageTar(setup, join(root, "images", image), cacheDirectory(setup.env));
	await timedPhase(setup, phase, `importing image ${tag}`, () => engine.importImage(tag, tar, setup.signal));
	return tag;
}

/** A compiled program: from the cache, by this host's compiler, or in a builder container where the host has none. */
export async function provideProgram(provider: Provider, name: string, kind: "docker" | "vm"): Promise<Buffer> {
	const { setup, root, engine } = provider;
	const build = { source: join(root, programSource(name)), name, cache: cacheDirectory(setup.env) };
	const cached = await cachedProgram(build);
	if (cached) return cached;
	// A daemon of the user's own promises to need nothing of the host; the embedded machine has no compiler inside.
	if (kind === "docker" && !(await canCompile(setup))) {
		try {
			const builder = await provideImage(provider, "builder");
			return await timedPhase(setup, `build-${name}`, `compiling ${name} in a builder container`, () =>
				buildInContainer(engine, builder, build.source, name, setup.signal),
			);
		} catch (error) {
			if (!(error instanceof LabError && error.code === "no-registry")) throw error;
		}
	}
	return buildProgram(setup, build);
}
