// Note 5: an m-d-t network with several yes-or-no outputs; the bias is the weight of a unit a₀ = 1.
// Run: node examples/notes/5-multi-label-bias-units.mjs   (after npm run build)
import { bce, createEngine, dense, sequential, sgd } from "gradlane";
import { each, logLoss, product, sigmoid, sum, transpose } from "./by-hand.mjs";
import { say, table, title } from "./print.mjs";
import { unflatten, watch } from "./watch.mjs";

const engine = await createEngine();

// m = 3 inputs, d = 4 hidden units, t = 2 outputs; row 0 of each weight is the bias unit's.
const X = [
  [0.5, -1, 1.5],
  [-0.25, 2, 0.75],
  [1.75, 0.5, -1.25],
];
const Y = [
  [1, 0],
  [0, 1],
  [1, 1],
];
const Wh = [
  [0.25, -0.5, 0.125, 0.75],
  [0.5, -0.25, 1, -0.75],
  [-1, 0.75, 0.25, 0.5],
  [0.375, 1.25, -0.5, 0.25],
];
const Wout = [
  [-0.25, 0.5],
  [0.75, -1],
  [-0.5, 0.25],
  [1.25, 0.5],
  [0.125, -0.75],
];

const withBiasUnit = (a) => a.map((row) => [1, ...row]);

/** Forward and backward by hand. */
function derive(X, Y) {
  const Ain = withBiasUnit(X);
  const Zh = product(Ain, Wh);
  const Ah = withBiasUnit(each(sigmoid, Zh));
  const Zout = product(Ah, Wout);
  const Aout = each(sigmoid, Zout);
  const J = sum(each(logLoss, Aout, Y));
  const dOut = each((a, y) => a - y, Aout, Y);
  // The bias unit has no input: its weights, row 0, take no part in going back.
  const dAh = product(dOut, transpose(Wout.slice(1)));
  const dh = each((da, z) => da * sigmoid(z) * (1 - sigmoid(z)), dAh, Zh);
  const dWout = product(transpose(Ah), dOut);
  return { Zh, Zout, Aout, J, dOut, dWout, dh, dWh: product(transpose(Ain), dh) };
}

/** The same as a graph, printed beside it. */
function show(X, Y) {
  const { g, parameter, constant, see, run, value, d } = watch(engine);
  const ones = constant(X.map(() => [1]));
  const zh = see("zh", g.matmul(g.concat([ones, constant(X)], 1), parameter("Wh", Wh)));
  const ah = g.concat([ones, see("ah", g.sigmoid(zh))], 1);
  const aout = see("aout", g.sigmoid(see("zout", g.matmul(ah, parameter("Wout", Wout)))));
  const loss = run(g.bce(aout, constant(Y), "sum"));
  const hand = derive(X, Y);
  const lines = [
    ["Z(h)", "[1 X]·W(h)", hand.Zh, value("zh")],
    ["A(h)", "σ(Z(h))", each(sigmoid, hand.Zh), value("ah")],
    ["Z(out)", "[1 A(h)]·W(out)", hand.Zout, value("zout")],
    ["A(out)", "σ(Z(out))", hand.Aout, value("aout")],
    ["J", "Σ L over all outputs", hand.J, loss],
    ["δ(out)", "A(out) - Y", hand.dOut, d("zout")],
    ["dW(out)", "[1 A(h)]ᵀ·δ(out)", hand.dWout, d("Wout")],
    ["δ(h)", "δ(out)·W(out)ᵀ ∘ a(1-a)", hand.dh, d("zh")],
    ["dW(h)", "[1 X]ᵀ·δ(h)", hand.dWh, d("Wh")],
  ];
  if (X.length === 1) {
    const literal = each((a, y) => -y * Math.log(a) + (1 - y) * Math.log(1 - a), hand.Aout, Y);
    lines.splice(5, 0, ["", "one minus (line 19)", sum(literal), loss, "slip"]);
  }
  table(lines);
}

title("One example");
say("L = -[y ln a + (1-y) ln(1-a)] for each output; 1 is the bias unit, W's row 0 its weights.");
show(X.slice(0, 1), Y.slice(0, 1));
say("Row 0 of dW(out), the bias weights that the note promises (line 106), is δ(out): a₀ = 1.");

title("Three examples: the gradients of each are added up");
show(X, Y);
{
  const parts = X.map((x, i) => derive([x], [Y[i]]).dWout);
  const model = engine.compile(
    sequential([4, 2].map((units) => dense(units, { activation: "sigmoid", biasUnit: true }))),
    { inputShape: [3], loss: bce({ reduction: "sum" }), optimizer: sgd(), batchSize: 3 },
  );
  model.parameters[0].data.set(Wh.flat());
  model.parameters[1].data.set(Wout.flat());
  const data = { x: Float32Array.from(X.flat()), y: Float32Array.from(Y.flat()) };
  await model.fit(data, { batchSize: 3, microBatchSize: 1, shuffle: false });
  const { grad, shape } = model.parameters[1];
  say("As a model, dense(2, { biasUnit: true }), with one example at a time: microBatchSize 1.");
  table([
    [
      "dW(out)",
      "Σ [1 a(h)]ᵀ·δ(out)",
      each((...x) => sum(x), ...parts),
      unflatten({ data: grad, shape }),
    ],
  ]);
}
