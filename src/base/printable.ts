import { describeValue } from "./arguments.ts";
import { type Shape, describe } from "./shape.ts";

/** The method that console.log calls in Node, Deno and Bun. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Number of elements of an array that are printed; an ellipsis replaces the others. */
const SHOWN = 10;

/** Returns the current text of an object; `whole` is true if it may take several lines. */
type Text<T> = (self: T, whole: boolean) => string;

/**
 * Gives an object the text that console.log prints and String() returns. The methods are not
 * enumerable, so that copies and comparisons of plain data do not see them.
 * @param target an object, or the prototype of many
 * @param name default text; "NAME (disposed)" is printed if `text` throws, as it does after the
 * object's memory was released
 */
export function inspectable<T extends object>(
  target: T,
  name: string,
  text: Text<T> = () => name,
): T {
  // Node passes these arguments, String() passes none. The depths are equal for the logged object
  // itself, and differ for one inside of another, whose further lines Node would not indent.
  function value(this: T, depth = 0, options?: { depth: number }): string {
    try {
      return text(this, depth > 0 && depth < Infinity && depth === options?.depth);
    } catch {
      return `${name} (disposed)`;
    }
  }
  return Object.defineProperties(target, { toString: { value }, [INSPECT]: { value } });
}

/**
 * Does what inspectable does, and makes browsers' consoles show the name. Chromium and WebKit show
 * a toStringTag that is a data property. Firefox shows no object's class, but shows enumerable
 * properties: the tag is enumerable unless the object is plain data. Chromium shows the name of a
 * class, which minifiers shorten, and not the tag unless the class extends another: that is why
 * Engine, Model, Tensor and others extend Object.
 */
export function printable<T extends object>(target: T, name: string, text?: Text<T>): T {
  const enumerable = target.constructor !== Object;
  Object.defineProperty(target, Symbol.toStringTag, { value: name, enumerable, writable: true });
  return inspectable(target, name, text);
}

/** Makes an object immutable, and makes it print as `name` or as `text` returns. */
export function immutable<T extends object>(object: T, name: string, text?: Text<T>): T {
  return Object.freeze(printable(object, name, text));
}

/** Returns an object with these methods as its prototype, which browsers' consoles do not list. */
export function withMethods<T extends object>(methods: T): T {
  return Object.create(methods) as T;
}

/** Freezes an object except for the tag that renameDisposed changes. */
export function freezeButTag(object: object): void {
  for (const name of Object.keys(object)) Object.defineProperty(object, name, { writable: false });
  Object.preventExtensions(object);
}

/** Makes browsers' consoles show that an object has been disposed. */
export function renameDisposed(object: object): void {
  Object.assign(object, { [Symbol.toStringTag]: String(object) });
}

/** Formats a count with its noun: `1 thread`, `2 threads`. */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

/** Formats a number to four digits, and anything else as error texts show it. */
export function short(value: unknown): string {
  return typeof value === "number" ? String(Number(value.toPrecision(4))) : describeValue(value);
}

/** Formats the first numbers of an array: `0.5, 1, -0.3333, …`. */
export function firstOf(data: ArrayLike<number>): string {
  const length = Math.min(SHOWN, data.length);
  const texts = Array.from({ length }, (_, i) => short(data[i]));
  return (length < data.length ? [...texts, "…"] : texts).join(", ");
}

/** Formats the shape and first numbers of an array: `[2, 2]: 0.5, 1, -0.3333, 0`. */
export function numbers({ shape, data }: { shape: Shape; data: Float32Array }): string {
  return `${describe(shape)}: ${firstOf(data)}`;
}

/** Formats a value as the call that makes it, or as an object of numbers, or else as error texts show it. */
function valueText(value: unknown): string {
  const object = Object(value) as object;
  if (INSPECT in object) return String(value);
  const entries = Object.entries(object);
  const isNumbers = object.constructor === Object && entries.every(([, n]) => Number.isFinite(n));
  if (!isNumbers || entries.length === 0) return describeValue(value);
  return `{ ${entries.map(([name, n]) => `${name}: ${n}`).join(", ")} }`;
}

/**
 * Formats a call as it is written: `adam({ learningRate: 0.001 })`. Leaves out what is undefined.
 */
export function call(name: string, ...args: readonly unknown[]): string {
  const texts = args.flatMap((arg) => {
    const object = Object(arg) as object;
    if (object.constructor !== Object || INSPECT in object) return valueText(arg);
    // Only options that are set; Object(undefined) has none.
    const options = Object.entries(object)
      .filter(([, option]) => option !== undefined)
      .map(([option, value]) => `${option}: ${valueText(value)}`);
    return options.length > 0 ? `{ ${options.join(", ")} }` : [];
  });
  return `${name}(${texts.join(", ")})`;
}
