/** Environment variables that are switches. */

/** True for anything but absence, the empty text, 0, false, no and off: `LAB_YES=0` must not mean yes. */
export function isOn(value: string | undefined): boolean {
	return value !== undefined && !/^(0|false|no|off)?$/i.test(value.trim());
}
