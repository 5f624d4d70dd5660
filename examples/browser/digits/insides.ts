import { byId } from "../page.ts";
import { EDGE, FILTER_EDGE } from "./network.ts";
import { type Grid, gridOf, showMaps, showWeights } from "./pictures.ts";
import type { Predictor } from "./predictor.ts";
import { showFor } from "./settings.ts";
import { Subjects } from "./subjects.ts";

/** Width, in CSS pixels, from which on there is room for many pictures in a row. */
const WIDE = 560;

/**
 * Weights of full strength, as multiples of the root mean square. Those of a dense layer are many, and few of
 * them are large.
 */
const FULL = { dense: 3, convolutional: 2 } as const;

/** The panel that shows the first layer: its weights, and what a convolution finds with them. */
export class Insides {
  readonly #predictor: Predictor;
  readonly #filters = byId<HTMLCanvasElement>("filters");
  readonly #maps = byId<HTMLCanvasElement>("maps");
  readonly #subjects: Subjects;

  constructor(predictor: Predictor) {
    this.#predictor = predictor;
    this.#subjects = new Subjects(byId("subjects"), () => {
      this.#showConvolution();
    });
    new ResizeObserver(() => {
      this.show();
    }).observe(this.#filters.parentElement!);
  }

  /** Takes what is drawn, none if nothing is. */
  draw(image: Float32Array | undefined): void {
    this.#subjects.draw(image);
    if (this.#predictor.settings.kind === "convolutional") this.#showConvolution();
  }

  /** Shows the weights as they are now, or in the colours that the page has now. */
  show(): void {
    const { kind } = this.#predictor.settings;
    showFor(kind, byId("insides").querySelectorAll<HTMLElement>("[data-kind]"));
    if (kind === "dense") this.#showDense();
    else this.#showConvolution();
  }

  get #room(): number {
    return this.#filters.parentElement!.clientWidth;
  }

  #showDense(): void {
    const { units: count } = this.#predictor.settings;
    const columns = this.#room > WIDE ? (count > 128 ? 32 : 16) : count > 64 ? 16 : 8;
    const grid = gridOf(EDGE, columns, this.#room);
    this.#filters.ariaLabel = `Weights of the first layer: ${count} pictures of 8 by 8`;
    const weights = { values: this.#predictor.filters, count };
    showWeights(this.#filters, weights, grid, FULL.dense);
  }

  #showConvolution(): void {
    void this.#subjects.load();
    const { units: count } = this.#predictor.settings;
    const { name, image } = this.#subjects.chosen;
    const grid = this.#gridOfPairs(count);
    this.#filters.ariaLabel = `Filters of the first layer: ${count} pictures of 3 by 3`;
    this.#maps.ariaLabel = `Feature maps of ${name}: ${count} pictures of 8 by 8`;
    const weights = { values: this.#predictor.filters, count };
    const maps = { values: this.#predictor.featureMaps(image)!, count };
    showWeights(this.#filters, weights, grid, FULL.convolutional);
    showMaps(this.#maps, maps, grid);
  }

  /** One grid for both, so that a filter and its map have the same place. */
  #gridOfPairs(count: number): Grid {
    const columns = count > 16 && this.#room > WIDE ? 16 : 8;
    const grids = [FILTER_EDGE, EDGE].map((edge) => gridOf(edge, columns, this.#room));
    return { columns, pitch: Math.min(...grids.map(({ pitch }) => pitch)) };
  }
}
