import { expect, test } from "vitest";
import { buildNeeds, mmdebstrapArguments } from "./rootfs.ts";

const RECIPE = {
	root: true,
	packages: ["curl", "iproute2"],
	archive: { mirror: "http://mirror.example/debian", aptOptions: ['Acquire::http::Proxy "http://p:1";'] },
	overlay: "/tmp/over lay.tar",
	dpkgConfig: "/images/node/dpkg.cfg",
	customize: "/images/node/customize",
	target: "/cache/node.tar",
};

test("mmdebstrap gets the machine's own mirror and proxy, and nothing recommended", () => {
	const args = mmdebstrapArguments(RECIPE);
	expect(args).toContain("--mode=root");
	expect(args).toContain("--include=curl,iproute2");
	expect(args).toContain('--aptopt=APT::Install-Recommends "false"');
	expect(args).toContain('--aptopt=Acquire::http::Proxy "http://p:1";');
	expect(args.slice(-3)).toEqual(["trixie", "/cache/node.tar", "deb http://mirror.example/debian trixie main"]);
});

test("the proxy does not stay in the image: its file is removed, then comes the overlay, then the image's own program", () => {
	const hooks = mmdebstrapArguments(RECIPE).filter((word) => word.startsWith("--customize-hook="));
	expect(hooks[0]).toContain("etc/apt/apt.conf.d/99mmdebstrap");
	expect(hooks[1]).toBe("--customize-hook=tar-in '/tmp/over lay.tar' /");
	expect(hooks[2]).toBe("--customize-hook=sh '/images/node/customize' \"$1\"");
});

test("an ordinary user builds in a user namespace, with mmdebstrap's own mirror where none is known", () => {
	const args = mmdebstrapArguments({ ...RECIPE, root: false, archive: { mirror: undefined, aptOptions: [] } });
	expect(args).toContain("--mode=unshare");
	expect(args.at(-1)).toBe("/cache/node.tar");
});

test("without overlay and dpkg options there are no words for them", () => {
	const args = mmdebstrapArguments({ ...RECIPE, overlay: undefined, dpkgConfig: undefined, customize: undefined });
	expect(args.join(" ")).not.toMatch(/tar-in|dpkgopt|hook=sh/);
});

test("only an ordinary user needs uidmap", () => {
	expect(buildNeeds(true).map((need) => need.package)).not.toContain("uidmap");
	expect(buildNeeds(false).map((need) => need.package)).toContain("uidmap");
});
