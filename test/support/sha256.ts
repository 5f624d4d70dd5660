/** Returns the SHA-256 of numbers, as float32, in hexadecimal digits. */
export async function sha256(numbers: readonly number[]): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", Float32Array.from(numbers));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
