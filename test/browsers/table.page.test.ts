import { describe, expect, it } from "vitest";
import { table, tableBatches } from "../../src/index.ts";

const TEXT = 'size,"colour",kind\r\n1.5,"r ""é"" d",a\r\n?,"b,\r\nl",b\r\n2,"r ""é"" d",a\r\n';

describe("tables in a page", () => {
  it("come from text, files, bodies and gzipped streams", async () => {
    const expected = await table(TEXT, { target: "kind" });
    expect(expected.x).toEqual(Float32Array.of(1.5, 1, NaN, 0, 2, 1));
    const packed = new Blob([TEXT]).stream().pipeThrough(new CompressionStream("gzip"));
    for (const stream of [new Blob([TEXT]).stream(), new Response(TEXT).body!, packed]) {
      expect(await table(stream, { target: "kind" })).toEqual(expected);
    }
  });

  it.each([false, true])(
    "are read no further than they are asked for: gzipped %s",
    async (isPacked) => {
      const like = await table("a,b\n1,2\n");
      const seen = { rows: 0, isCancelled: false };
      const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
        pull(controller) {
          const first = seen.rows;
          seen.rows += 1000;
          const lines = Array.from(
            { length: 1000 },
            (_, i) => `${(first + i) ** 3},${first + i}\n`,
          );
          controller.enqueue(
            new TextEncoder().encode((first === 0 ? "a,b\n" : "") + lines.join("")),
          );
        },
        cancel() {
          seen.isCancelled = true;
        },
      });
      const stream = isPacked ? endless.pipeThrough(new CompressionStream("gzip")) : endless;
      const batches = tableBatches(stream, { like, batchSize: 2 });
      expect((await batches.next()).value).toEqual({
        x: Float32Array.of(0, 0, 1, 1),
        y: new Float32Array(),
      });
      await batches.return(undefined);
      await expect.poll(() => seen.isCancelled).toBe(true);
      expect(seen.rows).toBeLessThan(1_000_000);
    },
  );

  it("reject a gzip file that is cut", async () => {
    const packed = new Blob([TEXT]).stream().pipeThrough(new CompressionStream("gzip"));
    const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
    const cut = new Blob([bytes.subarray(0, 30)]).stream();
    await expect(table(cut)).rejects.toThrow(
      "table: expected a whole gzip file, got a damaged one",
    );
  });
});
