/**
 * The constants that cut loops. None of them changes the order of a sum, except KC, and that one
 * depends on k alone: so C has the same bits whatever m, n, the tile or the number of lanes.
 */

/** Rows of C in a register tile: 4 x 8 leaves 8 accumulators, 2 of B and 1 of A in 16 registers. */
@inline
export const MR: i32 = 4;

/** Columns of C in a register tile: two vectors. */
@inline
export const NR: i32 = 8;

/** Longest run of k in one packed block: a strip of A (6 KB) and one of B (12 KB) stay in L1. */
@inline
export const KC: i32 = 384;

/** Rows of A packed at a time: MC x KC floats (144 KB) stay in L2. */
@inline
export const MC: i32 = 96;

/** Columns of B packed at a time: KC x NC floats (768 KB) stay in L2 or L3. */
@inline
export const NC: i32 = 512;
