/** Entry point: signals, the command line, and every error turned into words and an exit code. */
import { main } from "./cli/main.ts";

const code = await main(process);
// What was printed must be out before the process ends; an idle keep-alive connection must not hold it up.
process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
