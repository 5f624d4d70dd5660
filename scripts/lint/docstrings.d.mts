/** Returns what is wrong with the style of a block comment, "" for none. */
export function complaint(comment: string): string;
