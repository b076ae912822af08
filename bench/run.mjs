// Starts bench/main.ts: Node 20 does not read TypeScript, and vitest's loader is here already. In this very process, so
// that Ctrl-C reaches the code that cleans up.
import { createViteServer } from "vitest/node";

const server = await createViteServer({
	configFile: false,
	server: { middlewareMode: true, watch: null, hmr: false, ws: false },
	appType: "custom",
	logLevel: "error",
	optimizeDeps: { noDiscovery: true },
});
try {
	const { main } = await server.ssrLoadModule("/bench/main.ts");
	process.exitCode = await main(process.argv.slice(2));
} finally {
	await server.close();
}
