/** An IDX file by the book: 00 00, type code, rank, big-endian dimensions, data. */
export function idxBytes(type: number, shape: number[], data: ArrayLike<number>): Uint8Array {
  const header = new Uint8Array(4 + 4 * shape.length);
  header.set([0, 0, type, shape.length]);
  const view = new DataView(header.buffer);
  shape.forEach((dimension, i) => view.setUint32(4 + 4 * i, dimension));
  return Uint8Array.from([...header, ...Array.from(data)]);
}

/** `count` images of uint8, whose pixels count up. */
export function imageBytes(count: number, rows: number, columns: number): Uint8Array {
  const pixels = Array.from({ length: count * rows * columns }, (_, i) => i % 256);
  return idxBytes(0x08, [count, rows, columns], pixels);
}

export function labelBytes(labels: number[]): Uint8Array {
  return idxBytes(0x08, [labels.length], labels);
}
