// Trains in a worker of the page's, which starts those of its own threads.
import { trainInWorker } from "gradlane";
import { decodeSafetensors } from "gradlane/safetensors";
import { fit, report } from "./train.mjs";

/** Trains with a number of threads in the worker, and ends the worker. */
export async function trainRemotely(worker, threads) {
  const { info, weights } = await trainInWorker(worker, { ...fit, threads }).finished;
  worker.terminate();
  const { tensors } = decodeSafetensors(weights, "weights");
  return report(
    info,
    Array.from(tensors.values(), ({ data }) => data),
  );
}
