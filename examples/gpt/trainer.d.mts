import type { Engine, Model } from "gradlane";
import type { Settings } from "./network.mjs";
import type { Alphabet, Windows } from "./text.mjs";

/** Options of a text that is written. */
export interface Style {
  readonly count: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed?: number;
}

export class Trainer {
  readonly settings: Settings;
  readonly alphabet: Alphabet;
  readonly train: Int32Array;
  readonly validation: Windows;
  readonly model: Model;
  readonly step: number;
  readonly isDone: boolean;
  constructor(engine: Engine, text: string, settings: Settings, alphabet?: Alphabet);
  static resume(
    engine: Engine,
    text: string,
    bytes: Uint8Array,
    changes?: Partial<Settings>,
  ): Promise<Trainer>;
  trainStep(): number;
  validationLoss(windows?: number): Promise<number>;
  write(prompt: string, style: Style): Generator<string, void>;
  save(): Promise<Uint8Array<ArrayBuffer>>;
}
