/**
 * Tests of whether counts fit the shares that were asked for, and what such a test can see. All assume that each request
 * picks its backend independently of the others, as random and well-mixed hashed choices do.
 */
import jstat from "jstat";

/** Outcomes up to which the exact test is done by looking at every one of them; takes about 0.1 s. */
const MAX_OUTCOMES = 500_000;

/**
 * Smallest expected count for the chi-square test. The usual 5 is meant for a false-alarm rate of 0.05: at 0.0001 the
 * approximation would fail healthy labs too often.
 */
const MIN_EXPECTED = 50;

/** Outcomes as probable as the observed one but for rounding count as equally probable (as in R's binom.test). */
const TIE = 1 + 1e-7;

export type ShareTest =
	| "exact binomial test"
	| "exact multinomial test"
	| "chi-square test"
	| "exact binomial tests per backend";

export interface ShareTestResult {
	test: ShareTest;
	/** Probability that a healthy lab shows counts at least as improbable. */
	pValue: number;
}

/**
 * Chooses the test that keeps the false-alarm rate for this sample, and does it: exact wherever every outcome can be looked
 * at, chi-square for large samples, and between the two one exact binomial test per backend (Bonferroni: the smallest
 * p-value times their number), which is valid for any sample.
 * @param shares probabilities above 0 that add up to 1, in the order of `counts`
 */
export function testShares(counts: readonly number[], shares: readonly number[]): ShareTestResult {
	const total = sum(counts);
	if (counts.length === 2) return { test: "exact binomial test", pValue: exactPValue(counts, shares) };
	if (outcomeCount(total, counts.length) <= MAX_OUTCOMES) {
		return { test: "exact multinomial test", pValue: exactPValue(counts, shares) };
	}
	if (Math.min(...shares) * total >= MIN_EXPECTED) {
		return { test: "chi-square test", pValue: chiSquarePValue(counts, shares) };
	}
	const each = counts.map((count, i) => binomialPValue(count, total, shares[i] ?? 0));
	return { test: "exact binomial tests per backend", pValue: Math.min(1, counts.length * Math.min(...each)) };
}

/** Two-sided exact binomial test: the probability of all counts no more probable than this one. */
export function binomialPValue(successes: number, trials: number, share: number): number {
	return exactPValue([successes, trials - successes], [share, 1 - share]);
}

/**
 * Exact multinomial test: the probability of all outcomes no more probable than the observed one (total order by
 * probability; Read & Cressie, Goodness-of-Fit Statistics for Discrete Multivariate Data, 1988, section 5).
 * Takes time in proportion to `outcomeCount`.
 */
export function exactPValue(counts: readonly number[], shares: readonly number[]): number {
	const total = sum(counts);
	const logFactorial = logFactorials(total);
	const logShares = shares.map(Math.log);
	/** log of p^count / count!, a backend's factor of the multinomial probability. */
	const factor = (i: number, count: number) =>
		count === 0 ? 0 : count * (logShares[i] ?? 0) - (logFactorial[count] ?? 0);
	const bound = sum(counts.map((count, i) => factor(i, count))) + Math.log(TIE);
	const visit = (i: number, left: number, logProbability: number): number => {
		if (i === shares.length - 1) {
			const log = logProbability + factor(i, left);
			return log <= bound ? Math.exp(log + (logFactorial[total] ?? 0)) : 0;
		}
		let probability = 0;
		for (let count = 0; count <= left; count++)
			probability += visit(i + 1, left - count, logProbability + factor(i, count));
		return probability;
	};
	return Math.min(1, visit(0, total, 0));
}

/** Ways to spread `total` requests over `kinds` backends: C(total + kinds - 1, kinds - 1). */
export function outcomeCount(total: number, kinds: number): number {
	let ways = 1;
	for (let i = 1; i < kinds; i++) ways = (ways * (total + i)) / i;
	return Math.round(ways);
}

/** Pearson's chi-square test with (backends - 1) degrees of freedom (Pearson 1900). */
export function chiSquarePValue(counts: readonly number[], shares: readonly number[]): number {
	const total = sum(counts);
	const statistic = sum(counts.map((count, i) => (count - total * (shares[i] ?? 0)) ** 2 / (total * (shares[i] ?? 0))));
	return 1 - jstat.chisquare.cdf(statistic, counts.length - 1);
}

