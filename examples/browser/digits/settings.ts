import { byId } from "../page.ts";
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

/** Leaves one thread where a page may not share memory, and says why. */
export function limitThreads(form: HTMLFormElement): void {
  if (crossOriginIsolated) return;
  const select = form.elements.namedItem("threads") as HTMLSelectElement;
  for (const option of select.options) option.disabled = option.value !== "1";
  const note = byId("isolation");
  note.hidden = false;
  note.textContent =
    "One thread only: this page is not cross-origin isolated, so its workers may not share memory. " +
    "Its server would have to send the headers Cross-Origin-Opener-Policy: same-origin and " +
    "Cross-Origin-Embedder-Policy: require-corp.";
}
