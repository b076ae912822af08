/** The keys that lead to a lab. */
import type { Message } from "../../ui/state/messages.ts";
import type { UiState } from "../../ui/state/state.ts";

/** What a person would press to open the lab from the catalogue; nothing where none is meant. */
export function openingKeys(state: UiState, lab: string | undefined): Message[] {
	const index = state.labs.findIndex(({ name }) => name === lab);
	if (index < 0) return [];
	const down = Array.from({ length: index }, (): Message => ({ type: "key", key: "down" }));
	return [...down, { type: "key", key: "enter" }];
}
