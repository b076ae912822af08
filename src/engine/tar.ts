/** Tar archives as the Docker API wants and gives them: ustar written, ustar/pax/GNU read. */

export interface TarFile {
	/** Path without a leading slash. */
	path: string;
	content: Buffer;
	/** Octal permissions. */
	mode: number;
	/** Modification time in seconds since the epoch. */
	mtime?: number;
}

export interface TarEntry extends TarFile {
	/** `file`, `directory`, `link` (symbolic) or `other`. */
	type: "file" | "directory" | "link" | "other";
	/** Target of a link. */
	target: string;
}

const BLOCK = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
/** Longest path a ustar header can hold, in bytes; whether a given one fits also depends on where its slashes are. */
export const MAX_TAR_PATH = NAME_BYTES + PREFIX_BYTES + 1;

/**
 * An archive of `files`, owned by root. A path that ends in `/` is a directory.
 * @throws Error when a path does not fit a ustar header.
 */
export function packTar(files: readonly TarFile[]): Buffer {
	const blocks = files.flatMap((file) => [header(file), file.content, padding(file.content.length)]);
	return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function padding(size: number): Buffer {
	return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

function header({ path, content, mode, mtime = 0 }: TarFile): Buffer {
	const block = Buffer.alloc(BLOCK);
	const { name, prefix } = splitPath(path);
	const octal = (value: number, offset: number, length: number) =>
		block.write(value.toString(8).padStart(length - 1, "0"), offset, "latin1");
	block.write(name, 0);
	octal(mode & 0o7777, 100, 8);
	octal(0, 108, 8);
	octal(0, 116, 8);
	octal(content.length, 124, 12);
	octal(Math.floor(mtime), 136, 12);
	block.write(path.endsWith("/") ? "5" : "0", 156);
	block.write("ustar\x0000", 257, "latin1");
	block.write(prefix, 345);
	// The checksum counts its own field as blanks.
	block.fill(" ", 148, 156);
	octal(
		block.reduce((sum, byte) => sum + byte, 0),
		148,
		7,
	);
	block[154] = 0;
	return block;
}

/** Splits at a slash so that both parts fit. */
function splitPath(path: string): { name: string; prefix: string } {
	if (Buffer.byteLength(path) <= NAME_BYTES) return { name: path, prefix: "" };
	for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
		const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)];
		if (name && Buffer.byteLength(name) <= NAME_BYTES && Buffer.byteLength(prefix) <= PREFIX_BYTES) {
			return { name, prefix };
		}
	}
	throw new Error(`the path is too long for a tar archive (about ${MAX_TAR_PATH} bytes): ${path}`);
}

/** Entries of an archive in order; pax and GNU long names are resolved. */
export function unpackTar(archive: Buffer): TarEntry[] {
	const entries: TarEntry[] = [];
	let long: { path?: string; target?: string } = {};
	for (let offset = 0; offset + BLOCK <= archive.length; ) {
		const block = archive.subarray(offset, offset + BLOCK);
		if (block[0] === 0) break;
		const size = parseSize(block);
		const content = archive.subarray(offset + BLOCK, offset + BLOCK + size);
		if (content.length < size) throw new Error("the archive ends within a file");
		offset += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
		const kind = String.fromCharCode(block[156] ?? 0);
		if (kind === "x") long = { ...long, ...parsePax(content) };
		else if (kind === "L") long = { ...long, path: cString(content) };
		else if (kind === "K") long = { ...long, target: cString(content) };
		else if (kind !== "g") {
			entries.push({ ...parseHeader(block, kind), content, ...long });
			long = {};
		}
	}
	return entries;
}

function parseHeader(block: Buffer, kind: string): TarEntry {
	const prefix = cString(block.subarray(345, 500));
	const name = cString(block.subarray(0, 100));
	// GNU archives keep times where ustar keeps the prefix.
	const ustar = block.toString("latin1", 257, 263) === "ustar\0";
	return {
		path: ustar && prefix ? `${prefix}/${name}` : name,
		content: Buffer.alloc(0),
		mode: Number.parseInt(cString(block.subarray(100, 108)), 8),
		mtime: Number.parseInt(cString(block.subarray(136, 148)), 8),
		type: kind === "0" || kind === "\0" ? "file" : kind === "5" ? "directory" : kind === "2" ? "link" : "other",
		target: cString(block.subarray(157, 257)),
	};
}

/** Sizes of 8 GiB and more are binary, which no lab has. */
function parseSize(block: Buffer): number {
	const size = Number.parseInt(cString(block.subarray(124, 136)).trim() || "0", 8);
	if (!Number.isFinite(size)) throw new Error("the archive has a header that is not tar");
	return size;
}

/** Records are `LENGTH KEY=VALUE\n`, the length in bytes and of the whole record. */
function parsePax(content: Buffer): { path?: string; target?: string } {
	const found: { path?: string; target?: string } = {};
	for (let offset = 0; offset < content.length; ) {
		const blank = content.indexOf(" ", offset);
		const length = Number.parseInt(content.toString("latin1", offset, blank), 10);
		if (blank < 0 || !(length > 0)) break;
		const record = content.toString("utf8", blank + 1, offset + length - 1);
		if (record.startsWith("path=")) found.path = record.slice(5);
		if (record.startsWith("linkpath=")) found.target = record.slice(9);
		offset += length;
	}
	return found;
}

function cString(bytes: Buffer): string {
	const end = bytes.indexOf(0);
	return bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
}
