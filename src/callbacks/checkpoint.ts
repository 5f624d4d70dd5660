import { checkOptions, flag, oneOf, objectWith, text, whole } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import { makeFolder } from "../io/files.ts";
import { folderStore } from "../stores/folder.ts";
import type { CheckpointStore } from "../stores/store.ts";
import type { Callback, FitContext } from "../training/callbacks.ts";
import { improves, modeOf, monitored } from "./monitor.ts";

/** Options of checkpoint: where it keeps them, when, and how many. */
export interface CheckpointOptions {
  /** Folder of the checkpoints, for Node, Deno and Bun, which is made if there is none; or a store. */
  readonly path?: string;
  /** Place of the checkpoints, such as opfsStore("run") in a browser; instead of a path. */
  readonly store?: CheckpointStore;
  /** Steps between checkpoints within an epoch, besides the one at its end; by default there are none. */
  readonly every?: number;
  /** Number of checkpoints that are kept, the latest ones; 2 by default. */
  readonly keep?: number;
  /**
   * Number of an epoch, such as "validationLoss", by which the best epoch is told: its checkpoint is kept
   * as best.safetensors, too.
   */
  readonly best?: string;
  /** Direction in which `best` improves; the name tells it for losses and the metrics of this package. */
  readonly mode?: "min" | "max";
  /**
   * True to go on from the latest checkpoint if there is one; true by default. With false, there may be
   * none.
   */
  readonly resume?: boolean;
}

/** Checkpoints of a fit, and which of them it went on from. */
export interface Checkpoint extends Callback {
  /** Name of the checkpoint that the last fit went on from; undefined if it started anew. */
  readonly resumedFrom: string | undefined;
  /** Index of the best epoch so far, if `best` is given. */
  readonly bestEpoch: number | undefined;
}

const NAME = /^step-(\d{10})\.safetensors$/;
const BEST = "best.safetensors";

/** Returns the names of the latest checkpoints of a store, the oldest first. */
async function checkpointsOf(store: CheckpointStore): Promise<string[]> {
  return (await store.list()).filter((name) => NAME.test(name)).sort();
}

function readOptions(options: CheckpointOptions): CheckpointOptions {
  const chosen = checkOptions("checkpoint", options, {
    path: text(),
    store: objectWith("write", 'a store such as opfsStore("run")'),
    every: whole(1),
    keep: whole(1),
    best: text(),
    mode: oneOf("min", "max"),
    resume: flag(),
  });
  if ((chosen.path === undefined) === (chosen.store === undefined)) {
    const came = chosen.path === undefined ? "none" : "both";
    throw new TypeError(`checkpoint: expected a path or a store, got ${came}`);
  }
  return chosen;
}

/** Writes checkpoints and removes those that are too many. */
class Keeper {
  readonly #store: CheckpointStore;
  readonly #keep: number;

  constructor(store: CheckpointStore, keep: number) {
    this.#store = store;
    this.#keep = keep;
  }

  /** Goes on from the latest checkpoint; returns its name. @throws as FitContext.resume */
  async resume(context: FitContext): Promise<string | undefined> {
    const name = (await checkpointsOf(this.#store)).at(-1);
    const bytes = name === undefined ? undefined : await this.#store.read(name);
    if (bytes) await context.resume(bytes, `checkpoint ${name}`);
    return bytes && name;
  }

  /** @throws RangeError if there are checkpoints, which a fit from the start would mix with its own */
  async checkEmpty(): Promise<void> {
    const name = (await checkpointsOf(this.#store)).at(-1);
    if (name === undefined) return;
    const expected = "a place without checkpoints for resume: false";
    throw new RangeError(`checkpoint: expected ${expected}, it has ${name}`);
  }

  /** Keeps a checkpoint of a step: older ones go once it is whole. */
  async write(step: number, bytes: Uint8Array): Promise<void> {
    await this.#store.write(`step-${String(step).padStart(10, "0")}.safetensors`, bytes);
    const names = await checkpointsOf(this.#store);
    for (const name of names.slice(0, -this.#keep)) await this.#store.remove(name);
  }

  async writeBest(bytes: Uint8Array): Promise<void> {
    await this.#store.write(BEST, bytes);
  }
}

/**
 * Keeps checkpoints of a fit, from which the same program, started again after a crash, goes on at the
 * same epoch and batch: the training ends with the bits of one that was not interrupted. A checkpoint
 * has weights, optimizer, random state, history and the states of the other callbacks of this package,
 * and is a file for model.load as well. It is written whole or not at all, before older ones are
 * removed; the step after waits for it. Give each fit a place of its own.
 * @throws TypeError unless there is a path or a store, or for options of another type; in fit, for a path
 *   in a browser
 * @throws RangeError for an option that is out of range or unknown; in fit, if a checkpoint cannot be read
 *   or written, such as to a full disk, or is of another network, optimizer or size of batches
 * @example
 * const saved = checkpoint({ path: "run", every: 100, best: "validationLoss" });
 * await model.fit(train, { epochs: 2, validation: test, callbacks: [saved] });
 * await model.load("run/best.safetensors");
 */
export function checkpoint(options: CheckpointOptions): Checkpoint {
  const chosen = readOptions(options);
  const { path, every = Infinity, keep = 2, best: monitor, resume = true } = chosen;
  const mode = chosen.mode ?? (monitor === undefined ? "min" : modeOf("checkpoint", monitor));
  const store = chosen.store ?? folderStore(path!);
  const keeper = new Keeper(store, keep);
  let resumedFrom: string | undefined;
  let best: number | undefined;
  let bestEpoch: number | undefined;
  let step = 0;
  const shown = call("checkpoint", chosen);
  return immutable<Checkpoint>(
    {
      get resumedFrom() {
        return resumedFrom;
      },
      get bestEpoch() {
        return bestEpoch;
      },
      // What it saves, other callbacks may have changed in the same moment.
      isLast: true,
      async onTrainBegin(context) {
        resumedFrom = best = bestEpoch = undefined;
        step = 0;
        if (path !== undefined) await makeFolder(path, 'use store: opfsStore("run")');
        if (resume) resumedFrom = await keeper.resume(context);
        else await keeper.checkEmpty();
      },
      onBatchEnd(batch, context) {
        ({ step } = batch);
        if ((batch.batch + 1) % every !== 0) return undefined;
        return context.saveCheckpoint().then((bytes) => keeper.write(step, bytes));
      },
      async onEpochEnd(epoch, context) {
        const value = monitor === undefined ? NaN : monitored("checkpoint", epoch, monitor);
        const isBest = improves(value, best, mode, 0);
        if (isBest) [best, bestEpoch] = [value, epoch.epoch];
        const bytes = await context.saveCheckpoint();
        // A crash between the two goes on from before this epoch, and comes by here again.
        if (isBest) await keeper.writeBest(bytes);
        await keeper.write(step, bytes);
      },
      getState: () => ({ step, best, bestEpoch }),
      setState(state) {
        step = state.step as number;
        best = state.best as number | undefined;
        bestEpoch = state.bestEpoch as number | undefined;
      },
    },
    shown,
    () => (resumedFrom === undefined ? shown : `${shown}: resumed from ${resumedFrom}`),
  );
}
