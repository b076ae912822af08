// starter.mjs STATE NAME: starts a machine with the built program, says so, and waits to be killed.
import { ensureSnapshot } from "../../dist/machine/snapshot.js";
import { startVm } from "../../dist/machine/vm.js";

const [stateDir, name] = process.argv.slice(2);
const context = {
	listen: () => undefined,
	signal: new AbortController().signal,
	env: process.env,
	confirm: async () => true,
};
const machine = await startVm(context, await ensureSnapshot(context), { name, stateDir });
process.stdout.write(`${machine.pid}\n`);
setInterval(() => undefined, 1000);
