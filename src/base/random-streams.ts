/*
 * Streams of random numbers. Those of one seed that differ in stream, step or use have nothing in common
 * (see assembly/random/philox.ts); each belongs to one of these:
 *
 * | use | streams | who draws |
 * | --- | --- | --- |
 * | 0 | 0 to 2^30 - 1 | first weights: one for each parameter of a model, then one for each buffer |
 * | 0 | 2^30 to 2^31 - 1 | bias units in weights: 2^30 after the stream of the weight |
 * | 0 | 2^31 to 2^32 - 1 | shuffles: one for each epoch |
 * | 0 | 0, at step 1 | splits of data |
 * | 0 | 2^32 - 1, from step 1 on | samples of generated text, a step for each (others of use 0 are of step 0, but for these three) |
 * | 0 | 1, from step 1 on | shares of mixup, a step for each epoch |
 * | 0 | 2, from step 1 on | order of the examples that mixup mixes |
 * | 1 | from 0 | dropout and augmentation: one for each time that a recording asks for random numbers, anew in each step |
 */

/** Distance from the stream of a weight to that of its bias unit. */
export const BIAS_UNIT_STREAM = 2 ** 30;

/** The stream of generated text, of which shuffles would reach step 0 alone. */
export const SAMPLE_STREAM = 2 ** 32 - 1;

/** The step at which stream 0 splits data; first weights are drawn at step 0. */
export const SPLIT_STEP = 1;

/** The stream of mixup's shares, of which weights have step 0 alone. */
export const MIXUP_STREAM = 1;

/** The stream of mixup's orders, likewise. */
export const MIXUP_ORDER_STREAM = 2;

/** The stream that shuffles the first epoch of a model. */
const SHUFFLE_STREAM = 2 ** 31;

/** Returns the stream that shuffles an epoch. */
export function shuffleStream(epoch: number): number {
  return SHUFFLE_STREAM + (epoch % SHUFFLE_STREAM);
}
