import { byId } from "./page.ts";

/** Leaves one thread where a page may not share memory, and says why. */
export function limitThreads(form: HTMLFormElement): void {
  if (crossOriginIsolated) return;
  const select = form.elements.namedItem("threads") as HTMLSelectElement;
  for (const option of select.options) option.disabled = option.value !== "1";
  select.value = "1";
  const note = byId("isolation");
  note.hidden = false;
  note.textContent =
    "One thread only: this page is not cross-origin isolated, so its workers may not share memory. " +
    "Its server would have to send the headers Cross-Origin-Opener-Policy: same-origin and " +
    "Cross-Origin-Embedder-Policy: require-corp.";
}
