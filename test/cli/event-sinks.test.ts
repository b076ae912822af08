/** Who hears events, and when no longer. */
import { expect, it } from "vitest";
import { eventSinks } from "../../src/cli/event-sinks.ts";

it("an event after the end, as of a late signal, reaches nobody", () => {
	const heard: string[] = [];
	const sinks = eventSinks([{ onEvent: ({ type }) => heard.push(type), close: () => heard.push("close") }], () => {});
	sinks.emit({ type: "notice", level: "info", text: "x" });
	sinks.close();
	sinks.emit({ type: "interrupted", by: "SIGINT" });
	expect(heard).toEqual(["notice", "close"]);
});
