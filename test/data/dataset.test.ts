import { describe, expect, it } from "vitest";
import { countClasses, splitAt, type LabelledData } from "../../src/data/dataset.ts";

const data: LabelledData = {
  x: new Float32Array([0, 1, 10, 11, 20, 21]),
  y: new Int32Array([2, 0, 1]),
  count: 3,
  shape: [2],
  classes: 3,
};

describe("splitAt", () => {
  it("gives views, with the classes of the whole", () => {
    const [first, rest] = splitAt(data, 1);
    expect(first).toEqual({
      x: new Float32Array([0, 1]),
      y: new Int32Array([2]),
      count: 1,
      shape: [2],
      classes: 3,
    });
    expect(rest).toEqual({
      x: new Float32Array([10, 11, 20, 21]),
      y: new Int32Array([0, 1]),
      count: 2,
      shape: [2],
      classes: 3,
    });
    expect(rest.x.buffer).toBe(data.x.buffer);
    expect(rest.y.buffer).toBe(data.y.buffer);
  });

  it("keeps one-hot rows whole", () => {
    const y = new Float32Array([0, 1, 0, 0, 0, 1, 1, 0, 0]);
    expect(splitAt({ ...data, y }, 2)[1].y).toEqual(new Float32Array([1, 0, 0]));
  });

  it.each([0, 3, -1, 1.5, NaN])("refuses to cut at %s", (count) => {
    expect(() => splitAt(data, count)).toThrow(
      new RangeError(`splitAt: expected count to be a whole number from 1 to 2, got ${count}`),
    );
  });
});

describe("countClasses", () => {
  it("is the highest label + 1", () => {
    expect(countClasses(Uint8Array.of(3, 255, 0))).toBe(256);
    expect(countClasses(new Int32Array())).toBe(0);
  });
});
