import { describe, expect, it } from "vitest";
import { split } from "../../src/data/split.ts";
import { readCsv } from "../../src/data/csv.ts";
import { philox, shuffle, words } from "../../src/reference/random.ts";

/** Examples whose numbers tell which they are: example i has x [10i, 10i + 1]. */
function numbered(count: number) {
  return {
    x: Float32Array.from({ length: 2 * count }, (_, i) => 10 * Math.floor(i / 2) + (i % 2)),
    y: Int32Array.from({ length: count }, (_, i) => i % 3),
    count,
    shape: [2],
    classes: 3,
    classNames: ["a", "b", "c"],
  };
}

/** Places of examples in the data that they are from. */
const placesOf = ({ x }: { x: Float32Array }): number[] =>
  Array.from(x.filter((_, i) => i % 2 === 0), (first) => first / 10);

describe("split", () => {
  it("divides examples, all of them, and keeps x and y together", () => {
    const [train, test] = split(numbered(10), { test: 0.3, seed: 4 });
    expect([train.count, test.count]).toEqual([7, 3]);
    expect([...placesOf(train), ...placesOf(test)].sort()).toEqual(Array.from({ length: 10 }, (_, i) => i));
    for (const part of [train, test]) {
      const places = placesOf(part);
      expect(Array.from(part.x)).toEqual(places.flatMap((place) => [10 * place, 10 * place + 1]));
      expect(Array.from(part.y)).toEqual(places.map((place) => place % 3));
      expect(part).toMatchObject({ shape: [2], classes: 3, classNames: ["a", "b", "c"] });
    }
  });

  it("is in the order of Fisher and Yates by Philox, of a stream of its own", () => {
    const [low, high] = [7, 2 ** 20];
    const seed = high * 2 ** 32 + low;
    const picks = Uint32Array.from({ length: 23 }, (_, i) => {
      return philox([Math.floor(i / 4), 1, 0, 0], [low, high])[i % 4]!;
    });
    const order = [...shuffle(picks)];
    const parts = split(numbered(23), { test: 5, seed });
    expect(parts.flatMap(placesOf)).toEqual(order);
    expect(order).not.toEqual([...shuffle(words(23, { low, high, stream: 0 }))]);
  });

  it("depends on the seed, which is 0 by default", () => {
    const orderOf = (seed?: number) => split(numbered(50), { seed }).flatMap(placesOf);
    expect(orderOf(0)).toEqual(orderOf());
    expect(orderOf(1)).not.toEqual(orderOf(0));
  });

  it("without shuffle gives views of the first and the last examples", () => {
    const data = numbered(10);
    const [train, test] = split(data, { shuffle: false });
    expect(placesOf(train)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(placesOf(test)).toEqual([8, 9]);
    expect(test.x.buffer).toBe(data.x.buffer);
    expect(test.y).toEqual(Int32Array.of(2, 0));
  });

  it.each([
    [[50, 50, 50], 0.2, [10, 10, 10]],
    // 8 of 12 · (7, 3, 2) / 12: 4.67, 2 and 1.33.
    [[7, 3, 2], 8, [5, 2, 1]],
    // Equal remainders of a half: the lower class is first.
    [[3, 3, 2], 4, [2, 1, 1]],
    [[9, 1], 0.2, [2, 0]],
  ])("with stratify takes of %s classes a share of %s: %s", (counts, test, expected) => {
    const y = Uint8Array.from(counts.flatMap((count, label) => new Array<number>(count).fill(label)));
    const data = { x: new Float32Array(y.length), y };
    for (const options of [{ seed: 1 }, { seed: 2 }, { shuffle: false }]) {
      const [train, held] = split(data, { test, stratify: true, ...options });
      const found = counts.map((_, label) => held.y.filter((one) => one === label).length);
      expect(found).toEqual(expected);
      expect(train.y.length + held.y.length).toBe(y.length);
    }
  });

  it("with stratify and without shuffle takes the last ones of each class, in order", () => {
    const data = { ...numbered(9), y: Int32Array.of(1, 1, 1, 0, 0, 0, 2, 2, 2) };
    const [train, test] = split(data, { test: 3, stratify: true, shuffle: false });
    expect(placesOf(train)).toEqual([0, 1, 3, 4, 6, 7]);
    expect(placesOf(test)).toEqual([2, 5, 8]);
  });

  it("divides inputs by name, several targets, weights, bytes and rows of numbers", () => {
    const data = {
      x: { words: Int32Array.of(0, 0, 1, 1, 2, 2, 3, 3), pixels: Uint8Array.of(0, 1, 2, 3) },
      y: { digit: Int32Array.of(0, 1, 2, 3), place: Float32Array.of(0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5) },
      sampleWeights: Float32Array.of(0, 1, 2, 3),
      count: 4,
    };
    const [train, test] = split(data, { test: 0.25, seed: 3 });
    const [place] = test.y.digit;
    expect(test).toEqual({
      x: { words: Int32Array.of(place!, place!), pixels: Uint8Array.of(place!) },
      y: { digit: Int32Array.of(place!), place: Float32Array.of(place!, place! + 0.5) },
      sampleWeights: Float32Array.of(place!),
      count: 1,
    });
    expect(train.sampleWeights).toEqual(Float32Array.from(train.y.digit));
  });

  it("takes the number of examples from the shape, or from class indices", () => {
    const x = new Float32Array(12);
    expect(split({ x, y: new Float32Array(6), shape: [2] }, { test: 2 })[1].y.length).toBe(2);
    expect(split({ x, y: new Int32Array(4) }, { test: 1 })[1].x.length).toBe(3);
    expect("count" in split({ x, y: new Int32Array(4) })[0]).toBe(false);
  });

  it("takes what readCsv gives, and data without targets", async () => {
    const [train, test] = split(await readCsv("1,2,0\n3,4,1\n5,6,1\n7,8,0"), { test: 0.5 });
    expect([train.count, test.count, test.shape]).toEqual([2, 2, [2]]);
    expect(split({ x: new Float32Array(4), y: new Float32Array(), count: 4 })[1].y.length).toBe(0);
  });

  it("prints its parts in one line", () => {
    expect(String(split(numbered(4), { shuffle: false })[1])).toBe(
      '{ x: Float32Array(2) [30, 31], y: Int32Array(1) [0], count: 1, shape: [2], classes: 3, classNames: ["a", "b", "c"] }',
    );
  });

  const [x, y] = [new Float32Array(8), new Int32Array(4)];
  it.each<[string, () => unknown, string]>([
    ["no data", () => split(null as never), "data to be data { x, y }, got null"],
    ["no x", () => split({ y } as never), "data.x to be a Float32Array, Uint8Array or Int32Array, got undefined"],
    ["a list", () => split({ x: { a: [1] }, y } as never), "data.x.a to be a Float32Array"],
    ["numbers without a count", () => split({ x, y: new Float32Array(4) }), "the count of its examples, got no count"],
    ["a count of 0", () => split({ x, y, count: 0 }), "data.count to be a whole number from 1 on, got 0"],
    ["a shape that does not fit", () => split({ x, y, shape: [3] } as never), "data.count to be a whole number"],
    ["half an example", () => split({ x, y, count: 3 }), "data.x to hold as many numbers for each of 3 examples, got 8 in all"],
    ["other weights", () => split({ x, y, sampleWeights: new Float32Array(3) }), "data.sampleWeights to hold"],
    ["an empty part", () => split({ x, y }, { test: 0.1 }), "1 to test with, got 0 of 4 to test with"],
    ["another empty part", () => split({ x, y }, { test: 4 }), "got 4 of 4 to test with"],
    ["numbers to stratify by", () => split({ x, y: x, count: 4 }, { stratify: true }), "one class index for each of 4 examples to stratify by, got Float32Array of 8"],
    ["names to stratify by", () => split({ x, y: { y }, count: 4 }, { stratify: true }), "to stratify by, got an object of y"],
    ["a share of 1.5", () => split({ x, y }, { test: 1.5 }), "test to be a share between 0 and 1 or a whole number of examples, got 1.5"],
  ])("refuses %s", (_, call, text) => {
    expect(call).toThrow(/^split: expected /);
    expect(call).toThrow(text);
  });
});
