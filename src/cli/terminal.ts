/** What a stream may be sent: colours, and a view that is drawn again and again. */
import { isOn } from "../model/environment.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Stream = Pick<NodeJS.WriteStream, "isTTY">;

/** NO_COLOR wins, then FORCE_COLOR, then whether it is a terminal that can. */
export function takesColor(env: Environment, stream: Stream): boolean {
	// https://no-color.org: any text but the empty one.
	if (env.NO_COLOR) return false;
	if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR === "" || isOn(env.FORCE_COLOR);
	return stream.isTTY === true && env.TERM !== "dumb";
}

/** True where a person looks at a terminal that can move its cursor. */
export function takesLiveView(env: Environment, stream: Stream): boolean {
	return stream.isTTY === true && !isOn(env.CI) && env.TERM !== "dumb";
}
