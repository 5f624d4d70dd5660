import { describeValue } from "./arguments.ts";
import { type Shape, describe } from "./shape.ts";

/** The method that console.log calls in Node, Deno and Bun. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Numbers of an array that are printed; an ellipsis stands for the others. */
const SHOWN = 10;

/** The text of an object at this moment; `whole` is true where it may take several lines. */
type Text<T> = (self: T, whole: boolean) => string;

/**
 * Gives an object the text that console.log prints and String() returns. The methods are not
 * enumerable, so that copies and comparisons of plain data do not see them.
 * @param target an object, or the prototype of many
 * @param name the text by default, and "NAME (disposed)" where `text` throws, as it does once the
 * object's memory has been given back
 */
export function inspectable<T extends object>(
  target: T,
  name: string,
  text: Text<T> = () => name,
): T {
  // Node's arguments; String() passes none. Depths are equal for the object that is logged itself,
  // and not for one inside of another, whose further lines Node would not indent.
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
 * As inspectable, and browsers' consoles show the name. Chromium and WebKit show a toStringTag that is
 * a data property; Firefox shows no object's class, but properties that are enumerable: the tag is
 * one where the object is no plain data. Chromium shows the name of a class, which minifiers shorten,
 * and not the tag unless the class extends another: that is why Engine and its kin extend Object.
 */
export function printable<T extends object>(target: T, name: string, text?: Text<T>): T {
  const enumerable = target.constructor !== Object;
  Object.defineProperty(target, Symbol.toStringTag, { value: name, enumerable, writable: true });
  return inspectable(target, name, text);
}

/** Makes an object of data: it prints as `name`, or as `text` returns, and cannot be changed. */
export function made<T extends object>(object: T, name: string, text?: Text<T>): T {
  return Object.freeze(printable(object, name, text));
}

/** An object with these methods, which consoles of browsers do not list as they would its own. */
export function withMethods<T extends object>(methods: T): T {
  return Object.create(methods) as T;
}

/** Freezes an object, but for the tag that renameDisposed changes. */
export function freezeButTag(object: object): void {
  for (const name of Object.keys(object)) Object.defineProperty(object, name, { writable: false });
  Object.preventExtensions(object);
}

/** Lets browsers' consoles show that an object has been disposed. */
export function renameDisposed(object: object): void {
  Object.assign(object, { [Symbol.toStringTag]: String(object) });
}

/** `1 thread`, `2 threads`. */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

/** A number to four digits, anything else as errors show it. */
export function short(value: unknown): string {
  return typeof value === "number" ? String(Number(value.toPrecision(4))) : describeValue(value);
}

/** The first numbers of an array: `0.5, 1, -0.3333, …`. */
export function firstOf(data: ArrayLike<number>): string {
  const length = Math.min(SHOWN, data.length);
  const texts = Array.from({ length }, (_, i) => short(data[i]));
  return (length < data.length ? [...texts, "…"] : texts).join(", ");
}

/** The shape and first numbers of an array: `[2, 2]: 0.5, 1, -0.3333, 0`. */
export function numbers({ shape, data }: { shape: Shape; data: Float32Array }): string {
  return `${describe(shape)}: ${firstOf(data)}`;
}

/** A value as it is made, or else as errors show it. */
function valueText(value: unknown): string {
  return INSPECT in (Object(value) as object) ? String(value) : describeValue(value);
}

/** A call as it is written: `adam({ learningRate: 0.001 })`; without what is undefined. */
export function call(name: string, ...args: readonly unknown[]): string {
  const texts = args.flatMap((arg) => {
    const object = Object(arg) as object;
    if (object.constructor !== Object || INSPECT in object) return valueText(arg);
    // Of an object of options, which Object(undefined) is without any, those that are given.
    const options = Object.entries(object)
      .filter(([, option]) => option !== undefined)
      .map(([option, value]) => `${option}: ${valueText(value)}`);
    return options.length > 0 ? `{ ${options.join(", ")} }` : [];
  });
  return `${name}(${texts.join(", ")})`;
}
