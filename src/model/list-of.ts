/** Fields of the files that hold one thing or a list of them. */

/** One or several, as a list; nothing where the field was left out. */
export function listOf<T>(value: T | T[] | undefined): T[] {
	if (value === undefined) return [];
	return Array.isArray(value) ? value : [value];
}
