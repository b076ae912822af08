/** Which network devices and addresses a node has at a point of its provisioning, as far as the file tells. */
import { addressesOf, type Node } from "../model/lab.ts";
import type { Step } from "../model/step.ts";
import { hasWord } from "./words.ts";

/** Devices that are there without being declared; `tunl0` and its like come with their kernel module. */
const BUILT_IN = ["lo", "tunl0", "gre0", "sit0"];

export class Devices {
	/** Interfaces of the node and devices made by steps so far. */
	readonly names: Set<string>;
	/** Addresses with prefix length, each with its device. */
	readonly addresses: { dev: string; cidr: string }[] = [];
	/** Subnets that are on a device by a route without a next hop. */
	readonly onLink: string[] = [];
	/** Text of everything whose effect is not known: commands, service command lines, files. */
	#opaque = "";

	constructor(node: Node) {
		this.names = new Set(Object.keys(node.interfaces));
		for (const [dev, entry] of Object.entries(node.interfaces)) {
			for (const cidr of addressesOf(entry)) this.addresses.push({ dev, cidr });
		}
	}

	/** Known, built in, or mentioned by a command that may have made it. */
	has(name: string): boolean {
		return this.names.has(name) || BUILT_IN.includes(name) || this.mentions(name);
	}

	/** Whether a step whose effect is not known has the word in it. */
	mentions(word: string): boolean {
		return hasWord(this.#opaque, word);
	}

	/** Whether commands ran that may have added addresses and routes. */
	hasRunCommands = false;

	/** Takes the effect of a step into account. */
	apply(step: Step): void {
		if (step.tunnel) this.names.add(step.tunnel.name);
		if (step.bridge) {
			this.names.add(step.bridge.name);
			if (step.bridge.address) this.addresses.push({ dev: step.bridge.name, cidr: step.bridge.address });
		}
		if (step.address) {
			const { dev, add } = step.address;
			for (const cidr of [add].flat()) this.addresses.push({ dev, cidr });
		}
		const { route } = step;
		if (route?.dev && !route.via && route.to !== "default") this.onLink.push(route.to);
		if (route?.type === "local") this.addresses.push({ dev: route.dev ?? "lo", cidr: route.to });
		if (step.run) this.hasRunCommands = true;
		const texts = [step.run, step.service?.command, step.file?.content, step.iptables?.rules];
		this.#opaque += texts
			.flat()
			.map((text) => (text === undefined ? "" : `${text}\n`))
			.join("");
	}
}
