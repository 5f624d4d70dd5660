/** The parts of PapaParse that are used here; the package has no types of its own. */
declare module "papaparse" {
  /** A cell whose quotes are wrong. */
  interface ParseError {
    readonly code: string;
    /** Number of its row among those of `data`, from 0. */
    readonly row: number;
    /** Place in the text, behind the opening quote. */
    readonly index: number;
  }

  interface ParseResult {
    readonly data: string[][];
    readonly errors: readonly ParseError[];
    /** `cursor` is the place behind the last row of `data`. */
    readonly meta: { readonly cursor: number };
  }

  interface ParserOptions {
    readonly delimiter: string;
    readonly newline: "\n" | "\r";
    /** Number of rows to read at most; 0 for all. */
    readonly preview?: number;
    /** False to go through texts without quotes as through others. */
    readonly fastMode?: false;
  }

  interface Parser {
    /** Parses a text, whose last row may go on in the next one. */
    parse(text: string, first: 0, leavesLastRow: boolean): ParseResult;
  }

  const Papa: { readonly Parser: new (options: ParserOptions) => Parser };
  export default Papa;
}
