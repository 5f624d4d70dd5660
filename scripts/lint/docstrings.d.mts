/** Returns what is wrong with the style of a block comment, "" for none. */
export function complaint(comment: string): string;

/** Says if a file, named from the repository's root, is yet to be rewritten. */
export function isUnclean(file: string): boolean;
