import type { Step } from "./up-to-date.mjs";

export const steps: readonly Step[];
