/** Shell quoting for rendered commands. */

/** Quotes `text` as one POSIX shell word, and leaves it alone where it needs none. */
export function quote(text: string): string {
	if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text)) return text;
	return `'${text.replaceAll("'", "'\\''")}'`;
}
