import { LINE, share } from "./chunks";
import { adadelta, adagrad, adam, adamVariant, adamax } from "./optimizers/index";
import { momentum, nadam, radam, rmsprop, sgd } from "./optimizers/index";
import { settled } from "./optimizers/common";
import { bytes } from "./simd";

/**
 * What the records of optimizers call. `rates` points at the optimizer's f64 numbers, the learning
 * rate first and the weight decay second. Those that change from step to step are advanced by a
 * count record before the step's own, so that all parts of the step read the same.
 */

/** p, g, n, rates: lr, weight decay. */
export function sgdRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 8);
  const rates = load<usize>(args, 12);
  const i = share(n, LINE, part, parts);
  const at = bytes(i);
  const count = share(n, LINE, part + 1, parts) - i;
  const lr = load<f64>(rates);
  sgd(load<usize>(args) + at, load<usize>(args, 4) + at, count, lr, load<f64>(rates, 8));
}

/** rates, as momentumRecord's: the gain of this step, and 1 - the bias that is left after it. */
export function momentumCountRecord(args: usize, part: i32, _parts: i32): void {
  if (part) return;
  const rates = load<usize>(args);
  store<f64>(rates, load<f64>(rates, 40), 24);
  store<f64>(rates, load<f64>(rates, 48), 40);
  const bias = settled(load<f64>(rates, 56) * load<f64>(rates, 64));
  store<f64>(rates, 1 - bias, 32);
  store<f64>(rates, bias, 56);
}

/**
 * p, g, v, n, rates, nesterov. rates: lr, weight decay, mu, gain, correction of lr; next gain, gain
 * from then on, bias (1 at the start) and what it shrinks by.
 */
export function momentumRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 12);
  const rates = load<usize>(args, 16);
  const i = share(n, LINE, part, parts);
  const at = bytes(i);
  momentum(
    load<usize>(args) + at,
    load<usize>(args, 4) + at,
    load<usize>(args, 8) + at,
    share(n, LINE, part + 1, parts) - i,
    load<f64>(rates) / load<f64>(rates, 32),
    load<f64>(rates, 8),
    load<f64>(rates, 16),
    load<f64>(rates, 24),
    load<i32>(args, 20) != 0,
  );
}

/** rates, as adagradRecord's: counts a step t from 1 and divides lr by 1 + (t - 1) · decay. */
export function adagradCountRecord(args: usize, part: i32, _parts: i32): void {
  if (part) return;
  const rates = load<usize>(args);
  const before = load<f64>(rates, 48);
  store<f64>(rates, 1 + before * load<f64>(rates, 40), 32);
  store<f64>(rates, before + 1, 48);
}

/** p, g, s, n, rates: lr, weight decay, epsilon, initial, divisor of lr; lr's decay, steps done. */
export function adagradRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 12);
  const rates = load<usize>(args, 16);
  const i = share(n, LINE, part, parts);
  const at = bytes(i);
  adagrad(
    load<usize>(args) + at,
    load<usize>(args, 4) + at,
    load<usize>(args, 8) + at,
    share(n, LINE, part + 1, parts) - i,
    load<f64>(rates) / load<f64>(rates, 32),
    load<f64>(rates, 8),
    load<f64>(rates, 16),
    load<f64>(rates, 24),
  );
}

/** p, g, s, d, n, rates: lr, weight decay, rho, epsilon. */
export function adadeltaRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 16);
  const rates = load<usize>(args, 20);
  const i = share(n, LINE, part, parts);
  const at = bytes(i);
  adadelta(
    load<usize>(args) + at,
    load<usize>(args, 4) + at,
    load<usize>(args, 8) + at,
    load<usize>(args, 12) + at,
    share(n, LINE, part + 1, parts) - i,
    load<f64>(rates),
    load<f64>(rates, 8),
    load<f64>(rates, 16),
    load<f64>(rates, 24),
  );
}

/** p, g, s, mean or 0, v or 0, n, rates: lr, weight decay, alpha, epsilon, mu. */
export function rmspropRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 20);
  const rates = load<usize>(args, 24);
  const i = share(n, LINE, part, parts);
  const at = bytes(i);
  const mean = load<usize>(args, 12);
  const v = load<usize>(args, 16);
  rmsprop(
    load<usize>(args) + at,
    load<usize>(args, 4) + at,
    load<usize>(args, 8) + at,
    mean ? mean + at : 0,
    v ? v + at : 0,
    share(n, LINE, part + 1, parts) - i,
    load<f64>(rates),
    load<f64>(rates, 8),
    load<f64>(rates, 16),
    load<f64>(rates, 24),
    load<f64>(rates, 32),
  );
}

/** rates, as adamRecord's: counts a step by beta1^t and beta2^t, which start at 1. */
export function adamCountRecord(args: usize, part: i32, _parts: i32): void {
  if (part) return;
  const rates = load<usize>(args);
  const bias1 = settled(load<f64>(rates, 56) * load<f64>(rates, 16));
  const bias2 = settled(load<f64>(rates, 64) * load<f64>(rates, 24));
  store<f64>(rates, 1 - bias1, 40);
  store<f64>(rates, 1 - bias2, 48);
  store<f64>(rates, bias1, 56);
  store<f64>(rates, bias2, 64);
}

/**
 * p, g, m, v, n, rates: lr, weight decay, beta1, beta2, epsilon, 1 - beta1^t, 1 - beta2^t, beta1^t,
 * beta2^t.
 */
