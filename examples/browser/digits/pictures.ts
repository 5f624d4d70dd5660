import { colorOf } from "../page.ts";

type Color = readonly [red: number, green: number, blue: number];

/** Says a colour for a value, and how much of it from 0 to 1. */
type Paint = (value: number) => readonly [Color, number];

/** Square pictures of one size: the columns of an array [pixels, count]. */
export interface Pictures {
  readonly values: Float32Array;
  readonly count: number;
}

/** Places of pictures side by side. */
export interface Grid {
  readonly columns: number;
  /** Device pixels from one picture to the next. */
  readonly pitch: number;
}

/** Returns the channels of a colour of the style sheet, #rrggbb. */
function channels(property: string): Color {
  const bits = parseInt(colorOf(property).slice(1), 16);
  return [bits >> 16, (bits >> 8) & 255, bits & 255];
}

function edgeOf({ values, count }: Pictures): number {
  return Math.sqrt(values.length / count);
}

/**
 * Returns the grid of pictures that are as large as there is room. Each of their pixels is a square of
 * device pixels, and one of them is left free between two pictures.
 * @param edge pixels along an edge of a picture
 * @param room in CSS pixels
 */
export function gridOf(edge: number, columns: number, room: number): Grid {
  const pixels = columns * (edge + 1) - 1;
  const size = Math.max(1, Math.floor((room * devicePixelRatio) / pixels));
  return { columns, pitch: (edge + 1) * size };
}

/** Returns the pictures one below the other, each pixel as one pixel. */
function strip(pictures: Pictures, paint: Paint): OffscreenCanvas {
  const { values, count } = pictures;
  const edge = edgeOf(pictures);
  const image = new ImageData(edge, edge * count);
  for (let at = 0; at < values.length; at++) {
    const [color, opacity] = paint(values[at]!);
    const pixel = (at % count) * edge * edge + Math.floor(at / count);
    image.data.set([...color, Math.round(255 * opacity)], 4 * pixel);
  }
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  return canvas;
}

/** Sets the size of a canvas in device pixels. */
function resize(canvas: HTMLCanvasElement, width: number, height: number): void {
  canvas.width = width;
  canvas.height = height;
  canvas.style.width = `${width / devicePixelRatio}px`;
  canvas.style.height = `${height / devicePixelRatio}px`;
}

/** Shows pictures as large as the grid allows. @param ground a colour behind each of them, or none */
function show(
  canvas: HTMLCanvasElement,
  pictures: Pictures,
  { columns, pitch }: Grid,
  paint: Paint,
  ground = "",
): void {
  const edge = edgeOf(pictures);
  const size = Math.max(1, Math.floor(pitch / (edge + 1)));
  const [gap, whole] = [pitch - edge * size, edge * size];
  const source = strip(pictures, paint);
  const rows = Math.ceil(pictures.count / columns);
  resize(canvas, columns * pitch - gap, rows * pitch - gap);
  const context = canvas.getContext("2d")!;
  context.imageSmoothingEnabled = false;
  context.fillStyle = ground;
  for (let i = 0; i < pictures.count; i++) {
    const [x, y] = [pitch * (i % columns), pitch * Math.floor(i / columns)];
    if (ground) context.fillRect(x, y, whole, whole);
    context.drawImage(source, 0, i * edge, edge, edge, x, y, whole, whole);
  }
}

/** Shows an image of pixels from 0 to 1, such as what the network sees. */
export function showImage(canvas: HTMLCanvasElement, values: Float32Array, room: number): void {
  const ink = channels("--ink");
  const pictures = { values, count: 1 };
  show(canvas, pictures, gridOf(edgeOf(pictures), 1, room), (value) => [ink, value]);
}

/**
 * Shows weights: what speaks for a unit in one colour, what against it in another.
 * @param full size of weights that are shown at full strength, as a multiple of their root mean square
 */
export function showWeights(
  canvas: HTMLCanvasElement,
  pictures: Pictures,
  grid: Grid,
  full: number,
): void {
  const [positive, negative] = [channels("--positive"), channels("--negative")];
  const { values } = pictures;
  const squares = values.reduce((sum, weight) => sum + weight * weight, 0);
  const most = full * Math.sqrt(squares / values.length) || 1;
  show(canvas, pictures, grid, (weight) => [
    weight > 0 ? positive : negative,
    Math.min(1, Math.abs(weight) / most),
  ]);
}

/** Shows feature maps: the more ink, the stronger the filter's answer, on one scale for all of them. */
export function showMaps(canvas: HTMLCanvasElement, pictures: Pictures, grid: Grid): void {
  const ink = channels("--ink");
  const most = pictures.values.reduce((a, b) => Math.max(a, b), 0) || 1;
  show(canvas, pictures, grid, (answer) => [ink, answer / most], colorOf("--ground"));
}
