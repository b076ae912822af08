/** `lab image` */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { didYouMean } from "../config/suggest.ts";
import { cacheDirectory } from "../machine/directories.ts";
import { ensureHostPackages } from "../machine/host-packages.ts";
import { cachedImages } from "../machine/image-cache.ts";
import { buildImageTar, buildNeeds } from "../machine/rootfs.ts";
import { LabError } from "../model/error.ts";
import { IMAGES } from "../model/lab.ts";
import { textTable } from "../report/table.ts";
import type { CliContext } from "./cli-context.ts";
import type { Flags } from "./flags.ts";
import { print } from "./output.ts";
import { provideImage, tagOf } from "./provide.ts";
import { setupContext, setupLines } from "./setup-context.ts";

/** Images that go into containers; images/vm becomes the embedded machine (`lab vm`), images/builder only compiles. */
const NODE_IMAGES = IMAGES;

export async function image(context: CliContext, args: string[], flags: Flags): Promise<number> {
	const [action, name] = args;
	if (action === "list") return list(context, flags);
	if (action === "build") return build(context, flags, name);
	throw new LabError("input", `lab image knows no action "${action}"`, {
		code: "unknown-action",
		hint: "One of: build, list",
	});
}

async function build(context: CliContext, flags: Flags, name: string | undefined): Promise<number> {
	const known = readdirSync(join(context.root, "images"));
	if (name !== undefined && (!known.includes(name) || name === "vm")) {
		throw new LabError("input", `there is no image "${name}"${didYouMean(name, known)}`, {
			code: "unknown-image",
			hint:
				name === "vm"
					? "The embedded machine is built by: lab vm rebuild"
					: `Images: ${NODE_IMAGES.join(", ")}, builder`,
		});
	}
	const setup = setupContext(context, flags, { listen: setupLines(context), signal: context.signal });
	const { found } = flags.engine === "vm" ? {} : await context.findDaemon();
	if (!found && flags.engine === "docker") {
		throw new LabError("environment", "no Docker daemon answers", {
			code: "no-daemon",
			hint: "Start Docker or set DOCKER_HOST.",
		});
	}
	try {
		const built: { image: string; tag: string; tar?: string }[] = [];
		for (const one of name === undefined ? NODE_IMAGES : [name]) {
			if (found) {
				built.push({
					image: one,
					tag: await provideImage({ engine: found.engine, setup, root: context.root }, one, flags.force),
				});
				continue;
			}
			await ensureHostPackages(setup, buildNeeds());
			const { tar } = await buildImageTar(setup, join(context.root, "images", one), cacheDirectory(context.env));
			built.push({ image: one, tag: await tagOf(context.root, one), tar });
		}
		print(context, flags, built, () => built.map((entry) => `${entry.tag}  ${entry.tar ?? found?.name}`).join("\n"));
		return 0;
	} finally {
		await found?.engine.close();
	}
}

async function list(context: CliContext, flags: Flags): Promise<number> {
	const { found } = await context.findDaemon();
	const onDaemon = (await found?.engine.listImages("lblab/")) ?? [];
	await found?.engine.close();
	const current = new Set(await Promise.all([...NODE_IMAGES, "builder"].map((name) => tagOf(context.root, name))));
	const rows = [
		...onDaemon.map(({ tag, size }) => ({ tag, size, place: found?.name ?? "", current: current.has(tag) })),
		...(await cachedImages(cacheDirectory(context.env))).map((entry) => ({
			...entry,
			place: "cache",
			current: current.has(entry.tag),
		})),
	];
	print(context, flags, rows, () =>
		rows.length === 0
			? "no images yet; they are built when a lab needs them, or by: lab image build"
			: textTable(
					["image", "size", "where", "up to date"],
					rows.map((row) => [row.tag, `${Math.round(row.size / 1e6)} MB`, row.place, row.current ? "yes" : "no"]),
				),
	);
	return 0;
}
