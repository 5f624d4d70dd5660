import { checkArguments } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import type { Callback } from "../training/callbacks.ts";

/**
 * Stops training after an epoch whose validation loss is NaN or infinite. Without it such a loss is
 * reported, and training goes on. A loss of a training step that is not finite ends fit in any case:
 * fit rejects, and the model is as it was at the last snapshot.
 * @throws TypeError for an argument
 * @example
 * const { epochs } = await model.fit(train, {
 *   epochs: 10, validation: test, callbacks: [terminateOnNaN()] });
 * epochs.length; // 10
 */
export function terminateOnNaN(): Callback;
export function terminateOnNaN(...none: unknown[]): Callback {
  checkArguments("terminateOnNaN", none);
  return immutable<Callback>(
    {
      onEpochEnd({ validationLoss = 0 }, fit) {
        if (!Number.isFinite(validationLoss)) fit.stop();
      },
    },
    call("terminateOnNaN"),
  );
}
