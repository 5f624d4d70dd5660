import { convolutionWorks } from "../../../src/cli/bench/convolution.ts";
import { kernelWorks } from "../../../src/cli/bench/kernel-works.ts";
import { recurrentWorks } from "../../../src/cli/bench/recurrent.ts";
import { sgemmWorks } from "../../../src/cli/bench/sgemm.ts";
import type { Work, WorkGroup } from "../../../src/cli/bench/work.ts";
import { type Tile, TILES, tileSize } from "../../../src/wasm/tiles.ts";

/** The product that tiles are compared by, large enough for all of them to be at their best. */
const SHAPE = "sgemm 384x384x384";

export function tileName(tile: Tile): string {
  return `${SHAPE} tile ${tile}`;
}

/** A product by a tile that may not be the fastest here; it sets the tile with each call. */
function byTile(tile: Tile): Work {
  const product = sgemmWorks.works.find(({ name }) => name === SHAPE)!;
  return {
    ...product,
    name: tileName(tile),
    prepare(bench) {
      const { run, ...prepared } = product.prepare(bench);
      const withTile = (call: () => unknown) => () => {
        bench.kernels.setTile(...tileSize(tile));
        call();
      };
      return { ...prepared, run: withTile(run), warmUp: withTile(prepared.warmUp!) };
    },
  };
}

export const tileWorks: WorkGroup = {
  name: "tiles",
  summary: "the register tiles of the matrix product, rows x columns",
  works: TILES.map(byTile),
};

/**
 * Works that the command line measures, except starts of processes, and layers of convolutions and
 * recurrent layers, whose minutes nobody waits for on a page.
 */
export const commonWorks: readonly WorkGroup[] = kernelWorks.filter(
  (group) => group !== convolutionWorks && group !== recurrentWorks,
);

/** Works of the page, the tiles last. */
export const workGroups: readonly WorkGroup[] = [...commonWorks, tileWorks];
