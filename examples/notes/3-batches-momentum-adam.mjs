// Note 3: a two-layer network of ReLU in matrix form, mini-batches, momentum, Adam.
// Run: node examples/notes/3-batches-momentum-adam.mjs   (after npm run build)
import { adam, bceWithLogits, createEngine, dense, mse, sequential, sgd, zeros } from "gradlane";
import {
  each,
  logLoss,
  plus,
  product,
  relu,
  rowSums,
  sigmoid,
  sum,
  transpose,
} from "./by-hand.mjs";
import { say, table, title } from "./print.mjs";
import { unflatten, watch } from "./watch.mjs";

const engine = await createEngine();

const names = ["W1", "b1", "W2", "b2"];
const start = {
  W1: [
    [0.5, -0.75],
    [-0.25, 1],
    [1.25, 0.5],
  ],
  b1: [[0.25], [-0.125], [0.5]],
  W2: [[0.75, -1, 0.5]],
  b2: [[-0.375]],
};
const X4 = [
  [1, -0.5, 0.25, 2],
  [0.5, 1.5, -1, -0.75],
];
const Y4 = [[1, 0, 0, 1]];

/** Ŷ = σ(W2 max(0, W1 X + b1) + b2) by hand, the mean loss of the columns, and its gradients. */
function derive({ W1, b1, W2, b2 }, X, Y) {
  const m = Y[0].length;
  const Z1 = plus(product(W1, X), b1);
  const A1 = each(relu, Z1);
  const Yhat = each(sigmoid, plus(product(W2, A1), b2));
  const dZ2 = each((a, y) => (a - y) / m, Yhat, Y);
  const dA1 = product(transpose(W2), dZ2);
  const dZ1 = each((da, z) => (z > 0 ? da : 0), dA1, Z1);
  const gradients = {
    W1: product(dZ1, transpose(X)),
    b1: rowSums(dZ1),
    W2: product(dZ2, transpose(A1)),
    b2: rowSums(dZ2),
  };
  return { A1, Yhat, J: sum(each(logLoss, Yhat, Y)) / m, dZ2, dA1, dZ1, gradients };
}

/** The network as a model. A model takes examples as rows, so that its weights are Wᵀ. */
function compile(optimizer, batchSize) {
  const net = sequential([dense(3, { activation: "relu" }), dense(1)]);
  const model = engine.compile(net, {
    inputShape: [2],
    loss: bceWithLogits(),
    optimizer,
    batchSize,
  });
  names.forEach((name, i) => model.parameters[i].data.set(transpose(start[name]).flat()));
  return model;
}

/** A model's parameter in columns, as the note has it. */
function columnsOf(model, name) {
  const value = unflatten(model.parameters[names.indexOf(name)]);
  return Array.isArray(value[0]) ? transpose(value) : value.map((x) => [x]);
}

const flat = (X) => Float32Array.from(transpose(X).flat());

title("Matrix form, m = 4 examples as columns");
{
  const { g, parameter, constant, see, run, value, d } = watch(engine);
  const first = g.matmul(parameter("W1", start.W1), constant(X4));
  const A1 = see("A1", g.relu(see("Z1", g.add(first, parameter("b1", start.b1)))));
  const second = g.matmul(parameter("W2", start.W2), A1);
  const Yhat = see("Ŷ", g.sigmoid(see("Z2", g.add(second, parameter("b2", start.b2)))));
  const J = run(g.bce(Yhat, constant(Y4)));
  const hand = derive(start, X4, Y4);
  const W2OfSum = each((x) => 4 * x, hand.gradients.W2);
  table([
    ["A1", "max(0, W1 X + b1)", hand.A1, value("A1")],
    ["Ŷ", "σ(W2 A1 + b2)", hand.Yhat, value("Ŷ")],
    ["J", "1/m Σ L", hand.J, J],
    ["dZ2", "1/m (Ŷ - Y)", hand.dZ2, d("Z2")],
    ["dW2", "dZ2·A1ᵀ", hand.gradients.W2, d("W2")],
    ["", "no 1/m (line 87)", W2OfSum, d("W2"), "slip"],
    ["db2", "row sums of dZ2", hand.gradients.b2, d("b2")],
    ["dA1", "W2ᵀ·dZ2", hand.dA1, d("A1")],
    ["dZ1", "dA1 ∘ 1{Z1 > 0}", hand.dZ1, d("Z1")],
    ["dW1", "dZ1·Xᵀ", hand.gradients.W1, d("W1")],
    ["db1", "row sums of dZ1", hand.gradients.b1, d("b1")],
  ]);
}

title("The slope of ReLU at exactly 0");
{
  const slopeOf = (slopeAtZero) => {
    const { g, parameter, run, d } = watch(engine);
    run(g.sum(g.relu(parameter("z", [-1, 0, 1]), slopeAtZero)));
    return d("z");
  };
  say("No derivative exists there. Note 1 takes 0, as PyTorch and others; this one takes 1.");
  table([
    ["z", "", [-1, 0, 1], [-1, 0, 1]],
    ["slope", "1{z > 0}, g.relu(z)", [0, 0, 1], slopeOf()],
    ["slope", "1{z >= 0}, g.relu(z, 1)", [0, 1, 1], slopeOf(1)],
  ]);
}

