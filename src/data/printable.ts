import { describeValue } from "../base/arguments.ts";
import { firstOf, inspectable } from "../base/printable.ts";

function short(value: unknown): string {
  if (!ArrayBuffer.isView(value)) return describeValue(value);
  const array = value as Uint8Array;
  return `${describeValue(array)}(${array.length}) [${firstOf(array)}]`;
}

/** Makes plain data print in one line, with the first numbers of each array. */
export function printableData<T extends object>(data: T): T {
  return inspectable(data, "", (self) => {
    const fields = Object.entries(self).map(([name, value]) => `${name}: ${short(value)}`);
    return `{ ${fields.join(", ")} }`;
  });
}
