/** Loads what draws on a terminal. */

/**
 * Loads modules that use React, which looks at NODE_ENV as it is loaded: its build for production, chosen where the user has chosen
 * none, draws in two thirds of the time. Programs that lab starts later see the variable as it was.
 */
export async function loadScreen<T>(load: () => Promise<T>): Promise<T> {
	if (process.env.NODE_ENV !== undefined) return load();
	process.env.NODE_ENV = "production";
	try {
		return await load();
	} finally {
		delete process.env.NODE_ENV;
	}
}
