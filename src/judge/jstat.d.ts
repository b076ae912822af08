/** The part of jstat (no types of its own) that the judge uses. */
declare module "jstat" {
	interface Distribution {
		/** Probability of at most `x`. */
		cdf(x: number, degreesOfFreedom: number): number;
		/** The value below which a share of `p` lies. */
		inv(p: number, degreesOfFreedom: number): number;
	}
	const jstat: { chisquare: Distribution };
	export default jstat;
}
