/** Computes e^x[j] / Σ_l e^x[l] of a row. */
export function softmax(x: ArrayLike<number>): number[] {
  const logits = Array.from(x);
  const largest = Math.max(...logits);
  const powers = logits.map((v) => Math.exp(v - largest));
  const sum = powers.reduce((total, v) => total + v, 0);
  return powers.map((v) => v / sum);
}

/** Computes dx of a row, for y = softmax(x): y · (dy - Σ_l y · dy). */
export function softmaxGrad(y: ArrayLike<number>, dy: ArrayLike<number>): number[] {
  const rows = Array.from(y);
  const dot = rows.reduce((sum, v, j) => sum + v * dy[j]!, 0);
  return rows.map((v, j) => v * (dy[j]! - dot));
}

/** Computes x[j] - ln Σ_l e^x[l] of a row, without losing digits for a probability near 1. */
export function logSoftmax(x: ArrayLike<number>): number[] {
  const logits = Array.from(x);
  const top = logits.indexOf(Math.max(...logits));
  const others = logits.reduce(
    (sum, v, j) => (j === top ? sum : sum + Math.exp(v - logits[top]!)),
    0,
  );
  return logits.map((v) => v - logits[top]! - Math.log1p(others));
}

/** Computes dx of a row, for y = logSoftmax(x): dy - e^y · Σ_l dy. */
export function logSoftmaxGrad(y: ArrayLike<number>, dy: ArrayLike<number>): number[] {
  const sum = Array.from(dy).reduce((total, v) => total + v, 0);
  return Array.from(y, (v, j) => dy[j]! - Math.exp(v) * sum);
}
