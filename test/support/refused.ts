import { expect } from "vitest";
import type { Features, Model, NamedFeatures, Targets } from "../../src/index.ts";
import { weightsOf } from "../engine/fixtures.ts";

/** The ways in which a model looks at inputs, in the order of `messagesOf`. */
export const TAKERS = ["trainStep", "fit", "fit: validation", "evaluate", "predict"] as const;

interface Data {
  readonly x: Features | NamedFeatures;
  readonly y: Targets;
}

/**
 * Returns the message of the RangeError that each of the takers throws for inputs, or "taken". It expects no
 * weight to change.
 */
export async function messagesOf(model: Model, bad: Data, good: Data): Promise<string[]> {
  const before = weightsOf(model);
  const tries = [
    () => Promise.resolve().then(() => model.trainStep(bad.x, bad.y)),
    () => model.fit(bad, { epochs: 2 }),
    () => model.fit(good, { validation: bad }),
    () => model.evaluate(bad),
    () => Promise.resolve().then(() => model.predict(bad.x)),
  ];
  const texts: string[] = [];
  for (const run of tries) {
    await run().then(
      () => texts.push("taken"),
      (error: unknown) => texts.push(error instanceof RangeError ? error.message : String(error)),
    );
  }
  expect(weightsOf(model)).toEqual(before);
  return texts;
}
