import { parseService } from "../model/name.ts";
import type { StepBody } from "../model/step.ts";
import type { Rendered } from "./rendered.ts";

const FORWARD_FLAG = { masquerade: "-m", tunnel: "-i", direct: "-g" } as const;

/** How ipvsadm names a service: `-t VIP:PORT`, `-u VIP:PORT` or `-f MARK`. */
export function ipvsServiceFlag(body: Pick<StepBody<"ipvs">, "service" | "fwmark">): string {
	if (body.service === undefined) return `-f ${body.fwmark}`;
	const { address, port, protocol } = parseService(body.service);
	return `${protocol === "tcp" ? "-t" : "-u"} ${address}:${port ?? 0}`;
}

/** `ipvsadm -A` for the service and `-a` for each real. */
export function renderIpvs(body: StepBody<"ipvs">): Rendered {
	const service = ipvsServiceFlag(body);
	const persistent = body.persistent === undefined ? "" : ` -p ${body.persistent}`;
	const commands = [`ipvsadm -A ${service} -s ${body.scheduler}${persistent}`];
	for (const entry of body.servers) {
		const { address, weight } = typeof entry === "string" ? { address: entry, weight: undefined } : entry;
		const weighted = weight === undefined ? "" : ` -w ${weight}`;
		commands.push(`ipvsadm -a ${service} -r ${address} ${FORWARD_FLAG[body.forward]}${weighted}`);
	}
	return { commands };
}
