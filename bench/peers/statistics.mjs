/** The middle number, or the mean of the two in the middle. */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Rounds to six digits, which are more than can be measured here. */
export function rounded(number) {
  return Number(number.toPrecision(6));
}

/**
 * Returns the speed of gradlane relative to each other peer at each work: the median of the ratios
 * within rounds. The speed of a shared machine changes threefold from one round to the next, and
 * much less within one, so that this repeats better than a ratio of medians.
 * @param results of compare()
 * @returns { work, peer, runs, ratio } for each
 */
export function ratiosOf(results) {
  return results.flatMap(({ peer, runs, work, samples }) => {
    const own = results.find((one) => one.peer === "gradlane" && one.work === work);
    if (!own || peer === "gradlane") return [];
    const rounds = Math.min(samples.length, own.samples.length);
    const ratios = samples.slice(0, rounds).map((sample, i) => sample / own.samples[i]);
    return [{ work, peer, runs, ratio: rounded(median(ratios)) }];
  });
}
