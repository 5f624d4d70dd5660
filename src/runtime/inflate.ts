import { nodeModule } from "./node.ts";

/** Decompresses raw deflate (RFC 1951), the form in which the build embeds the kernels. */
export async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  // Loading Node's streams takes 10 ms, this 1 ms.
  const zlib = nodeModule("node:zlib");
  if (zlib) return zlib.inflateRawSync(bytes);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