export function adamRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 16);
  const rates = load<usize>(args, 20);
  const i = share(n, LINE, part, parts);
  const at = bytes(i);
  adam(
    load<usize>(args) + at,
    load<usize>(args, 4) + at,
    load<usize>(args, 8) + at,
    load<usize>(args, 12) + at,
    share(n, LINE, part + 1, parts) - i,
    load<f64>(rates),
    load<f64>(rates, 16),
    load<f64>(rates, 24),
    load<f64>(rates, 32),
    load<f64>(rates, 40),
    load<f64>(rates, 48),
  );
}

/** p, g, m, v, maximum or 0, n, rates (adamRecord's), decoupled decay, epsilon inside the root. */
export function adamVariantRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 20);
  const rates = load<usize>(args, 24);
  const i = share(n, LINE, part, parts);
  const at = bytes(i);
  const maximum = load<usize>(args, 16);
  const lr = load<f64>(rates);
  const decay = load<f64>(rates, 8);
  const decoupled = load<i32>(args, 28) != 0;
  adamVariant(
    load<usize>(args) + at,
    load<usize>(args, 4) + at,
    load<usize>(args, 8) + at,
    load<usize>(args, 12) + at,
    maximum ? maximum + at : 0,
    share(n, LINE, part + 1, parts) - i,
    lr,
    load<f64>(rates, 16),
    load<f64>(rates, 24),
    load<f64>(rates, 32),
    load<f64>(rates, 40),
    load<f64>(rates, 48),
    decoupled ? 0 : decay,
    decoupled ? 1 - lr * decay : 1,
    load<i32>(args, 32) != 0,
  );
}

/** p, g, m, u, n, rates, as adamRecord's. */
export function adamaxRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 16);
  const rates = load<usize>(args, 20);
  const i = share(n, LINE, part, parts);
  const at = bytes(i);
  adamax(
    load<usize>(args) + at,
    load<usize>(args, 4) + at,
    load<usize>(args, 8) + at,
    load<usize>(args, 12) + at,
    share(n, LINE, part + 1, parts) - i,
    load<f64>(rates),
    load<f64>(rates, 8),
    load<f64>(rates, 16),
    load<f64>(rates, 24),
    load<f64>(rates, 32),
    load<f64>(rates, 40),
  );
}

/**
 * rates, as nadamRecord's: mu_t = beta1 · (1 - decay^t / 2), its product over all steps so far, and
 * the two weights of the step.
 */
export function nadamCountRecord(args: usize, part: i32, _parts: i32): void {
  if (part) return;
  const rates = load<usize>(args);
  const beta1 = load<f64>(rates, 16);
  const decay = load<f64>(rates, 88);
  const power = settled(load<f64>(rates, 72) * decay);
  const mu = beta1 * (1 - 0.5 * power);
  const next = beta1 * (1 - 0.5 * power * decay);
  const product = settled(load<f64>(rates, 80) * mu);
  const again = load<f64>(rates, 96) != 0 ? mu : 1;
  const bias2 = settled(load<f64>(rates, 64) * load<f64>(rates, 24));
  store<f64>(rates, next / (1 - product * again * next), 40);
  store<f64>(rates, (1 - mu) / (1 - product), 48);
  store<f64>(rates, 1 - bias2, 56);
  store<f64>(rates, bias2, 64);
  store<f64>(rates, power, 72);
  store<f64>(rates, product, 80);
}

/**
 * p, g, m, v, n, rates: lr, weight decay, beta1, beta2, epsilon, weight of m, weight of g,
 * 1 - beta2^t; beta2^t, decay^t, product of mu (these start at 1), decay, whether mu counts twice.
 */
export function nadamRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 16);
  const rates = load<usize>(args, 20);
  const i = share(n, LINE, part, parts);
  const at = bytes(i);
  nadam(
    load<usize>(args) + at,
    load<usize>(args, 4) + at,
    load<usize>(args, 8) + at,
    load<usize>(args, 12) + at,
    share(n, LINE, part + 1, parts) - i,
    load<f64>(rates),
    load<f64>(rates, 8),
    load<f64>(rates, 16),
    load<f64>(rates, 24),
    load<f64>(rates, 32),
    load<f64>(rates, 40),
    load<f64>(rates, 48),
    load<f64>(rates, 56),
  );
}

/** rates, as radamRecord's: Adam's count, the step t and the rectification of the variance. */
export function radamCountRecord(args: usize, part: i32, parts: i32): void {
  adamCountRecord(args, part, parts);
  if (part) return;
  const rates = load<usize>(args);
  const t = load<f64>(rates, 72) + 1;
  // The longest that the moving average of squares can be, and how long it is after t steps.
  const longest = 2 / (1 - load<f64>(rates, 24)) - 1;
  const length = longest - (2 * t * load<f64>(rates, 64)) / load<f64>(rates, 48);
  const over = (length - 4) * (length - 2) * longest;
  const ratio = over / ((longest - 4) * (longest - 2) * length);
  store<f64>(rates, t, 72);
  store<f64>(rates, length > 5 ? sqrt<f64>(ratio) : 0, 80);
}

/** p, g, m, v, n, rates: as adamRecord's with weight decay second, then t, rectification. */
export function radamRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 16);
  const rates = load<usize>(args, 20);
  const i = share(n, LINE, part, parts);
  const at = bytes(i);
  radam(
    load<usize>(args) + at,
    load<usize>(args, 4) + at,
    load<usize>(args, 8) + at,
    load<usize>(args, 12) + at,
    share(n, LINE, part + 1, parts) - i,
    load<f64>(rates),
    load<f64>(rates, 8),
    load<f64>(rates, 16),
    load<f64>(rates, 24),
    load<f64>(rates, 32),
    load<f64>(rates, 40),
    load<f64>(rates, 48),
    load<f64>(rates, 80),
  );
}
