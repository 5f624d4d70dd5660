import { formatCount } from "../page.ts";
import type { Sample } from "./protocol.ts";

/** List of what a network wrote as it learnt, the last one on top. */
export class Samples {
  readonly #list: HTMLElement;

  constructor(list: HTMLElement) {
    this.#list = list;
    this.show([]);
  }

  show(samples: readonly Sample[]): void {
    this.#list.replaceChildren(...samples.map(itemOf).toReversed());
  }

  add(sample: Sample): void {
    this.#list.prepend(itemOf(sample));
  }
}

function itemOf({ step, text }: Sample): HTMLElement {
  const item = document.createElement("li");
  const heading = document.createElement("p");
  heading.className = "hint";
  heading.textContent = `After ${formatCount(step)} steps`;
  const quote = document.createElement("blockquote");
  quote.textContent = text.trim();
  item.append(heading, quote);
  return item;
}
