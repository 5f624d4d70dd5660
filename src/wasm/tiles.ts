/** The register tiles of the matrix kernel, rows x columns; see assembly/gemm/tiles.ts. */
export const TILES = ["4x8", "3x8", "5x8", "6x8", "3x12", "2x16", "4x16"] as const;

export type Tile = (typeof TILES)[number];

/** Rows and columns of a tile. */
export function tileSize(tile: Tile): [rows: number, columns: number] {
  return tile.split("x").map(Number) as [number, number];
}
