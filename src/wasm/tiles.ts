import { TILES } from "../../build/constants.ts";

export { TILES };

/** A register tile of the matrix kernel, rows x columns; see assembly/gemm/tiles.ts. */
export type Tile = (typeof TILES)[number];

/** Rows and columns of a tile. */
export function tileSize(tile: Tile): [rows: number, columns: number] {
  return tile.split("x").map(Number) as [number, number];
}
