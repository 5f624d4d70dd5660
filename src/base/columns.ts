/** Column of a table, as `table` describes it. */
export interface TableColumn {
  /** Its name in the header. */
  readonly name: string;
  /** "number", or "category" for texts. */
  readonly kind: "number" | "category";
  /** Texts of a category column, in the order of their indices. */
  readonly categories?: readonly string[];
  /** True if x has a column for each category, with 1 for the one that a row has; else x has its index. */
  readonly oneHot?: boolean;
}

/** Returns the number of columns of x that a column of a table has. */
export function widthOf({ categories, oneHot }: TableColumn): number {
  return oneHot && categories ? categories.length : 1;
}
