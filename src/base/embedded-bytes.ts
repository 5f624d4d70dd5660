import { nodeModule } from "./node-access.ts";

/** Decompresses raw deflate (RFC 1951), the form in which the build embeds the kernels. */
export async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  // Loading Node's streams takes 10 ms, this 1 ms.
  const zlib = nodeModule("node:zlib");
  if (zlib) return zlib.inflateRawSync(bytes);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Decodes standard base64, the form in which the build embeds binary files in modules.
 *
 * @throws DOMException (InvalidCharacterError) if `text` is not base64
 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
