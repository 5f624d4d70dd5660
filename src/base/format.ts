/** Formats a loss so that its leading digits show, however small or large it is. */
export function formatLoss(loss: number): string {
  if (!Number.isFinite(loss)) return String(loss);
  const size = Math.abs(loss);
  const plain = loss === 0 || (size >= 1e-3 && size < 1e3);
  return plain ? loss.toFixed(4) : loss.toExponential(2);
}

/** Formats a rate with three digits, because it changes all the time: `950`, `48.3k`, `1.25M`. */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return "–";
  for (const [unit, size] of [
    ["M", 1e6],
    ["k", 1e3],
  ] as const) {
    if (perSecond >= size * 0.9995) return `${Number((perSecond / size).toPrecision(3))}${unit}`;
  }
  return perSecond.toFixed(0);
}

/** Formats a time as a clock does: `0:07`, `12:30`, `1:02:30`. */
export function formatClock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–:––";
  const whole = Math.ceil(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  const tail = two(whole % 60);
  return minutes < 60
    ? `${minutes}:${tail}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${tail}`;
}
