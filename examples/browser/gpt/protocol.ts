import type { EngineInfo } from "gradlane";
import type { Settings } from "../../gpt/network.mjs";
import type { Style } from "../../gpt/trainer.mjs";
import type { CurvePoint } from "../curves.ts";

/** Messages between the page and the worker that trains. */

/** Text to learn, and what it is called. */
export interface Book {
  readonly title: string;
  readonly text: string;
}

/** Text that the network wrote after some steps. */
export interface Sample {
  readonly step: number;
  readonly text: string;
}

/** Past of a training: its curves, and what the network wrote in it. */
export interface History {
  readonly points: CurvePoint[];
  readonly samples: Sample[];
}

export type Threads = number | "auto";

/** Message of the page to its worker. */
export type PageMessage =
  /** Opens what was saved, if something was. */
  | { readonly kind: "open"; readonly threads: Threads }
  | {
      readonly kind: "start";
      readonly book: Book;
      readonly settings: Settings;
      readonly threads: Threads;
    }
  | { readonly kind: "pause" | "resume" | "export" | "forget" }
  | { readonly kind: "write"; readonly prompt: string; readonly style: Style };

/** Network and text of a training, and how far it is. */
export interface Overview extends History {
  readonly title: string;
  readonly settings: Settings;
  readonly step: number;
  readonly parameters: number;
  /** Bytes that the model takes. */
  readonly bytes: number;
  /** Characters that are trained on, and different ones of the text. */
  readonly trained: number;
  readonly different: number;
  readonly info: EngineInfo;
}

/** State of a training. */
export type State = "training" | "paused" | "finished";

/** Message of the worker to its page. */
export type WorkerMessage =
  | { readonly kind: "opened"; readonly overview: Overview | undefined }
  | { readonly kind: "state"; readonly state: State }
  | {
      readonly kind: "trained";
      readonly step: number;
      readonly milliseconds: number;
      readonly point: CurvePoint;
    }
  | {
      readonly kind: "reported";
      readonly points: readonly CurvePoint[];
      readonly sample: Sample;
    }
  | { readonly kind: "written"; readonly text: string; readonly isDone: boolean }
  | { readonly kind: "refused"; readonly message: string }
  /** The browser did not keep the training. */
  | { readonly kind: "unkept"; readonly message: string }
  | { readonly kind: "exported"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "failed"; readonly message: string };
