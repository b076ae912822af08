/** A shell in a node, from the terminal UI and back. */
import type { CliContext } from "../cli-context.ts";
import { shell } from "../verb-exec.ts";
import type { Front } from "./ui-app.ts";

/** The same shell as `lab shell` opens; the screen comes back when it ends, also when it cannot be opened. */
export async function shellIn(
	context: CliContext,
	{ lab, node }: { lab: string; node: string },
	front: Pick<Front, "suspend">,
): Promise<void> {
	await front.suspend(async () => {
		context.stdout.write(`Shell in ${node} of ${lab}. exit comes back.\r\n`);
		await shell(context, [node], { name: lab });
	});
}
