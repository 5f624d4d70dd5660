import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { table, tableBatches } from "../../src/data/table.ts";
import { createEngine, dense, mse, sequential, sgd, standardize } from "../../src/index.ts";
import type { TableInput } from "../../src/data/table-options.ts";

const TEXT = 'size,"colour",kind\r\n1.5,"r ""é"" d",a\r\n?,"b,\r\nl",b\r\n2,"r ""é"" d",a\r\n';
const BYTES = new TextEncoder().encode(TEXT);
const expected = await table(TEXT, { target: "kind" });

async function* pieces<T>(...list: T[]): AsyncGenerator<T> {
  for (const piece of list) yield await Promise.resolve(piece);
}

/** A stream of pieces, which says if it has been cancelled. */
function streamOf<T>(...list: T[]) {
  const seen = { cancelled: false, taken: 0 };
  const stream = new ReadableStream<T>(
    {
      pull(controller) {
        const piece = list[seen.taken++];
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, seen };
}

/** Rows of numbers, without an end unless there is one. */
async function* rows(count = Infinity, seen = { closed: false, rows: 0 }): AsyncGenerator<string> {
  try {
    yield "a,b\n";
    for (; seen.rows < count; seen.rows++) yield await Promise.resolve(`${seen.rows},${2 * seen.rows}\n`);
  } finally {
    seen.closed = true;
  }
}

describe("a table in pieces", () => {
  it("may be cut anywhere, in text and in bytes", async () => {
    for (let at = 0; at <= TEXT.length; at++) {
      const halves = pieces(TEXT.slice(0, at), TEXT.slice(at));
      expect(await table(halves, { target: "kind" }), `text at ${at}`).toEqual(expected);
    }
    for (let at = 0; at <= BYTES.length; at++) {
      const halves = pieces(BYTES.subarray(0, at), BYTES.subarray(at));
      expect(await table(halves, { target: "kind" }), `bytes at ${at}`).toEqual(expected);
    }
  });

  it("may come character by character, in rows that end with \\r, and gzipped", async () => {
    expect(await table(pieces(...TEXT), { target: "kind" })).toEqual(expected);
    const packed = gzipSync(BYTES);
    const single = Array.from(packed, (byte) => Uint8Array.of(byte));
    expect(await table(pieces(...single), { target: "kind" })).toEqual(expected);
    const mac = "a,b\r1,2\r3,4\r";
    expect((await table(pieces(...mac))).x).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  it("may be a stream of bytes or text, or the body of a response", async () => {
    const inputs: TableInput[] = [
      streamOf(BYTES.subarray(0, 20), new Uint8Array(), BYTES.subarray(20)).stream,
      streamOf(TEXT).stream,
      new Response(TEXT).body!,
      streamOf(gzipSync(BYTES).subarray(0, 9), gzipSync(BYTES).subarray(9)).stream,
    ];
    for (const input of inputs) expect(await table(input, { target: "kind" })).toEqual(expected);
  });

  it("counts rows over pieces in its errors", async () => {
    const read = table(pieces("a,b\n1,2\n", "3,4\n5", ",x\n"));
    await expect(read).rejects.toThrow('table: row 4, column 2 ("b"): expected a number, got "x"');
    const open = table(pieces("a,b\n1,2\n", '3,"4\n', "5,6\n"));
    await expect(open).rejects.toThrow("table: row 3, column 2: expected a cell in closed quotes");
  });

  it.each([
    ["an open quote", "a,b\n1,\"x\n", 'row 2, column 2: expected a cell in closed quotes, got "\\"x'],
    ["no line break", "a,b\n1,x", "row 2: expected a row of at most 16777216 characters, got more"],
    ["no line break at all", "a,b", "row 1: expected a row of at most 16777216 characters, got more"],
  ])("ends at a row without an end, for %s", async (_, start, text) => {
    const seen = { pieces: 0 };
    async function* endless() {
      yield start;
      for (; ; seen.pieces++) yield await Promise.resolve("x,".repeat(2 ** 17));
    }
    await expect(table(endless())).rejects.toThrow(`table: ${text}`);
    expect(seen.pieces).toBeLessThan(100);
  });

  it("that is not read to its end is closed", async () => {
    const seen = { closed: false, rows: 0 };
    expect((await table(rows(Infinity, seen), { rows: 3 })).count).toBe(3);
    expect(seen.closed).toBe(true);
    const failed = { closed: false, rows: 0 };
    await expect(table(rows(Infinity, failed), { target: "c" })).rejects.toThrow('a target "c"');
    expect(failed.closed).toBe(true);
    const { stream, seen: stopped } = streamOf("a\n1\n", "2\n", "3\n", "4\n");
    await table(stream, { rows: 1 });
    expect(stopped.cancelled).toBe(true);
    const packed = gzipSync(`a\n${"12345\n".repeat(2_000_000)}`, { level: 0 });
    const parts = Array.from({ length: 1200 }, (_, i) => packed.subarray(10_000 * i, 10_000 * (i + 1)));
    const zipped = streamOf(...parts);
    await table(zipped.stream, { rows: 1 });
    expect(zipped.seen).toMatchObject({ cancelled: true });
    expect(zipped.seen.taken).toBeLessThan(60);
  });

  it("rejects with the error of its source, gzipped or not", async () => {
    const cause = new Error("the network is gone");
    async function* failing(first: string | Uint8Array) {
      yield first;
      await Promise.reject(cause);
    }
    const packed = gzipSync(BYTES);
    for (const first of ["a,b\n1,", packed.subarray(0, 30), packed.subarray(0, 1)]) {
      await expect(table(failing(first))).rejects.toBe(cause);
    }
  });

  it("reads a gzip file of many pieces without a warning of Node's", async () => {
    const warned = vi.spyOn(process, "emitWarning");
    const packed = gzipSync(`a\n${"12345\n".repeat(100_000)}`, { level: 0 });
    const parts = Array.from({ length: 31 }, (_, i) => packed.subarray(20_000 * i, 20_000 * (i + 1)));
    expect((await table(pieces(...parts))).count).toBe(100_000);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  it("refuses text in a gzip file", async () => {
    const packed = gzipSync(BYTES);
    const read = table(pieces<string | Uint8Array>(packed.subarray(0, 20), "a,b"));
    await expect(read).rejects.toThrow('table: expected bytes as in the pieces before, got "a,b"');
  });

  it("reads a gzip file by the stream of browsers, where there is no module of Node's", async () => {
    const hidden = vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined);
    try {
      const packed = gzipSync(BYTES);
      const halves = () => pieces(packed.subarray(0, 30), packed.subarray(30));
      expect(await table(halves(), { target: "kind" })).toEqual(expected);
      const cut = table(pieces(packed.subarray(0, 30)));
      await expect(cut).rejects.toThrow("table: expected a whole gzip file, got a damaged one");
      const text = table(pieces<string | Uint8Array>(packed.subarray(0, 30), "a,b"));
      await expect(text).rejects.toThrow("table: expected bytes as in the pieces before");
    } finally {
      hidden.mockRestore();
    }
  });

  it.each([null, 5, [1], new ArrayBuffer(2)])("refuses a piece %s", async (piece) => {
    const read = table(pieces("a\n", piece as never));
    await expect(read).rejects.toThrow("table: expected pieces of text or bytes, got");
    await expect(read).rejects.toThrow(TypeError);
  });
});

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of source) list.push(one);
  return list;
}

describe("tableBatches", () => {
  it("gives rows in order, and the rest in the last batch", async () => {
    const like = await table(rows(2), { target: "b" });
    const batches = await all(tableBatches(rows(5), { like, batchSize: 2 }));
    expect(batches).toEqual([
      { x: Float32Array.of(0, 1), y: Float32Array.of(0, 2) },
      { x: Float32Array.of(2, 3), y: Float32Array.of(4, 6) },
      { x: Float32Array.of(4), y: Float32Array.of(8) },
    ]);
    expect(await all(tableBatches(rows(4), { like, batchSize: 2 }))).toHaveLength(2);
    expect((await all(tableBatches(rows(40), { like }))).map(({ y }) => y.length)).toEqual([32, 8]);
  });

  it("gives what table gives, of text, bytes and streams", async () => {
    for (const oneHot of [false, true]) {
      const like = await table(TEXT, { target: "kind", oneHot });
      for (const input of [TEXT, gzipSync(BYTES), streamOf(BYTES).stream]) {
        const [{ x, y }] = (await all(tableBatches(input, { like }))) as [typeof like];
        expect({ x, y }).toEqual({ x: like.x, y: like.y });
      }
    }
  });

  it("reads no further than it is asked to, and closes its source", async () => {
    const like = await table(rows(2));
    const seen = { closed: false, rows: 0 };
    const batches = tableBatches(rows(Infinity, seen), { like, batchSize: 10 });
    expect(seen.rows).toBe(0);
    await batches.next();
    expect(seen.rows).toBeLessThan(15);
    await batches.return(undefined);
    expect(seen.closed).toBe(true);
  });

  it("gives arrays of a batch's size however long the file is", async () => {
    const like = await table(rows(2));
    let total = 0;
    for await (const { x } of tableBatches(rows(30_000), { like, batchSize: 100 })) {
      expect(x.buffer.byteLength).toBe(100 * 2 * 4);
      total += x.length;
    }
    expect(total).toBe(60_000);
  });

  it("is a source for fit, which opens it for each epoch and closes it", async () => {
    const engine = await createEngine();
    const like = await table(rows(4), { target: "b" });
    const modelOf = () =>
      engine.compile(sequential([standardize(like), dense(1)]), {
        ...{ inputShape: [1], loss: mse(), optimizer: sgd({ learningRate: 0.1 }), seed: 1 },
      });
    const [streamed, stepped, failed] = [modelOf(), modelOf(), modelOf()];
    const opened: { closed: boolean; rows: number }[] = [];
    const open = () => {
      opened.push({ closed: false, rows: 0 });
      return tableBatches(rows(10, opened.at(-1)), { like, batchSize: 4 });
    };
    await streamed.fit(open, { epochs: 2 });
    expect(opened).toEqual([
      { closed: true, rows: 10 },
      { closed: true, rows: 10 },
    ]);
    for (const { x, y } of [...(await all(open())), ...(await all(open()))]) stepped.trainStep(x, y);
    expect(streamed.parameters.map(({ data }) => data)).toEqual(stepped.parameters.map(({ data }) => data));
    const wrong = () => tableBatches("a,b\n1,2\n3,4\nx,6\n", { like, batchSize: 1 });
    await expect(failed.fit(wrong)).rejects.toThrow('row 4, column 1 ("a"): expected a number, got "x"');
    engine.dispose();
  });

  it("refuses wrong options at once, and other rows when it meets them", async () => {
    const like = await table(rows(2), { target: "b" });
    const wrong = (options: object) => () => tableBatches("", options as never);
    expect(wrong({})).toThrow("tableBatches: expected like to be a table or its schema, got undefined");
    expect(wrong({ like: {} })).toThrow("expected like.columns to be a list of columns");
    expect(wrong({ like, batchSize: 0 })).toThrow("expected batchSize to be a whole number from 1 on, got 0");
    expect(wrong({ like, target: "b" })).toThrow('got "target"');
    expect(() => tableBatches(5 as never, { like })).toThrow("expected input to be text, bytes or a stream");
    const batches = tableBatches("a,b\n1,2\n3,4\n5\n", { like, batchSize: 2, name: "f.csv" });
    expect((await batches.next()).value).toEqual({ x: Float32Array.of(1, 3), y: Float32Array.of(2, 4) });
    await expect(batches.next()).rejects.toThrow("f.csv: row 4: expected 2 cells, got 1");
    await expect(all(tableBatches("a,b\n", { like }))).rejects.toThrow("expected rows, got only a header");
    await expect(all(tableBatches("", { like }))).rejects.toThrow("expected rows, got an empty file");
  });
});
