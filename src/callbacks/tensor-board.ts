import { check, text } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import { scalarsRecord, versionRecord } from "../io/event-file.ts";
import { appendFile, makeFolder, pathIn } from "../io/files.ts";
import type { Callback } from "../training/callbacks.ts";
import { numbersOf } from "./monitor.ts";

const INSTEAD = "write what onEpochEnd is given";

type Scalars = [tag: string, value: number][];

/** An event file, which is made when there is something to write. */
class EventFile {
  readonly #folder: string;
  readonly #name: string;
  #isOpen = false;

  /** @param id text that no other file has */
  constructor(folder: string, id: string) {
    this.#folder = folder;
    this.#name = `events.out.tfevents.${Math.floor(Date.now() / 1000)}.gradlane.${id}`;
  }

  async add(step: number, scalars: Scalars): Promise<void> {
    if (scalars.length === 0) return;
    const seconds = Date.now() / 1000;
    const path = pathIn(this.#folder, this.#name);
    if (!this.#isOpen) {
      await makeFolder(this.#folder);
      await appendFile(path, versionRecord(seconds));
      this.#isOpen = true;
    }
    await appendFile(path, scalarsRecord(seconds, step, scalars));
  }
}

/** Returns the numbers of an epoch by their tags: validationF1 is f1 of the validation. */
function scalarsOf(epoch: object): { train: Scalars; validation: Scalars } {
  const train: Scalars = [];
  const validation: Scalars = [];
  for (const [name, value] of numbersOf(epoch)) {
    const [, metric] = /^validation(.+)/.exec(name) ?? [];
    if (metric) validation.push([metric[0]!.toLowerCase() + metric.slice(1), value]);
    else if (name !== "epoch") train.push([name, value]);
  }
  return { train, validation };
}

/**
 * Writes the numbers of each epoch as event files of TensorBoard, a record at the end of each epoch:
 * folder/train has loss, accuracy, seconds and learningRate, folder/validation has loss and metrics of
 * the validation. TensorBoard shows the two as curves of one chart. Its step is the epoch, counted from 0.
 * Values are float32. For Node, Deno and Bun.
 * @param folder folder of the run, which is made if there is none; each fit needs its own
 * @throws TypeError unless the folder is a text; in fit, in a browser
 * @throws RangeError in fit, before the first step, if the folder cannot be made; after an epoch, if a
 *   file cannot be written
 * @example
 * // Shown by: tensorboard --logdir runs
 * const log = tensorBoard("runs/1");
 * await model.fit(train, { epochs: 3, validation: test, callbacks: [log] });
 */
export function tensorBoard(folder: string): Callback {
  check("tensorBoard", "folder", folder, text());
  let files: { readonly train: EventFile; readonly validation: EventFile } | undefined;
  return immutable<Callback>(
    {
      async onTrainBegin() {
        await makeFolder(folder, INSTEAD);
        const id = crypto.randomUUID();
        const file = (name: string) => new EventFile(pathIn(folder, name), id);
        files = { train: file("train"), validation: file("validation") };
      },
      async onEpochEnd(epoch, { model }) {
        const { train, validation } = scalarsOf(epoch);
        await files!.train.add(epoch.epoch, [...train, ["learningRate", model.learningRate]]);
        await files!.validation.add(epoch.epoch, validation);
      },
    },
    call("tensorBoard", folder),
  );
}
