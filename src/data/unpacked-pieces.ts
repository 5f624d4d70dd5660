import { nodeModule } from "../base/node-access.ts";
import { damagedGzip } from "./gzip.ts";

/** A gzip file that comes in pieces. */

/** Pieces of bytes. */
type Bytes = AsyncGenerator<Uint8Array, undefined>;

/** Packed pieces, whose source may fail. */
class Source {
  readonly #pieces: Bytes;
  /** Error of the source, if that is why there are no more pieces. */
  failure: { readonly error: unknown } | undefined;

  constructor(pieces: Bytes) {
    this.#pieces = pieces;
  }

  /** Returns the next piece, undefined at the end. @throws the error of the source */
  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      const { value } = await this.#pieces.next();
      // Streams take no view of shared memory; slice() always gives memory of its own.
      return value?.slice();
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#pieces.return(undefined);
  }
}

/**
 * Yields the bytes that are packed in pieces, and reads no further than it has to.
 * @throws RangeError if the file is damaged, and as the source does
 */
export async function* unpacked(pieces: Bytes, name: string): Bytes {
  const source = new Source(pieces);
  try {
    return yield* nodeModule("node:zlib") ? gunzip(source) : decompress(source);
  } catch (cause) {
    throw source.failure ? source.failure.error : damagedGzip(name, cause);
  } finally {
    await source.close();
  }
}

/** Unpacks by a stream of browsers. */
async function* decompress(source: Source): Bytes {
  const packed = new ReadableStream<BufferSource>({
    async pull(controller) {
      const piece = await source.next();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
  });
  return yield* read(packed.pipeThrough(new DecompressionStream("gzip")));
}

/**
 * Unpacks by Node's own module: Node's DecompressionStream takes the whole file at once, however slowly it is read, and
 * ends the process if it is cancelled (seen with 20.20).
 */
async function* gunzip(source: Source): Bytes {
  const unzip = nodeModule("node:zlib")!.createGunzip();
  const feeding = feed(unzip, source);
  try {
    for await (const piece of unzip) yield piece as Uint8Array;
  } finally {
    unzip.destroy();
    await feeding;
  }
  return undefined;
}

/** Writes pieces into a stream of Node as fast as that takes them, until it ends or is destroyed. */
async function feed(unzip: import("node:zlib").Gunzip, source: Source): Promise<void> {
  try {
    for (;;) {
      const piece = await source.next();
      if (unzip.destroyed) return;
      if (!piece) break;
      if (unzip.write(piece)) continue;
      await roomIn(unzip);
    }
    unzip.end();
  } catch (error) {
    unzip.destroy(error as Error);
  }
}

/** Waits until a stream of Node takes more, or is closed. */
async function roomIn(unzip: import("node:zlib").Gunzip): Promise<void> {
  await new Promise<void>((resolve) => {
    const go = (): void => {
      unzip.off("drain", go).off("close", go);
      resolve();
    };
    unzip.on("drain", go).on("close", go);
  });
}

/** Yields what a stream has, and cancels it if it is not read to its end. */
export async function* read<T>(stream: ReadableStream<T>): AsyncGenerator<T, undefined> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}
