import { describe, expect, it } from "vitest";
import { Traffic } from "../model/scenario.ts";
import { endOf, wantedAddress } from "./trace-headers.ts";

describe("the address that the client was told to speak to", () => {
	const wanted = (target: object) => wantedAddress(Traffic.parse({ from: "client", count: 1, ...target }));

	it("is spelled as captures spell it, whatever the traffic is", () => {
		expect(wanted({ nc: "192.168.10.1:50007" })).toBe("192.168.10.1");
		expect(wanted({ curl: "http://192.168.10.1:8000/" })).toBe("192.168.10.1");
		expect(wanted({ curl: "http://[2001:db8:10::1]/" })).toBe("2001:db8:10::1");
		expect(wanted({ ping: "2001:0DB8:10::1" })).toBe("2001:db8:10::1");
		expect(wantedAddress(undefined)).toBeUndefined();
	});
});

describe("an end of a frame", () => {
	const frame = (source: string | undefined, sourcePort?: number) => endOf({ source, sourcePort } as never, "source");

	it("tells address and port apart, in IPv6 too", () => {
		expect(frame("10.0.0.1", 80)).toBe("10.0.0.1:80");
		expect(frame("2001:db8::1", 80)).toBe("[2001:db8::1]:80");
		expect(frame("2001:db8::1")).toBe("2001:db8::1");
		expect(frame(undefined)).toBe("?");
	});
});
