import { byId, formatPercent } from "../page.ts";

/** Milliseconds between guesses in words: those who hear the page hear each of them. */
const SAY_EVERY = 700;

/** The bars that show how sure the network is of each digit. */
export class Scores {
  readonly #rows: readonly { item: Element; bar: HTMLElement; text: Element }[];
  readonly #verdict = byId("verdict");
  #isWaiting = false;
  #next = "";

  constructor(list: HTMLElement, classes: number) {
    this.#rows = Array.from({ length: classes }, (_, digit) => {
      const item = document.createElement("li");
      item.innerHTML = `<span>${digit}</span><span class="bar"><span></span></span><span></span>`;
      list.append(item);
      return {
        item,
        bar: item.querySelector<HTMLElement>(".bar span")!,
        text: item.lastElementChild!,
      };
    });
    this.show(undefined, false);
  }

  /** @param probabilities none while nothing is drawn */
  show(probabilities: ArrayLike<number> | undefined, isTrained: boolean): void {
    const all = Array.from(probabilities ?? []);
    const best = all.indexOf(Math.max(...all));
    this.#rows.forEach(({ item, bar, text }, digit) => {
      const probability = all[digit] ?? 0;
      item.classList.toggle("best", digit === best);
      bar.style.transform = `scaleX(${probability})`;
      text.textContent = probabilities ? formatPercent(probability) : "–";
    });
    this.#say(verdictOf(best, all[best], isTrained));
  }

  /** Says the last of what there is to say, now and then. */
  #say(text: string): void {
    this.#next = text;
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    setTimeout(() => {
      this.#isWaiting = false;
      if (this.#verdict.textContent !== this.#next) this.#verdict.textContent = this.#next;
    }, SAY_EVERY);
  }
}

function verdictOf(digit: number, probability: number | undefined, isTrained: boolean): string {
  if (probability === undefined) return "Draw something to see what the network makes of it.";
  if (!isTrained) return "Not trained yet: these are the guesses of random weights.";
  const surety = probability > 0.9 ? "It is a" : probability > 0.5 ? "Probably a" : "Maybe a";
  return `${surety} ${digit}: ${formatPercent(probability)}.`;
}
