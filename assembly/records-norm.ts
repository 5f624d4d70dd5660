import { bytes } from "./simd";
import { channelMoments } from "./norm/batch-moments";
import { channelNorm, channelNormGrad, channelNormSums } from "./norm/batch-norm";
import { dropout } from "./random/dropout";
import { embed, embedGrad } from "./embedding";
import { LINE, ownScratch, share } from "./chunks";
import { groupNorm } from "./norm/group-norm";
import { groupNormGrad, groupNormSums } from "./norm/group-norm-gradients";
import { doubles } from "./float64";
import { CHAIN } from "./sums";

/** What the records of normalisations, embeddings and dropout call; see records.ts. */

/** The address at args + offset moved by some elements, or 0 where it is 0: an operand that is not there. */
@inline
function optional(args: usize, offset: usize, elements: i32): usize {
  const at = load<usize>(args + offset);
  return at ? at + bytes(elements) : 0;
}

/** x, weight, bias, y, stats, batch, space, channels, groups, epsilon, centred. */
export function groupNormRecord(args: usize, part: i32, parts: i32): void {
  const batch = load<i32>(args, 20);
  const groups = load<i32>(args, 32);
  groupNorm(
    load<usize>(args),
    load<usize>(args, 4),
    load<usize>(args, 8),
    load<usize>(args, 12),
    load<usize>(args, 16),
    batch,
    load<i32>(args, 24),
    load<i32>(args, 28),
    groups,
    load<f32>(args, 36),
    load<i32>(args, 40) != 0,
    share(batch * groups, 1, part, parts),
    share(batch * groups, 1, part + 1, parts),
  );
}

/** x, dy, weight, stats, dx, batch, space, channels, groups, centred. */
export function groupNormGradRecord(args: usize, part: i32, parts: i32): void {
  const batch = load<i32>(args, 20);
  const groups = load<i32>(args, 32);
  groupNormGrad(
    load<usize>(args),
    load<usize>(args, 4),
    load<usize>(args, 8),
    load<usize>(args, 12),
    load<usize>(args, 16),
    batch,
    load<i32>(args, 24),
    load<i32>(args, 28),
    groups,
    load<i32>(args, 36) != 0,
    share(batch * groups, 1, part, parts),
    share(batch * groups, 1, part + 1, parts),
  );
}

/** x, dy, stats, sums (along and plain), batch, space, channels, groups, scratch. */
export function groupNormSumsRecord(args: usize, part: i32, parts: i32): void {
  const channels = load<i32>(args, 24);
  const from = share(channels, LINE, part, parts);
  groupNormSums(
    load<usize>(args),
    load<usize>(args, 4),
    load<usize>(args, 8),
    load<usize>(args, 12),
    load<usize>(args, 12) + bytes(channels),
    load<i32>(args, 16),
    load<i32>(args, 20),
    channels,
    load<i32>(args, 28),
    from,
    share(channels, LINE, part + 1, parts),
    load<usize>(args, 32) + 4 * bytes(from),
  );
}

/** x, moments (mean and variance), the same in float64, rows, channels. */
export function channelMomentsRecord(args: usize, part: i32, parts: i32): void {
  const channels = load<i32>(args, 16);
  const from = share(channels, LINE, part, parts);
  const mean = load<usize>(args, 4) + bytes(from);
  const wideMean = load<usize>(args, 8) + doubles(from);
  channelMoments(
    load<usize>(args) + bytes(from),
    mean,
    mean + bytes(channels),
    wideMean,
    wideMean + doubles(channels),
    load<i32>(args, 12),
    share(channels, LINE, part + 1, parts) - from,
    channels,
  );
}

/** x, mean, variance, wide, weight, bias, y, rows, channels, epsilon, scratch. */
export function channelNormRecord(args: usize, part: i32, parts: i32): void {
  const channels = load<i32>(args, 32);
  const from = share(channels, LINE, part, parts);
  const wide = load<i32>(args, 12);
  channelNorm(
    load<usize>(args) + bytes(from),
    optional(args, 4, from << wide),
    load<usize>(args, 8) + bytes(from << wide),
    wide != 0,
    optional(args, 16, from),
    optional(args, 20, from),
    load<usize>(args, 24) + bytes(from),
    load<i32>(args, 28),
    share(channels, LINE, part + 1, parts) - from,
    channels,
    load<f32>(args, 36),
    load<usize>(args, 40) + 4 * bytes(from),
  );
}

