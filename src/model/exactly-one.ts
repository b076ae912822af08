/** Objects of which exactly one of several keys says what they are: steps, expectations, traffic. */

/** True when exactly one of the keys has a value. */
export function hasExactlyOne(value: object, keys: readonly string[]): boolean {
	return keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined).length === 1;
}

/**
 * Options of a zod `refine` that wants exactly one of the keys. It is judged even when a part of the object is wrong,
 * so that an author sees both mistakes at once.
 */
export function exactlyOneError(keys: readonly string[]) {
	return {
		error: keys.length === 2 ? `needs either ${keys.join(" or ")}` : `must have exactly one of ${keys.join(", ")}`,
		params: { exactlyOne: keys },
		when: (payload: { value: unknown }) =>
			typeof payload.value === "object" && payload.value !== null && !Array.isArray(payload.value),
	};
}
