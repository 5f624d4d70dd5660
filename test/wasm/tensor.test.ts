import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { engineOfPages, wrong } from "../engine/fixtures.ts";

describe("a tensor", () => {
  it("is 0 at first, even where other numbers have been", async () => {
    const engine = await createEngine();
    const first = engine.tensor([8, 8]);
    first.data.fill(5);
    first.dispose();
    const second = engine.tensor([8, 8]);
    expect([...second.data]).toEqual(new Array(64).fill(0));
    expect(second.shape).toEqual([8, 8]);
  });

  it("has a view that outlives growth of the memory", async () => {
    const engine = await createEngine();
    const tensor = engine.tensor([3]);
    tensor.data.set([1, 2, 3]);
    engine.tensor([100_000]);
    expect([...tensor.data]).toEqual([1, 2, 3]);
    expect(tensor.data.buffer).toBe(engine.memory.buffer);
  });

  it("gives its memory back once", async () => {
    const engine = await createEngine();
    const { used } = engine.memoryUsage;
    const tensor = engine.tensor([100]);
    expect(engine.memoryUsage.used).toBe(used + 448);
    tensor.dispose();
    const other = engine.tensor([100]);
    tensor.dispose();
    tensor[Symbol.dispose]();
    expect(engine.memoryUsage.used).toBe(used + 448);
    expect(() => tensor.data).toThrow(
      new RangeError("tensor[100]: expected a live tensor, it has been disposed"),
    );
    expect(() => tensor.at).toThrow(RangeError);
    expect(other.data.length).toBe(100);
  });

  it("does not follow the caller's shape", async () => {
    const engine = await createEngine();
    const shape = [2, 3];
    const tensor = engine.tensor(shape);
    shape[0] = 5;
    expect(tensor.shape).toEqual([2, 3]);
  });

  it("may be a scalar or empty", async () => {
    const engine = await createEngine();
    expect(engine.tensor([]).data.length).toBe(1);
    expect(engine.tensor([0, 3]).data.length).toBe(0);
  });

  it.each([[[2.5]], [[-1]], [[NaN]], [["2"]], [7], [null], [undefined], ["abc"]])(
    "refuses the shape %j",
    async (shape) => {
      const engine = await createEngine();
      expect(() => engine.tensor(wrong(shape))).toThrow(
        /^tensor: expected a shape of whole lengths, got /,
      );
    },
  );

  it("says so when there is no room, and changes nothing", async () => {
    const engine = await engineOfPages(1);
    const { used } = engine.memoryUsage;
    expect(() => engine.tensor([300, 100])).toThrow(/^tensor\[300, 100\]: expected room for 120/);
    expect(() => engine.tensor([2 ** 40, 2 ** 40])).toThrow(RangeError);
    expect(engine.memoryUsage).toEqual({ used, reserved: 65536 });
    expect(engine.tensor([100, 100]).data.length).toBe(10_000);
  });
});
