/** Files and folders whose docstrings are yet to be rewritten. */
export const UNCLEAN: readonly string[];
