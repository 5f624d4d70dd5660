import { type Array64, fill } from "./array64.ts";

/** Returns the mean and the biased variance. */
export function moments(values: readonly number[]): [mean: number, variance: number] {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return [mean, variance];
}

/**
 * Normalises the elements that have the same key by their own mean and variance, then applies a
 * weight and a bias for each channel, the last axis.
 * @param centred false to divide by the root of the mean square and subtract nothing
 */
function byGroups(
  [x, weight, bias]: readonly (Array64 | undefined)[],
  epsilon: number,
  keyOf: (index: readonly number[]) => string,
  centred = true,
): Array64 {
  const { shape, data } = x!;
  const groups = new Map<string, number[]>();
  const keys: string[] = [];
  fill(shape, (index) => {
    const key = keyOf(index);
    const value = data[keys.push(key) - 1]!;
    groups.set(key, [...(groups.get(key) ?? []), value]);
    return 0;
  });
  const scales = new Map(
    [...groups].map(([key, values]) => {
      if (centred) return [key, moments(values)] as const;
      const square = values.reduce((sum, v) => sum + v * v, 0) / values.length;
      return [key, [0, square] as [number, number]] as const;
    }),
  );
  const channels = shape.at(-1)!;
  return {
    shape,
    data: data.map((value, i) => {
      const [mean, variance] = scales.get(keys[i]!)!;
      const hat = (value - mean) / Math.sqrt(variance + epsilon);
      return hat * (weight?.data[i % channels] ?? 1) + (bias?.data[i % channels] ?? 0);
    }),
  };
}

type Inputs = readonly Array64[];

export function layerNorm(inputs: Inputs, epsilon = 1e-5): Array64 {
  return byGroups(inputs, epsilon, (index) => index.slice(0, -1).join());
}

export function rmsNorm(inputs: Inputs, epsilon = 1e-5): Array64 {
  return byGroups(inputs, epsilon, (index) => index.slice(0, -1).join(), false);
}

export function groupNorm(inputs: Inputs, groups: number, epsilon = 1e-5): Array64 {
  const size = inputs[0]!.shape.at(-1)! / groups;
  return byGroups(inputs, epsilon, (index) => `${index[0]!} ${Math.floor(index.at(-1)! / size)}`);
}

export function batchNorm(inputs: Inputs, epsilon = 1e-5): Array64 {
  return byGroups(inputs, epsilon, (index) => String(index.at(-1)));
}

/** Returns the mean and the biased variance of each channel, [2, channels]. */
export function batchMoments([x]: Inputs): Array64 {
  const channels = x!.shape.at(-1)!;
  const ofChannel = (c: number) => moments([...x!.data].filter((_, i) => i % channels === c));
  return fill([2, channels], ([row, c]) => ofChannel(c!)[row!]!);
}

/** Normalises by a given mean and variance of each channel. */
export function normalize([x, mean, variance, weight, bias]: Inputs, epsilon = 1e-5): Array64 {
  const channels = x!.shape.at(-1)!;
  return {
    shape: x!.shape,
    data: x!.data.map((value, i) => {
      const c = i % channels;
      const hat = (value - mean!.data[c]!) / Math.sqrt(variance!.data[c]! + epsilon);
      return hat * (weight?.data[c] ?? 1) + (bias?.data[c] ?? 0);
    }),
  };
}
