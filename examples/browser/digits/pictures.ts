import { colorOf } from "../page.ts";
import { COUNTS } from "./bitmap.ts";

/** Pixels from one picture to the next. */
const PITCH = COUNTS + 1;

type Color = readonly [red: number, green: number, blue: number];

/** Returns the channels of a colour of the style sheet, #rrggbb. */
function channels(property: string): Color {
  const bits = parseInt(colorOf(property).slice(1), 16);
  return [bits >> 16, (bits >> 8) & 255, bits & 255];
}

/** Writes an 8×8 picture into an image; `paint` says a colour, and how much of it from 0 to 1. */
function write(
  image: ImageData,
  left: number,
  top: number,
  paint: (pixel: number) => readonly [Color, number],
): void {
  for (let pixel = 0; pixel < COUNTS * COUNTS; pixel++) {
    const x = left + (pixel % COUNTS);
    const y = top + Math.floor(pixel / COUNTS);
    const [color, opacity] = paint(pixel);
    image.data.set([...color, Math.round(255 * opacity)], 4 * (y * image.width + x));
  }
}

/** Shows an image as large as there is room, each of its pixels as a square of device pixels. */
function show(canvas: HTMLCanvasElement, image: ImageData, room: number): void {
  const edge = Math.max(1, Math.floor((room * devicePixelRatio) / image.width));
  const small = new OffscreenCanvas(image.width, image.height);
  small.getContext("2d")!.putImageData(image, 0, 0);
  canvas.width = edge * image.width;
  canvas.height = edge * image.height;
  canvas.style.width = `${canvas.width / devicePixelRatio}px`;
  canvas.style.height = `${canvas.height / devicePixelRatio}px`;
  const context = canvas.getContext("2d")!;
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
}

/** Shows what the network sees: 64 pixels from 0 to 1. */
export function showImage(canvas: HTMLCanvasElement, counts: Float32Array, room: number): void {
  const image = new ImageData(COUNTS, COUNTS);
  const ink = channels("--ink");
  write(image, 0, 0, (pixel) => [ink, counts[pixel]!]);
  show(canvas, image, room);
}

/** Size of weights that are shown at full strength, as a multiple of their root mean square. */
const FULL = 3;

/**
 * Shows the columns of a weight [64, units] as pictures: what speaks for a unit in one colour, what
 * against it in another.
 */
export function showFilters(canvas: HTMLCanvasElement, weights: Float32Array, room: number): void {
  const units = weights.length / (COUNTS * COUNTS);
  const columns = room > 560 ? (units > 128 ? 32 : 16) : units > 64 ? 16 : 8;
  const image = new ImageData(columns * PITCH - 1, Math.ceil(units / columns) * PITCH - 1);
  const [positive, negative] = [channels("--positive"), channels("--negative")];
  const squares = weights.reduce((sum, weight) => sum + weight * weight, 0);
  const full = FULL * Math.sqrt(squares / weights.length) || 1;
  for (let unit = 0; unit < units; unit++) {
    const [left, top] = [PITCH * (unit % columns), PITCH * Math.floor(unit / columns)];
    write(image, left, top, (pixel) => {
      const weight = weights[pixel * units + unit]!;
      return [weight > 0 ? positive : negative, Math.min(1, Math.abs(weight) / full)];
    });
  }
  show(canvas, image, room);
}
