import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import type { ArrayValue } from "../../src/index.ts";

const engine = await createEngine();

/** The mean of ln x of three numbers. */
function meanLog(checkFinite: boolean) {
  const g = engine.graph();
  const x = g.parameter([3], new Float32Array([1, 2, 3]));
  const y = g.mean(g.log(x));
  return { g, x, y, step: g.compile(y, { checkFinite }) };
}

describe("a graph that is checked", () => {
  it("names the op that gave NaN first, and where", () => {
    const { x, step } = meanLog(true);
    step.set(x, new Float32Array([1, -2, 3]));
    expect(() => {
      step.run();
    }).toThrow(new RangeError("run: expected finite values, log gave NaN in element 1 of [3]"));
  });

  it("carries NaN in silence otherwise", () => {
    const { x, y, step } = meanLog(false);
    step.set(x, new Float32Array([1, -2, 3]));
    step.run();
    expect(step.value(y)).toBeNaN();
    const { data } = step.gradient(x) as ArrayValue;
    expect([...data]).toEqual([Math.fround(1 / 3), Math.fround(-1 / 6), Math.fround(1 / 9)]);
  });

  it("names an op that gave an infinity", () => {
    const { x, step } = meanLog(true);
    step.set(x, new Float32Array([1, 2, 0]));
    expect(() => {
      step.run();
    }).toThrow("run: expected finite values, log gave -Infinity in element 2 of [3]");
  });

  it("sees what is not finite in the reverse sweep only", () => {
    const g = engine.graph();
    const x = g.parameter([2], new Float32Array([4, 0]));
    const step = g.compile(g.sum(g.sqrt(x)), { checkFinite: true });
    expect(() => {
      step.run();
    }).toThrow(/^run: expected finite values, \w+ gave Infinity in element 1 of \[2\]$/);
    step.set(x, new Float32Array([4, 1]));
    step.run();
    expect((step.gradient(x) as ArrayValue).data).toEqual(new Float32Array([0.25, 0.5]));
  });

  it("runs again when its numbers are good, with the bits of one that is not checked", () => {
    const [checked, plain] = [meanLog(true), meanLog(false)];
    for (const values of [
      [1, -2, 3],
      [0.1, 7, 1e30],
      [3, 2, 1],
    ]) {
      for (const { x, step } of [checked, plain]) step.set(x, new Float32Array(values));
      plain.step.run();
      if (values.some((value) => value < 0)) {
        expect(() => {
          checked.step.run();
        }).toThrow(RangeError);
        continue;
      }
      checked.step.run();
      expect(checked.step.value(checked.y)).toBe(plain.step.value(plain.y));
      const gradients = [checked, plain].map(({ x, step }) => step.gradient(x) as ArrayValue);
      expect(gradients[0]!.data).toEqual(gradients[1]!.data);
    }
  });

  it("works in no place twice: every value is there to be looked at", () => {
    const g = engine.graph();
    const x = g.parameter([4], new Float32Array([1, 2, -1, 3]));
    // ln is below relu, which would work in ln's place and hide NaN behind a finite number.
    const y = g.sum(g.relu(g.neg(g.exp(g.neg(g.log(x))))));
    const step = g.compile(y, { checkFinite: true });
    expect(() => {
      step.run();
    }).toThrow(/log gave NaN in element 2 of \[4\]$/);
  });

  it("looks at computed values only, not at class indices", () => {
    const g = engine.graph();
    const logits = g.parameter([2, 3], new Float32Array([1, 2, 3, 4, 5, 6]));
    const labels = g.input("labels", [2], "int");
    const step = g.compile(g.crossEntropy(logits, labels), { checkFinite: true });
    step.run({ labels: new Int32Array([0, 2]) });
    // -1 is NaN in a float's bits, but it is the op that reads it that is named.
    expect(() => {
      step.run({ labels: new Int32Array([0, -1]) });
    }).toThrow(/^run: expected finite values, crossEntropy gave NaN in element 1 of \[2\]$/);
  });
});

describe("class indices out of range", () => {
  const [ROWS, COLS] = [5, 3];

  it.each([-1, COLS, 2 ** 31 - 1, -(2 ** 31), 1e6])("%d: NaN, and no memory is touched", (bad) => {
    for (const op of ["crossEntropy", "nll"] as const) {
      const g = engine.graph();
      const before = engine.tensor([64]);
      const x = g.parameter([ROWS, COLS], -1);
      const labels = g.input("labels", [ROWS], "int");
      const y = g[op](x, labels);
      const step = g.compile(y);
      const after = engine.tensor([64]);
      step.run({ labels: new Int32Array([0, 1, bad, 2, 0]) });
      const seen = new Uint8Array(engine.memory.buffer).slice();
      step.run({ labels: new Int32Array([0, 1, bad, 2, 0]) });
      expect(step.value(y)).toBeNaN();
      const { data } = step.gradient(x) as ArrayValue;
      const rows = Array.from({ length: ROWS }, (_, i) => [...data.slice(i * 3, i * 3 + 3)]);
      rows.forEach((row, i) => {
        expect(row.some(Number.isNaN)).toBe(i === 2);
      });
      for (const { data: canary } of [before, after])
        expect(canary.every((v) => v === 0)).toBe(true);
      expect(new Uint8Array(engine.memory.buffer)).toEqual(seen);
      step.run({ labels: new Int32Array([0, 1, 2, 2, 0]) });
      expect(step.value(y)).toBeGreaterThan(0);
      expect((step.gradient(x) as ArrayValue).data.some(Number.isNaN)).toBe(false);
    }
  });

  it("changes nothing but the graph's own memory", () => {
    const g = engine.graph();
    const table = g.parameter([COLS, 4], 1);
    const labels = g.input("labels", [ROWS], "int");
    const y = g.sum(g.embedding(labels, table));
    const step = g.compile(y);
    const canary = engine.tensor([1024]);
    canary.data.fill(7);
    step.run({ labels: new Int32Array([0, 1, 2, 1e6, -5]) });
    expect(step.value(y)).toBeNaN();
    expect(canary.data.every((value) => value === 7)).toBe(true);
    step.run({ labels: new Int32Array([0, 1, 2, 1, 0]) });
    expect(step.value(y)).toBe(ROWS * 4);
    const { data } = step.gradient(table) as ArrayValue;
    expect([...data]).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1]);
  });
});
