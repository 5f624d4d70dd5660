/** Returns the least number from `least` on that is 1, 2, 2.5 or 5 times a power of ten. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 2.5, 5, 10].find((value) => value * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}
