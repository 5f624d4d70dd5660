import { createEngine } from "../../src/index.ts";
import type { Check } from "./check.ts";

/** Functions that run the cases of a note on gradlane, by the case's name. */
export type CaseTests = Readonly<Record<string, (check: Check) => void | Promise<void>>>;

/** The engine that every case runs on. */
export const engine = await createEngine();
