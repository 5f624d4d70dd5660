// The comparison as text.
import Table from "cli-table3";

const NONE = "–";

/** The parts of cli-table3's frame, all left away. */
const FRAME =
  "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right " +
  "left left-mid mid mid-mid right right-mid";
const chars = Object.fromEntries(FRAME.split(" ").map((part) => [part, ""]));

/** Three digits, as no more of a time on a busy machine repeats. */
function digits(number) {
  return number >= 999.5 ? number.toFixed(0) : number.toPrecision(3);
}

/** Columns without a frame, the first to the left, the others to the right unless told. */
function table(head, rows, colAligns = ["left", ...head.slice(1).map(() => "right")]) {
  const style = { head: [], border: [], "padding-left": 0, "padding-right": 0 };
  const grid = new Table({ head, colAligns, chars: { ...chars, middle: "  " }, style });
  grid.push(...rows);
  return grid.toString().replace(/ +$/gm, "");
}

/** Compares gradlane with the fastest other peer in WebAssembly: `1.42 × jax-js`. */
function againstFastest(ratios) {
  const others = ratios.filter(({ runs }) => runs === "wasm");
  if (others.length === 0) return NONE;
  const { ratio, peer } = others.reduce((best, one) => (one.ratio < best.ratio ? one : best));
  return `${ratio.toFixed(2)} × ${peer}`;
}

const valuesOf = (names, results, key) =>
  names.map((name) => {
    const value = results.find(({ peer }) => peer === name)?.[key];
    return value === undefined ? NONE : digits(value);
  });

/**
 * Tables: milliseconds of every work and peer with gradlane's ratio to the fastest other peer in
 * WebAssembly; the same as GFLOPS or GB/s where work is counted so; and who the peers are.
 * @param peers names, in the order of the columns
 */
export function tables({ results, ratios }, peers) {
  const names = peers.filter((name) => results.some(({ peer }) => peer === name));
  const works = [...new Set(results.map(({ work }) => work))];
  const byWork = works.map((work) => results.filter((result) => result.work === work));
  const against = works.map((name) => againstFastest(ratios.filter(({ work }) => work === name)));
  const compares = against.some((text) => text !== NONE);
  const times = byWork.map((group, i) => [
    group[0].work,
    ...valuesOf(names, group, "milliseconds"),
    ...(compares ? [against[i]] : []),
  ]);
  const rates = [
    ["gflops", "GFLOPS"],
    ["gigabytesPerSecond", "GB/s"],
  ].flatMap(([key, unit]) =>
    byWork
      .filter((group) => group[0][key] !== undefined)
      .map((group) => [`${group[0].work}, ${unit}`, ...valuesOf(names, group, key)]),
  );
  const versions = names.map((name) => {
    const { version, remark } = results.find(({ peer }) => peer === name);
    return [name, version, remark ?? ""];
  });
  const left = ["left", "left", "left"];
  return [
    table(["milliseconds", ...names, ...(compares ? ["gradlane is"] : [])], times),
    ...(rates.length > 0 ? [table(["rate", ...names], rates)] : []),
    table(["peer", "version", ""], versions, left),
  ].join("\n\n");
}
