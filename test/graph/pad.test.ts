import { describe, expect, it } from "vitest";
import { type Shape, engine, flat, run } from "../support/trials.ts";

describe("pad", () => {
  const paddings: [Shape, ...(readonly [number, number])[]][] = [
    [[3], [1, 2]],
    [
      [2, 3],
      [0, 0],
      [2, 0],
    ],
    [
      [2, 3, 4],
      [1, 0],
      [0, 1],
      [0, 0],
    ],
    [
      [1, 2, 3, 5],
      [0, 0],
      [1, 1],
      [2, 1],
      [0, 0],
    ],
    [[2], [0, 0]],
    [[]],
    [
      [0, 2],
      [1, 0],
      [0, 1],
    ],
  ];
  run(
    "pad",
    paddings.map(([shape, ...padding]) => ({
      shapes: [shape],
      attributes: [padding],
      record: (g, [x]) => g.pad(x!, padding),
    })),
  );

  it("pads ints", () => {
    const g = engine.graph();
    const y = g.toFloat(g.pad(g.constant(Int32Array.of(7, -8)), [[1, 1]]));
    const step = g.compile(g.sum(y), { outputs: [y] });
    step.run();
    expect([...flat(step.value(y))]).toEqual([0, 7, -8, 0]);
    g.dispose();
  });

  it.each([
    [[[1, 1]], "[[1, 1]]"],
    [[...[0, 0, 0].map(() => [1, -1])], "[[1, -1], [1, -1], [1, -1]]"],
    [[[0, 0], [0, 0], [0]], "[[0, 0], [0, 0], [0]]"],
    [[0, 0, 0], "[0, 0, 0]"],
  ])("pad by %j", (padding, came) => {
    const expected = "whole numbers [before, after] for each axis of [2, 3, 4]";
    const g = engine.graph();
    expect(() => g.pad(g.parameter([2, 3, 4], 1), padding as never)).toThrow(
      new RangeError(`pad: expected ${expected}, got ${came}`),
    );
  });
});
