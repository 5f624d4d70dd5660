import { byId, colorOf, onTheme, sharpContext } from "../page.ts";
import type { Point, Stroke } from "./bitmap.ts";

/** Width of the pen, as a part of the pad's width. */
const PEN_WIDTH = 0.055;

/** Distance that an arrow key moves the cursor, as a part of the pad. */
const KEY_STEP = 0.04;

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: [-KEY_STEP, 0],
  ArrowRight: [KEY_STEP, 0],
  ArrowUp: [0, -KEY_STEP],
  ArrowDown: [0, KEY_STEP],
};

const CLEAR_KEYS = ["Delete", "Backspace", "Escape"];

function within(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** A canvas that is drawn on by mouse, pen, finger or keyboard; points are parts of its size. */
export class Pad {
  readonly #canvas: HTMLCanvasElement;
  readonly #onChange: (strokes: readonly Stroke[]) => void;
  #strokes: Point[][] = [];
  /** Position of the keyboard's pen, which is visible once a key has moved it. */
  #cursor: Point = [0.5, 0.5];
  #hasCursor = false;
  #isPenDown = false;
  /** Arrow keys that are held: two of them move along a diagonal. */
  readonly #held = new Set<string>();

  constructor(canvas: HTMLCanvasElement, onChange: (strokes: readonly Stroke[]) => void) {
    this.#canvas = canvas;
    this.#onChange = onChange;
    canvas.addEventListener("pointerdown", (event) => {
      this.#begin(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) this.#follow(event);
    });
    canvas.addEventListener("keydown", (event) => {
      this.#press(event);
    });
    canvas.addEventListener("keyup", ({ key }) => this.#held.delete(key));
    canvas.addEventListener("blur", () => {
      this.#held.clear();
      this.#setPen(false);
    });
    new ResizeObserver(() => {
      this.#paint();
    }).observe(canvas);
    onTheme(() => {
      this.#paint();
    });
  }

  clear(): void {
    this.#strokes = [];
    this.#setPen(false);
    this.#changed();
  }

  #begin(event: PointerEvent): void {
    if (event.button !== 0 || !event.isPrimary) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#hasCursor = false;
    this.#setPen(false);
    this.#strokes.push([this.#pointAt(event)]);
    this.#changed();
  }

  #follow(event: PointerEvent): void {
    // Some browsers join what came since the last frame, Safari does not tell what.
    const events = event.getCoalescedEvents?.() ?? [];
    const points = (events.length > 0 ? events : [event]).map((each) => this.#pointAt(each));
    this.#strokes.at(-1)!.push(...points);
    this.#changed();
  }

  #pointAt({ clientX, clientY }: PointerEvent): Point {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return [within((clientX - left) / width), within((clientY - top) / height)];
  }

  #press(event: KeyboardEvent): void {
    const { key } = event;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (key in ARROWS) {
      this.#held.add(key);
      this.#move();
    } else if (key === " ") {
      if (event.repeat) return event.preventDefault();
      this.#setPen(!this.#isPenDown);
      if (this.#isPenDown) this.#strokes.push([this.#cursor]);
    } else if (CLEAR_KEYS.includes(key)) {
      this.clear();
    } else {
      return;
    }
    event.preventDefault();
    this.#hasCursor = true;
    this.#changed();
  }

  #move(): void {
    let [x, y] = this.#cursor;
    for (const key of this.#held) {
      x = within(x + ARROWS[key]![0]);
      y = within(y + ARROWS[key]![1]);
    }
    this.#cursor = [x, y];
    if (this.#isPenDown) this.#strokes.at(-1)!.push(this.#cursor);
  }

  #setPen(isDown: boolean): void {
    if (isDown === this.#isPenDown) return;
    this.#isPenDown = isDown;
    byId("pen").textContent = isDown ? "Pen down" : "Pen up";
  }

  #changed(): void {
    this.#paint();
    this.#onChange(this.#strokes);
  }

  #paint(): void {
    const context = sharpContext(this.#canvas);
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    context.lineWidth = PEN_WIDTH * width;
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = colorOf("--ink");
    for (const [first, ...others] of this.#strokes) {
      const [x, y] = first!;
      context.beginPath();
      context.moveTo(x * width, y * height);
      // A dot is a line to where it starts.
      for (const [u, v] of others.length > 0 ? others : [first!]) {
        context.lineTo(u * width, v * height);
      }
      context.stroke();
    }
    if (this.#hasCursor) this.#paintCursor(context, width, height);
    else if (this.#strokes.length === 0) paintInvitation(context, width, height);
  }

  #paintCursor(context: CanvasRenderingContext2D, width: number, height: number): void {
    const [x, y] = this.#cursor;
    context.beginPath();
    context.arc(x * width, y * height, (PEN_WIDTH * width) / 2 + 3, 0, 2 * Math.PI);
    context.lineWidth = 2;
    context.strokeStyle = colorOf("--accent");
    if (this.#isPenDown) {
      context.fillStyle = context.strokeStyle;
      context.fill();
    }
    context.stroke();
  }
}

function paintInvitation(context: CanvasRenderingContext2D, width: number, height: number): void {
  context.fillStyle = colorOf("--faint");
  context.font = "1rem system-ui, sans-serif";
  context.textAlign = "center";
  context.fillText("Draw a digit here", width / 2, height / 2);
}
