/** How many requests each backend may get before a share check fails: the band that a bar is drawn against. */
import type { ShareBand } from "../model/event.ts";
import { DEFAULT_FALSE_ALARM, type ExpectationBody, matchesHop } from "../model/expectation.ts";
import { binomialPValue } from "./statistics.ts";

/**
 * The bands of `total` requests, by backend; empty for `one-backend`, which names none. Strict turns: the even share, rounded
 * both ways. Shares drawn at random or by hash: all counts that the exact two-sided binomial test of that backend alone does not
 * reject, with the false-alarm rate shared among the backends (Bonferroni). With two backends that is the very test of the verdict; with
 * more the verdict tests all counts together, and the band is a guide.
 */
export function shareBands(
	body: ExpectationBody<"share">,
	backends: readonly string[],
	total: number,
): Record<string, ShareBand> {
	if (body.is === "one-backend" || total === 0) return {};
	const weights = weightsOf(body, backends);
	const whole = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
	if (whole === 0) return {};
	const sharing = [...weights.values()].filter((weight) => weight > 0).length;
	const alpha = (body["false-alarm"] ?? DEFAULT_FALSE_ALARM) / (sharing > 2 ? sharing : 1);
	return Object.fromEntries(
		[...weights].map(([backend, weight]) => {
			const share = weight / whole;
			const even = { low: Math.floor(total * share), high: Math.ceil(total * share) };
			return [backend, body.is === "round-robin" ? even : acceptedCounts(total, share, alpha)];
		}),
	);
}

/** Relative weights of the backends that take part; 0 for one that must get nothing. */
function weightsOf({ is, among }: ExpectationBody<"share">, backends: readonly string[]): Map<string, number> {
	const weight = (backend: string) => (typeof is === "string" ? 1 : (is[backend] ?? 0));
	const takes = (backend: string) => among === undefined || among.some((pattern) => matchesHop(pattern, backend));
	return new Map(backends.map((backend) => [backend, takes(backend) ? weight(backend) : 0]));
}

function acceptedCounts(total: number, share: number, alpha: number): ShareBand {
	if (share <= 0) return { low: 0, high: 0 };
	if (share >= 1) return { low: total, high: total };
	const accepted = (count: number) => binomialPValue(count, total, share) >= alpha;
	const mode = Math.min(total, Math.floor((total + 1) * share));
	let low = mode;
	while (low > 0 && accepted(low - 1)) low--;
	let high = mode;
	while (high < total && accepted(high + 1)) high++;
	return { low, high };
}