/** x, dy, mean, variance, wide, sums (along and plain), rows, channels, epsilon, scratch. */
export function channelNormSumsRecord(args: usize, part: i32, parts: i32): void {
  const channels = load<i32>(args, 28);
  const from = share(channels, LINE, part, parts);
  const wide = load<i32>(args, 16);
  const along = load<usize>(args, 20) + bytes(from);
  channelNormSums(
    load<usize>(args) + bytes(from),
    load<usize>(args, 4) + bytes(from),
    load<usize>(args, 8) + bytes(from << wide),
    load<usize>(args, 12) + bytes(from << wide),
    wide != 0,
    along,
    along + bytes(channels),
    load<i32>(args, 24),
    share(channels, LINE, part + 1, parts) - from,
    channels,
    load<f32>(args, 32),
    load<usize>(args, 36) + 4 * bytes(from),
  );
}

/**
 * x, dy, mean, variance, wide, weight, sums (along and plain), dx, rows, channels, epsilon, scratch.
 */
export function channelNormGradRecord(args: usize, part: i32, parts: i32): void {
  const channels = load<i32>(args, 36);
  const from = share(channels, LINE, part, parts);
  const wide = load<i32>(args, 16);
  const along = load<usize>(args, 24) + bytes(from);
  channelNormGrad(
    load<usize>(args) + bytes(from),
    load<usize>(args, 4) + bytes(from),
    load<usize>(args, 8) + bytes(from << wide),
    load<usize>(args, 12) + bytes(from << wide),
    wide != 0,
    optional(args, 20, from),
    along,
    along + bytes(channels),
    load<usize>(args, 28) + bytes(from),
    load<i32>(args, 32),
    share(channels, LINE, part + 1, parts) - from,
    channels,
    load<f32>(args, 40),
    load<usize>(args, 44) + 4 * bytes(from),
  );
}

/**
 * old, x, y, n, kept, taken: y = kept · old + taken · x; what is larger than float32 holds counts as
 * the largest, so that one batch does not make it infinite for good.
 */
export function movingAverageRecord(args: usize, part: i32, _parts: i32): void {
  if (part) return;
  const old = load<usize>(args);
  const x = load<usize>(args, 4);
  const y = load<usize>(args, 8);
  const kept = load<f32>(args, 16);
  const taken = load<f32>(args, 20);
  for (let at: usize = 0; at < bytes(load<i32>(args, 12)); at += 4) {
    const average = kept * load<f32>(old + at) + taken * load<f32>(x + at);
    store<f32>(y + at, min<f32>(average, f32.MAX_VALUE));
  }
}

/** ids, table, y, rows, vocabulary, width, whether ids are floats. */
export function embedRecord(args: usize, part: i32, parts: i32): void {
  const rows = load<i32>(args, 12);
  const width = load<i32>(args, 20);
  const from = share(rows, 1, part, parts);
  const ids = load<usize>(args) + bytes(from);
  const y = load<usize>(args, 8) + bytes(from * width);
  const count = share(rows, 1, part + 1, parts) - from;
  embed(ids, load<usize>(args, 4), y, count, load<i32>(args, 16), width, load<i32>(args, 24) != 0);
}

/**
 * ids, dy, dtable, rows, vocabulary, width, whether ids are floats, scratch (totals, owners, states), bytes of
 * it for each lane.
 */
export function embedGradRecord(args: usize, part: i32, parts: i32): void {
  const rows = load<i32>(args, 12);
  const vocabulary = load<i32>(args, 16);
  const width = load<i32>(args, 20);
  const totals = ownScratch(args + 28);
  const owners = totals + 2 * bytes((rows / CHAIN) * width);
  embedGrad(
    load<usize>(args),
    load<usize>(args, 4),
    load<usize>(args, 8),
    rows,
    vocabulary,
    width,
    load<i32>(args, 24) != 0,
    share(vocabulary, 1, part, parts),
    share(vocabulary, 1, part + 1, parts),
    totals,
    owners,
    owners + bytes(rows / CHAIN),
  );
}

/** x, y, n, threshold, scale, state (seed low, seed high, step), stream. */
export function dropoutRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 8);
  const state = load<usize>(args, 20);
  dropout(
    load<usize>(args),
    load<usize>(args, 4),
    share(n, LINE, part, parts),
    share(n, LINE, part + 1, parts),
    load<u32>(args, 12),
    load<f32>(args, 16),
    load<u32>(state),
    load<u32>(state, 4),
    load<u32>(args, 24),
    load<u32>(state, 8),
  );
}
