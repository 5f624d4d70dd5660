// What a service worker does with the package. It is given the library, as it is to take it from one file
// or another.
const relu = { activation: "relu" };

/** Some pieces of a training that are parts of their own, and what came of each. */
export async function use(library, loadDigits) {
  const { adam, createEngine, crossEntropy, dense, sequential } = library;
  const { train, test } = await loadDigits();
  const engine = await createEngine({ threads: 2, revectorize: true });
  const network = sequential([dense(64, relu), dense(10)]);
  const [loss, optimizer, metrics] = [crossEntropy(), adam(), ["accuracy"]];
  const options = { inputShape: [64], loss, optimizer, metrics, seed: 5, checkFinite: true };
  const [model, copy] = [1, 2].map(() => engine.compile(network, options));
  const fit = { epochs: 3, batchSize: 64, microBatchSize: 16 };
  await model.fit(train, fit);
  const bytes = await model.toSafetensors({ includeOptimizer: true });
  await copy.fromSafetensors(bytes, { includeOptimizer: true });
  await model.fit(train, fit);
  await copy.fit(train, fit);
  const weights = [model, copy].map(({ parameters }) => parameters.map(({ data }) => [...data]));
  const relaxed = await createEngine({ math: "relaxed" });
  const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  const refused = await createEngine({ module: empty }).catch(String);
  const { threads, notes } = engine.info;
  const { accuracy } = await copy.evaluate(test);
  return { threads, notes, weights, accuracy, relaxed: relaxed.info.math, refused };
}

/** Has a service worker do so whenever a page asks for it, and tell it. */
export function serve(library, loadDigits) {
  globalThis.addEventListener("message", (event) => {
    const answer = use(library, loadDigits).catch(String);
    event.waitUntil(answer.then((value) => event.source.postMessage(value)));
  });
}