/**
 * The smallest shift of one backend's share, in either direction, that the test fails with probability `power`; the others
 * keep their proportions. Exact for two backends, from the non-central chi-square distribution for more (Cohen,
 * Statistical Power Analysis for the Behavioral Sciences, 1988, chapter 7), there for the backend with the largest variance;
 * an approximation that came out at a power of 0.97 in place of 0.99 for 120 requests over three backends.
 * @returns a difference of shares, e.g. 0.12 for 12 points
 */
export function detectableShift(total: number, shares: readonly number[], alpha: number, power: number): number {
	if (shares.length === 2) return binomialShift(total, shares[0] ?? 0, alpha, power);
	const variance = Math.max(...shares.map((share) => share * (1 - share)));
	return Math.sqrt((requiredNoncentrality(shares.length - 1, alpha, power) * variance) / total);
}

/** Probability that the exact two-sided binomial test of `share` fails when the true share is `truth`. */
export function binomialPower(total: number, share: number, truth: number, alpha: number): number {
	return probabilityWithin(binomialRejections(total, share, alpha), binomialProbabilities(total, truth));
}

function binomialShift(total: number, share: number, alpha: number, power: number): number {
	const rejected = binomialRejections(total, share, alpha);
	const seen = (truth: number) => probabilityWithin(rejected, binomialProbabilities(total, truth)) >= power;
	const up = bisect(0, 1 - share, (shift) => seen(share + shift));
	const down = bisect(0, share, (shift) => seen(share - shift));
	return Math.max(up, down);
}

/** For each count whether the exact test rejects it: the least probable counts whose probabilities stay below alpha. */
function binomialRejections(total: number, share: number, alpha: number): boolean[] {
	const probabilities = binomialProbabilities(total, share);
	const rejected = probabilities.map(() => false);
	const order = probabilities
		.map((_, count) => count)
		.sort((a, b) => (probabilities[a] ?? 0) - (probabilities[b] ?? 0));
	for (const [i, count] of order.entries()) {
		const bound = (probabilities[count] ?? 0) * TIE;
		const tied = order.slice(i).findIndex((other) => (probabilities[other] ?? 0) > bound);
		const pValue = sum(order.slice(0, tied === -1 ? undefined : i + tied).map((other) => probabilities[other] ?? 0));
		if (pValue >= alpha) break;
		rejected[count] = true;
	}
	return rejected;
}

function probabilityWithin(chosen: readonly boolean[], probabilities: readonly number[]): number {
	return sum(probabilities.filter((_, count) => chosen[count]));
}

function binomialProbabilities(total: number, share: number): number[] {
	const logFactorial = logFactorials(total);
	return logFactorial.map((_, count) => {
		if (share <= 0) return count === 0 ? 1 : 0;
		if (share >= 1) return count === total ? 1 : 0;
		const log = (logFactorial[total] ?? 0) - (logFactorial[count] ?? 0) - (logFactorial[total - count] ?? 0);
		return Math.exp(log + count * Math.log(share) + (total - count) * Math.log(1 - share));
	});
}

/** The non-centrality at which a chi-square test at level `alpha` reaches `power`. */
function requiredNoncentrality(degrees: number, alpha: number, power: number): number {
	const critical = jstat.chisquare.inv(1 - alpha, degrees);
	return bisect(0, 1000, (noncentrality) => noncentralTail(critical, degrees, noncentrality) >= power);
}

/** Tail of the non-central chi-square distribution: central tails weighted by Poisson(noncentrality / 2). */
function noncentralTail(x: number, degrees: number, noncentrality: number): number {
	const mean = noncentrality / 2;
	const last = Math.ceil(mean + 10 * Math.sqrt(mean) + 10);
	let weight = Math.exp(-mean);
	let tail = 0;
	for (let j = 0; j <= last; j++) {
		tail += weight * (1 - jstat.chisquare.cdf(x, degrees + 2 * j));
		weight *= mean / (j + 1);
	}
	return tail;
}

/** The smallest value between `low` and `high` from which on `holds` is true, to one part in 2^40. */
function bisect(low: number, high: number, holds: (value: number) => boolean): number {
	let [from, to] = [low, high];
	for (let i = 0; i < 40; i++) {
		const middle = (from + to) / 2;
		if (holds(middle)) to = middle;
		else from = middle;
	}
	return to;
}

/** log(0!), log(1!), ..., log(last!). */
function logFactorials(last: number): number[] {
	const logs = [0];
	for (let n = 1; n <= last; n++) logs.push((logs[n - 1] ?? 0) + Math.log(n));
	return logs;
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}
