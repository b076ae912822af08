/** Entry point: signals, the command line, and every error turned into words and an exit code. */
import { main } from "./cli/main.ts";
import { EXIT } from "./model/error.ts";

// Nothing is left that could happen, and yet something is waited for.
const stuck = () => {
	process.stderr.write(
		"lab: this is a bug in lab: it waits for what cannot come any more; lab gc removes what it may have left\n",
	);
	process.exit(EXIT.bug);
};
process.once("beforeExit", stuck);
const code = await main(process);
process.off("beforeExit", stuck);
// What was printed must be out before the process ends; an idle keep-alive connection must not hold it up.
process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
