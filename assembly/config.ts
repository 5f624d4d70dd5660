/**
 * The constants that cut loops. None of them changes the order of a sum, except KC, and that one
 * depends on k alone: so C has the same bits whatever m, n, the tile or the number of lanes.
 */

/** Longest run of k in one packed block: a strip of A (6 KB) and one of B (12 KB) stay in L1. */
@inline
export const KC: i32 = 384;

/** Rows of A packed at a time: MC x KC floats (144 KB) stay in L2. */
@inline
export const MC: i32 = 96;

/** Columns of B packed at a time: KC x NC floats (768 KB) stay in L2 or L3. */
@inline
export const NC: i32 = 512;

/** Floats of a small B (32 KB) that stays in L1: it is read where it lies, not packed. */
@inline
export const SMALL: i32 = 8192;

/** Least rows and columns of C for which packing a small B as well as A can gain anything. */
@inline
export const WIDE: i32 = 32;

/**
 * Least product of C's columns and the bytes between the rows of a transposed A for which a small B is
 * packed, and A too: each strip of B's columns reads a cache line of every row, and lines so far apart
 * evict each other.
 */
@inline
export const FAR: u64 = 131072;

/** Most rows of C for which packing B, once read, costs more than it saves. */
@inline
export const SKINNY: i32 = 8;

/** Rows of C by which products are cut into parts: fewer would cut through tiles. */
@inline
export const GRAIN: i32 = 4;

/** Most rows of C for which a transposed B is transposed in registers, once for each of them. */
@inline
export const DOTS: i32 = 2;

/** Rows of an operand that runs across k packed at a time, so that its cache lines are used up. */
@inline
export const PC: i32 = 16;
