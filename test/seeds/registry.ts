import { createEngine } from "../../src/index.ts";
import type { Check } from "./check.ts";

/** How each case of a note runs on gradlane, by the case's name. */
export type CaseTests = Readonly<Record<string, (check: Check) => void | Promise<void>>>;

/** The engine that every case runs on. */
export const engine = await createEngine();
