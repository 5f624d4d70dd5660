import type { Kind, NetworkSettings } from "./network.ts";

/** Contents of the form. */
export interface Choice extends NetworkSettings {
  readonly threads: number | "auto";
  readonly isSlow: boolean;
}

export function chosen(form: HTMLFormElement): Choice {
  const data = new FormData(form);
  const text = (name: string): string => String(data.get(name));
  const threads = text("threads");
  const kind = text("kind") as Kind;
  return {
    kind,
    units: Number(text(kind === "dense" ? "units" : "filters")),
    learningRate: Number(text("learningRate")),
    threads: threads === "auto" ? threads : Number(threads),
    isSlow: text("pace") === "slow",
  };
}

/** Shows those of the elements with data-kind that are for networks of a kind. */
export function showFor(kind: Kind, elements: Iterable<HTMLElement>): void {
  for (const element of elements) element.hidden = element.dataset.kind !== kind;
}
