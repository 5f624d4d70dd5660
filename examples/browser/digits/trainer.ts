import { serveTraining } from "gradlane";
import { trainingData } from "./data.ts";
import { type NetworkSettings, compileOptions, digitNetwork } from "./network.ts";

/** The worker that trains: it has the data, and what functions the network is made of. */

/** Message of the page to its worker while it trains. */
export interface PaceMessage {
  readonly kind: "pace";
  /** Milliseconds to wait after each step. */
  readonly wait: number;
}

const data = trainingData();

let wait = 0;

/** Waits if it is to be slow; a wait that is 0 would still cost a turn of the event loop. */
const pace = {
  onBatchEnd: () => (wait > 0 ? new Promise((resolve) => setTimeout(resolve, wait)) : undefined),
};

addEventListener("message", ({ data: message }: MessageEvent<PaceMessage>) => {
  if (message.kind === "pace") ({ wait } = message);
});

serveTraining(async (settings) => ({
  network: digitNetwork(settings as NetworkSettings),
  compile: compileOptions(settings as NetworkSettings),
  callbacks: [pace],
  ...(await data),
}));
