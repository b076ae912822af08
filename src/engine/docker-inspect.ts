/** What the daemon tells about itself and its containers, in the port's words. */
import type Docker from "dockerode";
import type { ContainerInspectInfo } from "dockerode";
import { statusOf } from "./docker-errors.ts";
import type { ContainerInfo, EngineInfo, Labels } from "./engine.ts";

/** Filter argument of list calls; no labels means all. */
export function labelFilter(labels: Labels): { label: string[] } | Record<string, never> {
	const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
	return label.length > 0 ? { label } : {};
}

export async function engineInfo(docker: Docker, api: string): Promise<Omit<EngineInfo, "local">> {
	const [info, boot] = await Promise.all([docker.info(), bootMark(docker)]);
	const security: string[] = info.SecurityOptions ?? [];
	return {
		id: info.ID,
		...(boot ? { boot } : {}),
		daemon: info.ServerVersion,
		api,
		kernel: info.KernelVersion,
		system: info.OperatingSystem,
		architecture: info.Architecture,
		apparmor: security.some((option) => /\bapparmor\b/.test(option)),
	};
}

/** The daemon makes its default bridge network anew when it starts with no container running, as after every boot. */
async function bootMark(docker: Docker): Promise<string | undefined> {
	try {
		return (await docker.getNetwork("bridge").inspect()).Id;
	} catch (error) {
		if (statusOf(error) === 404) return undefined;
		throw error;
	}
}

export function containerInfo(info: ContainerInspectInfo): ContainerInfo {
	const networks = Object.entries(info.NetworkSettings.Networks ?? {});
	return {
		id: info.Id,
		name: info.Name.replace(/^\//, ""),
		image: info.Config.Image,
		state: info.State.Status,
		pid: info.State.Pid,
		labels: info.Config.Labels ?? {},
		endpoints: Object.fromEntries(
			networks
				.filter(([, endpoint]) => endpoint.IPAddress || endpoint.IPAMConfig?.IPv4Address)
				.map(([name, endpoint]) => [
					name,
					{ address: endpoint.IPAddress || endpoint.IPAMConfig?.IPv4Address || "", mac: endpoint.MacAddress ?? "" },
				]),
		),
		created: Math.floor(Date.parse(info.Created) / 1000),
	};
}
