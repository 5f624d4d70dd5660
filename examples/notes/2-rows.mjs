// Note 2: a 4-3-2-1 network of sigmoids; an example is a row.
// Run: node examples/notes/2-rows.mjs   (after npm run build)
import { bce, createEngine, dense, sequential, sgd } from "gradlane";
import { each, logLoss, plus, product, sigmoid, transpose } from "./by-hand.mjs";
import { say, table, title } from "./print.mjs";
import { unflatten, watch } from "./watch.mjs";

const engine = await createEngine();

const x = [[0.5, -1, 0.75, 1.5]];
const y = 1;
const W = [
  [
    [0.5, -0.25, 0.75],
    [-0.5, 1, 0.25],
    [0.125, -0.75, 0.5],
    [1, 0.375, -0.25],
  ],
  [
    [0.75, -0.5],
    [-1, 0.25],
    [0.5, 1.25],
  ],
  [[1.25], [-0.75]],
];
const b = [[[0.25, -0.125, 0]], [[-0.25, 0.5]], [[0.125]]];

/** Forward by hand: the list of z, and of a from the input on. */
function forward(W, b) {
  const [z, a] = [[], [x]];
  W.forEach((weight, i) => {
    z.push(plus(product(a[i], weight), b[i]));
    a.push(each(sigmoid, z[i]));
  });
  return { z, a };
}

title("σ(z) = 1 / (1 + e⁻ᶻ), σ'(z) = a(1 - a)");
{
  const z = [-2, -0.5, 0.5, 1];
  const { g, parameter, see, run, value, d } = watch(engine);
  run(g.sum(see("a", g.sigmoid(parameter("z", z)))));
  const a = z.map(sigmoid);
  table([
    ["z", "", z, value("z")],
    ["a", "1 / (1 + e⁻ᶻ)", a, value("a")],
    ["σ'", "a(1 - a)", a.map((ai) => ai * (1 - ai)), d("z")],
    ["", "1 / (1 - e⁻ᶻ) (line 32)", z.map((zi) => 1 / (1 - Math.exp(-zi))), value("a"), "slip"],
  ]);
}

const { z, a } = forward(W, b);
const graph = watch(engine);
{
  const { g, parameter, see } = graph;
  let node = parameter("0a", x);
  W.forEach((weight, i) => {
    const product = g.matmul(node, parameter(`${i + 1}W`, weight));
    const sum = see(`${i + 1}z`, g.add(product, parameter(`${i + 1}b`, b[i])));
    node = see(`${i + 1}a`, g.sigmoid(sum));
  });
  graph.loss = graph.run(g.bce(node, graph.constant([[y]])));
}
const { value, d } = graph;

title("Forward: z[n] = a[n-1]·W[n] + b[n], a[n] = σ(z[n])");
table([
  ...[1, 2, 3].flatMap((n) => [
    [`z[${n}]`, `a[${n - 1}]·W[${n}] + b[${n}]`, z[n - 1], value(`${n}z`)],
    [`a[${n}]`, `σ(z[${n}])`, a[n], value(`${n}a`)],
  ]),
  ["L", "-[(1-y) ln(1-ŷ) + y ln ŷ]", logLoss(a[3][0][0], y), graph.loss],
]);

title("Backward: g[nx] is the gradient of L by x in layer n");
const gradients = [];
{
  const lines = [];
  let ga = each((p) => (p - y) / (p * (1 - p)), a[3]);
  for (const n of [3, 2, 1]) {
    const gz = each((gi, ai) => gi * ai * (1 - ai), ga, a[n]);
    const gW = product(transpose(a[n - 1]), gz);
    const from = n === 3 ? "(a - y) / (a (1 - a))" : `g[${n + 1}z]·W[${n + 1}]ᵀ`;
    lines.push(
      [`g[${n}a]`, from, ga, d(`${n}a`)],
      [`g[${n}z]`, `g[${n}a] ∘ a[${n}] (1 - a[${n}])`, gz, d(`${n}z`)],
      [`g[${n}W]`, `a[${n - 1}]ᵀ·g[${n}z]`, gW, d(`${n}W`)],
      [`g[${n}b]`, `g[${n}z]`, gz, d(`${n}b`)],
    );
    if (n === 1) {
      // The second hidden neuron with the third one's weights.
      lines.push(["g[1a]₂", "row 3 of W[2] (line 250)", ga[0][2], d("1a")[0][1], "slip"]);
    }
    gradients[n - 1] = [gW, gz];
    ga = product(gz, transpose(W[n - 1]));
  }
  lines.push(["g[0a]", "g[1z]·W[1]ᵀ", ga, d("0a")]);
  table(lines);
}

const alpha = 0.5;
title(`One step of gradient descent, α = ${alpha}`);
{
  const layers = [3, 2, 1].map((units) => dense(units, { activation: "sigmoid" }));
  const model = engine.compile(sequential(layers), {
    inputShape: [4],
    loss: bce(),
    optimizer: sgd({ learningRate: alpha }),
    batchSize: 1,
  });
  W.forEach((weight, i) => {
    model.parameters[2 * i].data.set(weight.flat());
    model.parameters[2 * i + 1].data.set(b[i].flat());
  });
  say("The same network as a model: dense layers, binary cross-entropy, sgd.");
  const [inputs, labels] = [Float32Array.from(x[0]), Float32Array.of(y)];
  const before = model.trainStep(inputs, labels);
  const down = (parameter, gradient) => each((p, g) => p - alpha * g, parameter, gradient);
  const W1 = W.map((weight, i) => down(weight, gradients[i][0]));
  const b1 = b.map((bias, i) => down(bias, gradients[i][1]));
  const { loss } = await model.evaluate({ x: inputs, y: labels });
  table([
    ["L", "before", logLoss(a[3][0][0], y), before],
    ...W1.flatMap((weight, i) => [
      [`W[${i + 1}]`, "W - α g[W]", weight, unflatten(model.parameters[2 * i])],
      [`b[${i + 1}]`, "b - α g[b]", b1[i], [unflatten(model.parameters[2 * i + 1])]],
    ]),
    ["L", "after", logLoss(forward(W1, b1).a[3][0][0], y), loss],
  ]);
}
