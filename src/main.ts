/** Entry point: signals, the command line, and every error turned into words and an exit code. */
import { main } from "./cli/main.ts";

process.exitCode = await main(process);
