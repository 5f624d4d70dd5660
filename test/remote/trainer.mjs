// What the tests have a worker train: digits, by a network of the page's choice.
import { adam, crossEntropy, dense, sequential, serveTraining } from "../../dist/index.js";
import { loadDigits } from "../../dist/digits.js";

/** Lets events come for some milliseconds after each step. */
function slow(milliseconds) {
  return { onBatchEnd: () => new Promise((resolve) => setTimeout(resolve, milliseconds)) };
}

/** A callback whose hook rejects. */
function failing(hook, error) {
  return { [hook]: () => Promise.reject(error) };
}

/** Mistakes of the plan that the page can ask for, by the place where they are found. */
const failures = {
  planner() {
    throw new RangeError("from the planner");
  },
  rejects: () => Promise.reject(new Error("from the planner")),
  string: () => Promise.reject("enough"),
  nothing: () => Promise.reject(),
  never: () => new Promise(() => undefined),
  strange: () => Promise.reject(Object.assign(new Error(), { message: () => "odd" })),
  onEpochEnd: () => failing("onEpochEnd", new TypeError("from a callback")),
  onBatchEnd: () => failing("onBatchEnd", new Error("from a promise")),
  thenable: () => ({
    onBatchEnd: () => ({ then: (_, reject) => reject(new Error("from a thenable")) }),
  }),
};

serveTraining(async ({ units = 32, loads = false, stepMs = 0, fails } = {}) => ({
  network: sequential([dense(units, { activation: "relu" }), dense(10)]),
  compile: { inputShape: [64], loss: crossEntropy(), optimizer: adam(), metrics: ["accuracy"] },
  ...(loads && { data: (await loadDigits()).train }),
  ...(stepMs > 0 && { callbacks: [slow(stepMs)] }),
  ...(fails && { callbacks: [await failures[fails]()] }),
}));
