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
