/** Access to the document for both pages. */

/** The element with an id. @throws Error if the page has none */
export function byId<T extends Element = HTMLElement>(id: string): T {
  const element = document.querySelector<T>(`#${id}`);
  if (!element) throw new Error(`expected the page to have #${id}`);
  return element;
}

/** A colour of the style sheet, light or dark as the page is: #rrggbb. */
export function colorOf(property: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim();
}

/** Calls back when the page turns light or dark. */
export function onTheme(listener: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", listener);
}

/** A canvas for as many device pixels as it covers, with units of CSS pixels. */
export function sharpContext(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const { clientWidth, clientHeight } = canvas;
  canvas.width = Math.round(clientWidth * devicePixelRatio);
  canvas.height = Math.round(clientHeight * devicePixelRatio);
  const context = canvas.getContext("2d")!;
  context.scale(canvas.width / clientWidth, canvas.height / clientHeight);
  return context;
}

/** 12,345 */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en");
}

/** 97.2 % */
export function formatPercent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
