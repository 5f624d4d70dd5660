import { formatCount, formatPercent } from "../page.ts";
import type { NetworkSettings } from "./network.ts";

/** A training that has come to its end. */
export interface Run extends NetworkSettings {
  readonly threads: number;
  readonly accuracy: number;
  readonly samplesPerSecond: number;
  /** Undefined where the page may not compute it: over plain HTTP, but for localhost. */
  readonly weightsSha256: string | undefined;
}

const SHOWN_DIGITS = 8;

/** The table of finished runs, the last one on top. */
export class Runs {
  readonly #body: HTMLElement;
  readonly #runs: Run[] = [];

  constructor(body: HTMLElement) {
    this.#body = body;
  }

  /** Adds a run; returns true if an earlier one has the same weights, to the bit. */
  add(run: Run): boolean {
    const { weightsSha256 } = run;
    const isKnown =
      weightsSha256 !== undefined &&
      this.#runs.some((earlier) => earlier.weightsSha256 === weightsSha256);
    if (this.#runs.length === 0) this.#body.replaceChildren();
    this.#runs.push(run);
    this.#body.prepend(rowOf(run, isKnown));
    return isKnown;
  }
}

function rowOf(run: Run, isKnown: boolean): HTMLElement {
  const { threads, kind, units, learningRate, accuracy, samplesPerSecond, weightsSha256 } = run;
  const row = document.createElement("tr");
  const cells = [
    threads,
    `${kind} ${units}`,
    learningRate,
    formatPercent(accuracy),
    formatCount(samplesPerSecond),
  ];
  const others = cells.map((text) => cell(String(text)));
  const hash = cell("");
  if (weightsSha256 === undefined) {
    hash.textContent = "needs https";
  } else {
    const code = document.createElement("code");
    code.textContent = `${weightsSha256.slice(0, SHOWN_DIGITS)}…`;
    code.title = weightsSha256;
    hash.append(code);
  }
  if (isKnown) {
    const mark = document.createElement("span");
    mark.className = "same";
    mark.textContent = " same bits";
    hash.append(mark);
  }
  row.append(hash, ...others);
  return row;
}

function cell(text: string): HTMLElement {
  const element = document.createElement("td");
  element.textContent = text;
  return element;
}
