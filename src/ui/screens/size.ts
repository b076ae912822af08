/** How much a screen may take. */
export interface Size {
	columns: number;
	rows: number;
}
