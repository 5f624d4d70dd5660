import { describeValue } from "../base/arguments.ts";

/**
 * Unpacks `bytes` if they are a gzip file, which starts with 1f 8b, or else returns them as they
 * are. Works in Node and in browsers.
 *
 * @param name name of the file in error messages
 * @throws TypeError if `bytes` is not a Uint8Array
 * @throws RangeError if the gzip file is truncated or corrupt
 */
export async function maybeGunzip(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`${name}: expected the file's bytes as a Uint8Array, got ${describeValue(bytes)}`);
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  // Streams take no view of shared memory; slice() always gives memory of its own.
  const packed = new Blob([bytes.slice()]).stream();
  try {
    const unpacked = packed.pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  } catch (cause) {
    throw damagedGzip(name, cause);
  }
}

/** Returns the error of a gzip file that is truncated or corrupt. */
export function damagedGzip(name: string, cause: unknown): RangeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const text = `${name}: expected a whole gzip file, got a damaged one (${reason})`;
  return new RangeError(text, { cause });
}
