import { onTheme } from "../page.ts";
import { CLASSES, EDGE } from "./network.ts";
import { showImage } from "./pictures.ts";

/** Edge of a picture, in CSS pixels. */
const PICTURE_EDGE = 32;

/** The test digit that is chosen at first: it has bends, and strokes in all directions. */
const FIRST = 3;

/** A digit that one can choose to look at. */
interface Subject {
  readonly name: string;
  readonly radio: HTMLInputElement;
  readonly canvas: HTMLCanvasElement;
  image: Float32Array;
}

/** A row of digits, one of which is chosen: what is drawn, and a test digit of each class. */
export class Subjects {
  readonly #drawing: Subject;
  readonly #digits: readonly Subject[];
  /** The test digit that was chosen last. */
  #digit: Subject;
  #isLoaded = false;
  readonly #onChange: () => void;

  /** @param onChange called when another digit is chosen, or has become another image */
  constructor(group: HTMLElement, onChange: () => void) {
    this.#onChange = onChange;
    this.#drawing = subject("your drawing", "yours");
    this.#digits = Array.from({ length: CLASSES }, (_, digit) => subject(`test digit ${digit}`));
    this.#digit = this.#digits[FIRST]!;
    this.#digit.radio.checked = true;
    this.#drawing.radio.disabled = true;
    for (const { radio } of [this.#drawing, ...this.#digits]) group.append(radio.parentElement!);
    group.addEventListener("change", () => {
      this.#digit = this.#digits.find(({ radio }) => radio.checked) ?? this.#digit;
      onChange();
    });
    onTheme(() => {
      this.#paint();
    });
  }

  /** Chooses what is drawn; if nothing is, goes back to the test digit. */
  draw(image: Float32Array | undefined): void {
    const { radio } = this.#drawing;
    this.#drawing.image = image ?? blank();
    radio.disabled = !image;
    if (image) radio.checked = true;
    else if (radio.checked) this.#digit.radio.checked = true;
    paint(this.#drawing);
  }

  /** Loads the test digits, which nobody needs who looks at a dense network. */
  async load(): Promise<void> {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    const { loadDigits } = await import("gradlane/digits");
    const { test } = await loadDigits();
    for (const [digit, subject] of this.#digits.entries()) {
      const at = test.y.indexOf(digit) * EDGE * EDGE;
      subject.image = Float32Array.from(test.x.subarray(at, at + EDGE * EDGE));
    }
    this.#paint();
    this.#onChange();
  }

  get chosen(): { readonly name: string; readonly image: Float32Array } {
    return this.#drawing.radio.checked ? this.#drawing : this.#digit;
  }

  #paint(): void {
    for (const each of [this.#drawing, ...this.#digits]) paint(each);
  }
}

function blank(): Float32Array {
  return new Float32Array(EDGE * EDGE);
}

function subject(name: string, caption = ""): Subject {
  const label = document.createElement("label");
  const radio = document.createElement("input");
  const canvas = document.createElement("canvas");
  radio.type = "radio";
  radio.name = "subject";
  radio.ariaLabel = name;
  label.title = name;
  label.append(radio, canvas, caption);
  return { name, radio, canvas, image: blank() };
}

function paint({ canvas, image }: Subject): void {
  showImage(canvas, image, PICTURE_EDGE);
}
