/** A part of a build: see up-to-date.mjs. */
export interface Step {
  readonly name: string;
  readonly about: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly commands: readonly (readonly string[])[];
}

export function withNeeded(steps: readonly Step[], names: readonly string[]): Step[];

export function isUpToDate(root: string, step: Step): boolean;

export function bringUpToDate(
  root: string,
  steps: readonly Step[],
  options?: { readonly force?: boolean; readonly say?: (step: Step) => void },
): Promise<string[]>;
