import { describeValue } from "../base/arguments.ts";
import type { TableInput } from "./table-options.ts";
import { read, unpacked } from "./unpacked-pieces.ts";

/** The text of a file that comes in pieces, of text or of bytes. */

/** Length of the pieces of what comes at once: cells of pieces of 2^20 outlive their row, which takes a third more time. */
const PIECE = 2 ** 16;

type Piece = string | Uint8Array;
type Pieces = AsyncGenerator<Piece, undefined>;

/**
 * Yields the text of an input piece by piece, unpacked if it is gzipped. A source that fails rejects with its own
 * error; one that is not read to its end is closed.
 * @throws TypeError if a piece is neither text nor bytes, RangeError if bytes are no UTF-8 or a damaged gzip file
 */
export async function* textPieces(input: TableInput, name: string): AsyncGenerator<string> {
  const source = piecesOf(input, name);
  const { value: first = "" } = await source.next();
  const pieces = behind(first, source);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      throw new RangeError(`${name}: expected UTF-8 text, got other bytes`, { cause });
    }
  };
  for await (const piece of isPacked(first) ? unpacked(bytesOf(pieces, name), name) : pieces) {
    yield typeof piece === "string" ? piece : decode(piece);
  }
  yield decode();
}

/** Yields the pieces of an input, none of them empty. @throws TypeError for what is neither text nor bytes */
async function* piecesOf(input: TableInput, name: string): Pieces {
  if (typeof input === "string") {
    for (let at = 0; at < input.length; at += PIECE) yield input.slice(at, at + PIECE);
    return undefined;
  }
  if (input instanceof Uint8Array) {
    for (let at = 0; at < input.length; at += PIECE) yield input.subarray(at, at + PIECE);
    return undefined;
  }
  // WebKit's streams have readers alone.
  for await (const piece of "getReader" in input ? read(input) : input) {
    if (typeof piece !== "string" && !(piece instanceof Uint8Array)) {
      const received = describeValue(piece);
      throw new TypeError(`${name}: expected pieces of text or bytes, got ${received}`);
    }
    if (piece.length > 0) yield piece;
  }
  return undefined;
}

async function* behind(first: Piece, others: Pieces): Pieces {
  try {
    yield first;
    return yield* others;
  } finally {
    await others.return(undefined);
  }
}

/** Returns true for the start of a gzip file, 1f 8b; no text begins with 1f. */
function isPacked(first: Piece): boolean {
  return typeof first !== "string" && first[0] === 0x1f && (first.length === 1 || first[1] === 0x8b);
}

/** Yields pieces that are all of bytes. @throws TypeError for text */
async function* bytesOf(pieces: Pieces, name: string): AsyncGenerator<Uint8Array, undefined> {
  for await (const piece of pieces) {
    if (typeof piece === "string") {
      throw new TypeError(`${name}: expected bytes as in the pieces before, got ${describeValue(piece)}`);
    }
    yield piece;
  }
  return undefined;
}
