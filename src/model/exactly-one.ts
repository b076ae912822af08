/** Objects of which exactly one of several keys says what they are: steps, expectations, traffic. */

/** True when exactly one of the keys has a value. */
export function hasExactlyOne(value: object, keys: readonly string[]): boolean {
	return keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined).length === 1;
}

/** The key that has a value, of an object that has exactly one of them. */
export function onlyKey<K extends string>(value: { [key in K]?: unknown }, keys: readonly K[]): K {
	const found = keys.find((key) => value[key] !== undefined);
	if (!found) throw new Error(`none of ${keys.join(", ")}`);
	return found;
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
