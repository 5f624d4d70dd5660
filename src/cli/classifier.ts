import { conv2d, dense, dropout, flatten, maxPool2d, sequential } from "../index.ts";
import type { Layer, Network } from "../index.ts";
import { formatCount } from "./format.ts";
import { UsageError } from "./options.ts";
import type { Task } from "./task.ts";
import type { TrainOptions } from "./train-options.ts";

/** Network for a task. */
export interface Classifier {
  readonly network: Network;
  readonly inputShape: readonly number[];
  /** Layers and their sizes, in parts that a comma separates. */
  readonly text: string;
  /** Multiply-adds of the forward pass for one example, where the parameters do not tell them. */
  readonly multiplyAdds?: number;
}

type Chosen = Pick<TrainOptions, "network" | "layers" | "activation">;

/**
 * Returns the network that the options ask for.
 * @throws UsageError for a cnn if the examples are no images, or are too small
 */
export function classifierFor(task: Task, options: Chosen): Classifier {
  return options.network === "cnn" ? convolutional(task, options) : multilayer(task, options);
}

/** Returns dense layers, by default one of 64 units. */
function multilayer({ features, classes }: Task, { layers, activation }: Chosen): Classifier {
  const hidden = layers ?? [64];
  const sizes = [features, ...hidden, classes].join("-");
  return {
    network: sequential([...hidden.map((size) => dense(size, { activation })), dense(classes)]),
    inputShape: [features],
    text: hidden.length > 0 ? `${sizes} ${activation}` : sizes,
  };
}

/** Settings of a convolutional network for images up to a size. */
interface Style {
  /** Filters of the first convolution, and of all others. */
  readonly filters: readonly [first: number, others: number];
  readonly padding: "same" | "valid";
  readonly hidden: readonly number[];
}

/** The network of mnist_cnn.py, the first of Keras's examples for MNIST. */
const LARGE: Style = { filters: [32, 64], padding: "valid", hidden: [128] };

/**
 * Half of everything. Without padding the digits, 8x8, lose more than half of their pixels, and two
 * points of accuracy.
 */
const SMALL: Style = { filters: [16, 32], padding: "same", hidden: [64] };

/** Least edge of images that LARGE takes. */
const LARGE_EDGE = 16;

/** Most pixels of a map of features in front of the dense layers, the largest of the parameters. */
const MOST_PIXELS = 256;

/** Least edge of a map that a convolution of 3x3 and a pool of 2x2 leave something of. */
const POOLABLE_EDGE = 4;

function convolutional(task: Task, { layers, activation }: Chosen): Classifier {
  const image = imageOf(task);
  const edge = Math.min(image[0], image[1]);
  const { filters, padding, hidden } = edge < LARGE_EDGE ? SMALL : LARGE;
  const stack = new Stack(image, activation, padding);
  stack.conv(filters[0]);
  stack.conv(filters[1]);
  stack.pool();
  while (stack.pixels > MOST_PIXELS && stack.edge >= POOLABLE_EDGE) {
    stack.conv(filters[1]);
    stack.pool();
  }
  stack.dropout(0.25);
  stack.flatten();
  for (const units of layers ?? hidden) {
    stack.dense(units, activation);
    stack.dropout(0.5);
  }
  stack.dense(task.classes, "linear");
  const { multiplyAdds } = stack;
  const text = [image.join("x"), ...stack.texts, activation].join(", ");
  return { network: sequential(stack.layers), inputShape: image, text, multiplyAdds };
}

type Image = readonly [rows: number, columns: number, channels: number];

/** Returns the shape of a task's images. @throws UsageError if there are none, or too small ones */
function imageOf({ name, image }: Task): Image {
  if (!image) {
    const expected = "expected the digits or a folder of images";
    throw new UsageError(`--network cnn: ${expected}, got ${name}, which has none`);
  }
  const [rows, columns, channels] = image as Image;
  // A pool of 2x2 has to leave something of a padded convolution.
  if (Math.min(rows, columns) < 2) {
    const got = `${rows}x${columns} in ${name}`;
    throw new UsageError(`--network cnn: expected images of at least 2x2 pixels, got ${got}`);
  }
  return [rows, columns, channels];
}

/** Layers one on the other, the shape of the last one's output, and the multiply-adds of all. */
class Stack {
  readonly layers: Layer[] = [];
  readonly texts: string[] = [];
  multiplyAdds = 0;
  #rows: number;
  #columns: number;
  #channels: number;
  #activation: Chosen["activation"];
  #padding: "same" | "valid";

  constructor(
    [rows, columns, channels]: Image,
    activation: Chosen["activation"],
    padding: "same" | "valid",
  ) {
    [this.#rows, this.#columns, this.#channels] = [rows, columns, channels];
    this.#activation = activation;
    this.#padding = padding;
  }

  /** Number of pixels of the output. */
  get pixels(): number {
    return this.#rows * this.#columns;
  }

  /** Length of the output's shorter edge. */
  get edge(): number {
    return Math.min(this.#rows, this.#columns);
  }

  conv(filters: number): void {
    const lost = this.#padding === "same" ? 0 : 2;
    this.#rows -= lost;
    this.#columns -= lost;
    this.multiplyAdds += this.pixels * filters * 9 * this.#channels;
    this.#channels = filters;
    const options = { activation: this.#activation, padding: this.#padding };
    this.#add(conv2d(filters, 3, options), `conv 3x3x${filters}`);
  }

  pool(): void {
    this.#rows = Math.floor(this.#rows / 2);
    this.#columns = Math.floor(this.#columns / 2);
    this.#add(maxPool2d(2), "max pool 2");
  }

  dropout(rate: number): void {
    this.#add(dropout(rate), `dropout ${rate}`);
  }

  flatten(): void {
    this.#channels *= this.pixels;
    this.#rows = this.#columns = 1;
    this.layers.push(flatten());
  }

  dense(units: number, activation: Chosen["activation"]): void {
    this.multiplyAdds += this.#channels * units;
    this.#channels = units;
    this.#add(dense(units, { activation }), `dense ${units}`);
  }

  #add(layer: Layer, text: string): void {
    this.layers.push(layer);
    this.texts.push(text);
  }
}

/** Formats what a network is and how large: `64-32-10 relu, 2,410 parameters`. */
export function sizeText({ text, multiplyAdds }: Classifier, parameters: number): string {
  const parts = [text, `${formatCount(parameters)} parameters`];
  if (multiplyAdds !== undefined) parts.push(`${formatCount(multiplyAdds)} multiply-adds`);
  return parts.join(", ");
}