title("Mini-batches: m = 7, batches of 3, two epochs, α = 0.25");
{
  const X = [
    [1, -0.5, 0.25, 2, -1.5, 0.75, 1.25],
    [0.5, 1.5, -1, -0.75, 0.25, 2, -0.5],
  ];
  const Y = [[1, 0, 0, 1, 0, 1, 1]];
  const alpha = 0.25;
  const model = compile(sgd({ learningRate: alpha }), 3);
  const losses = [];
  await model.fit(
    { x: flat(X), y: flat(Y) },
    { epochs: 2, batchSize: 3, shuffle: false, onBatchEnd: ({ loss }) => losses.push(loss) },
  );
  let weights = start;
  const lines = [];
  for (const epoch of [1, 2]) {
    for (const [from, to] of [
      [0, 3],
      [3, 6],
      [6, 7],
    ]) {
      const batch = (rows) => rows.map((row) => row.slice(from, to));
      const { J, gradients } = derive(weights, batch(X), batch(Y));
      const what = `epoch ${epoch}, examples ${from + 1}..${to}`;
      lines.push([what, "1/m_B Σ L", J, losses[lines.length]]);
      weights = descend(weights, gradients, (w, g) => w - alpha * g);
    }
  }
  say("A step is one batch, an epoch three steps; the last batch has one example.");
  table([...lines, ...names.map((name) => [name, "", weights[name], columnsOf(model, name)])]);
}

/** f of every weight, its gradient and whatever else there is for it. */
function descend(weights, gradients, f, ...others) {
  return Object.fromEntries(
    names.map((name) => [
      name,
      each(f, weights[name], gradients[name], ...others.map((other) => other[name])),
    ]),
  );
}

/** Five steps over all examples, by hand and by a model; `next` gives the weights of step t. */
function train(text, optimizer, next) {
  const model = compile(optimizer, 4);
  let weights = start;
  const lines = [];
  for (let t = 1; t <= 5; t++) {
    const { J, gradients } = derive(weights, X4, Y4);
    lines.push([`J, step ${t}`, "", J, model.trainStep(flat(X4), flat(Y4))]);
    weights = next(weights, gradients, t);
  }
  say(text);
  table([...lines, ...names.map((name) => [name, "", weights[name], columnsOf(model, name)])]);
}

/** A moving average, 0 at first: average = β average + (1 - β) f(gradient). */
function movingAverage(beta, f) {
  let average;
  return (gradients) => {
    average ??= descend(gradients, gradients, () => 0);
    average = descend(average, gradients, (old, g) => beta * old + (1 - beta) * f(g));
    return average;
  };
}

title("Momentum: m = β m + (1-β)(-∇J), β = 0.9, α = 0.25");
{
  const [alpha, beta] = [0.25, 0.9];
  const plain = movingAverage(beta, (g) => -g);
  train(
    'w = w + α m:   sgd({ momentum: 0.9, momentumForm: "average" })',
    sgd({ learningRate: alpha, momentum: beta, momentumForm: "average" }),
    (weights, gradients) => descend(weights, plain(gradients), (w, m) => w + alpha * m),
  );
  const corrected = movingAverage(beta, (g) => -g);
  train(
    'w = w + α m / (1 - βᵗ):   momentumForm: "correctedAverage"; step 1 is that of plain descent',
    sgd({ learningRate: alpha, momentum: beta, momentumForm: "correctedAverage" }),
    (weights, gradients, t) =>
      descend(weights, corrected(gradients), (w, m) => w + (alpha * m) / (1 - beta ** t)),
  );
}

/** Adam by hand: a function that gives the weights of step t. */
function adamByHand(alpha, epsilonInside) {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
  const mean = movingAverage(beta1, (g) => -g);
  const square = movingAverage(beta2, (g) => g * g);
  const root = (s) => (epsilonInside ? Math.sqrt(s + epsilon) : Math.sqrt(s) + epsilon);
  return (weights, gradients, t) => {
    const step = (w, m, s) => w + (alpha * (m / (1 - beta1 ** t))) / root(s / (1 - beta2 ** t));
    return descend(weights, mean(gradients), step, square(gradients));
  };
}

title("Adam: β₁ = 0.9, β₂ = 0.999, ε = 1e-8, α = 0.0625");
train(
  "w = w + α m̂ / √(ŝ + ε), as the note has it:   adam({ epsilonInside: true })",
  adam({ learningRate: 0.0625, epsilonInside: true }),
  adamByHand(0.0625, true),
);

title("Tiny gradients tell where ε stands: g = (2⁻¹⁷, -2⁻²⁰, 2⁻¹⁰), three steps, α = 0.125");
{
  const gradient = [2 ** -17, -(2 ** -20), 2 ** -10];
  // J = Σ w ∘ x has the gradient x, whatever w is; x is also its own target, so mse adds nothing.
  const linear = {
    kind: "linear",
    label: "linear",
    record(g, x) {
      g.addLoss(g.sum(g.mul(x, g.parameter("w", x.shape, zeros()))));
      return x;
    },
  };
  for (const epsilonInside of [true, false]) {
    const optimizer = adam({ learningRate: 0.125, epsilonInside });
    const model = engine.compile(sequential([linear]), {
      inputShape: [3],
      loss: mse(),
      optimizer,
      batchSize: 1,
    });
    let weights = { W1: [1, -0.5, 0.25], b1: [], W2: [], b2: [] };
    const next = adamByHand(0.125, epsilonInside);
    model.parameters[0].data.set(weights.W1);
    const lines = [1, 2, 3].map((t) => {
      weights = next(weights, { ...weights, W1: gradient }, t);
      model.trainStep(Float32Array.from(gradient), Float32Array.from(gradient));
      return [`w, step ${t}`, "", weights.W1, [...model.parameters[0].data]];
    });
    say(
      epsilonInside
        ? "√(ŝ + ε) damps them:"
        : "√ŝ + ε hardly does (the paper, PyTorch; adam() by default):",
    );
    table(lines);
  }
}
