// The largest error of every elementary function over all 2^32 floats, against float64: what
// docs/accuracy.md says. `node scripts/sweep.mjs [name...] [--step 1]`, a few minutes for each.
// --step 1021 looks at every 1021st float only.
import { parseArgs } from "node:util";
import { load } from "./load.mjs";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { step: { type: "string", default: "1" } },
});
const step = Number(values.step);
if (!Number.isInteger(step) || step < 1) {
  throw new RangeError(`sweep: expected --step to be a whole number, got ${values.step}`);
}

const { modules, close } = await load("src/reference/elementary.ts", "src/kernels.ts");
const [{ elementary }, { loadKernels }] = modules;
await close();

const CHUNK = 2 ** 20;
const memory = new WebAssembly.Memory({ initial: 160 });
const kernels = await loadKernels({ memory });
const [xAt, yAt] = [2 ** 20, 2 ** 20 + 4 * CHUNK];
const words = new Uint32Array(memory.buffer, xAt, CHUNK);
const xs = new Float32Array(memory.buffer, xAt, CHUNK);
const ys = new Float32Array(memory.buffer, yAt, CHUNK);

const bits = new DataView(new ArrayBuffer(8));

/** The distance between floats where a float64 number is. */
function ulp(x) {
  bits.setFloat64(0, x);
  const exponent = ((bits.getUint32(0) >>> 20) & 0x7ff) - 1023;
  return 2 ** (Math.min(Math.max(exponent, -126), 127) - 23);
}

/** An infinity stands for 2^128, which a finite float64 number can be near to. */
function finite(x) {
  return Math.abs(x) === Infinity ? Math.sign(x) * 2 ** 128 : x;
}

/** Says if a result has to be exact: NaN, an infinity, or a zero with its sign. */
function isSpecial(wanted) {
  return wanted !== wanted || wanted === 0 || Math.abs(wanted) === Infinity;
}

/**
 * Compares n results with the exact ones, and keeps the largest errors in `worst`; in units only where
 * the absolute error that is allowed is exceeded.
 */
function compare({ exact, absolute = 0 }, n, worst) {
  for (let i = 0; i < n; i++) {
    const wanted = exact(xs[i]);
    const y = ys[i];
    if (isSpecial(wanted) || y !== y) {
      if (!Object.is(y, wanted)) worst.wrong.push(`${xs[i]}: ${y}, not ${wanted}`);
      continue;
    }
    if (y === Math.fround(wanted)) continue;
    const off = Math.abs(finite(y) - wanted);
    const ulps = off / ulp(wanted);
    if (off > worst.off) [worst.off, worst.offAt] = [off, xs[i]];
    if (off > absolute && ulps > worst.ulps) [worst.ulps, worst.ulpsAt] = [ulps, xs[i]];
  }
}

/** The largest errors of a function: in ulp, absolute, and results that are wrong altogether. */
function sweep(name) {
  const worst = { ulps: 0, ulpsAt: NaN, off: 0, offAt: NaN, wrong: [] };
  for (let from = 0; from < 2 ** 32; from += CHUNK * step) {
    const n = Math.min(CHUNK, Math.ceil((2 ** 32 - from) / step));
    for (let i = 0; i < n; i++) words[i] = from + i * step;
    kernels[name](xAt, yAt, n);
    compare(elementary[name], n, worst);
  }
  return worst;
}

const known = Object.keys(elementary);
const names = positionals.length > 0 ? positionals : known;
const unknown = names.find((name) => !known.includes(name));
if (unknown) throw new RangeError(`sweep: expected names of ${known.join(", ")}, got ${unknown}`);
for (const name of names) {
  const { ulps, ulpsAt, off, offAt, wrong } = sweep(name);
  const largest = `${ulps.toFixed(4)} ulp at ${ulpsAt}, ${off.toExponential(4)} at ${offAt}`;
  console.log(`${name}: ${largest}, ${wrong.length} wrong ${wrong.slice(0, 5).join("; ")}`);
}
