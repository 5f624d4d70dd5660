// Note 4: a 2-3-1 network of sigmoids; an example is a column, Z = W·X + b.
// Run: node examples/notes/4-columns.mjs   (after npm run build)
import { createEngine } from "gradlane";
import { each, logLoss, plus, product, rowSums, sigmoid, sum, transpose } from "./by-hand.mjs";
import { say, table, title } from "./print.mjs";
import { watch } from "./watch.mjs";

const engine = await createEngine();

const W1 = [
  [0.5, -1],
  [0.75, 0.25],
  [-0.5, 1.25],
];
const b1 = [[0.125], [-0.25], [0.5]];
const W2 = [[1, -0.75, 0.5]];
const b2 = [[0.25]];

/** The network on columns X with targets T; the loss is their sum, or their mean. */
function derive(X, T, reduction) {
  const { g, parameter, constant, see, run, value, d } = watch(engine);
  const layer = (i, W, input, b) => {
    const product = g.matmul(parameter(`W${i}`, W), input);
    const z = see(`Z${i}`, g.add(product, parameter(`b${i}`, b)));
    return see(`A${i}`, g.sigmoid(z));
  };
  const prediction = layer(2, W2, layer(1, W1, parameter("X", X), b1), b2);
  const loss = run(g.bce(prediction, constant(T), reduction));

  const scale = reduction === "mean" ? 1 / T[0].length : 1;
  const Z1 = plus(product(W1, X), b1);
  const A1 = each(sigmoid, Z1);
  const Z2 = plus(product(W2, A1), b2);
  const A2 = each(sigmoid, Z2);
  const dZ2 = each((a, t) => scale * (a - t), A2, T);
  const dA1 = product(transpose(W2), dZ2);
  const dZ1 = each((da, a) => da * a * (1 - a), dA1, A1);
  const factor = reduction === "mean" ? "1/n " : "";
  table([
    ["Z1", "W1·X + b1", Z1, value("Z1")],
    ["A1", "σ(Z1)", A1, value("A1")],
    ["Z2", "W2·A1 + b2", Z2, value("Z2")],
    ["A2", "σ(Z2)", A2, value("A2")],
    ["J", `${factor}Σ -t ln a - (1-t) ln(1-a)`, scale * sum(each(logLoss, A2, T)), loss],
    ["dZ2", `${factor}(A2 - T)`, dZ2, d("Z2")],
    ["dW2", "dZ2·A1ᵀ", product(dZ2, transpose(A1)), d("W2")],
    ["db2", "row sums of dZ2", rowSums(dZ2), d("b2")],
    ["dA1", "W2ᵀ·dZ2", dA1, d("A1")],
    ["dZ1", "dA1 ∘ A1 ∘ (1 - A1)", dZ1, d("Z1")],
    ["dW1", "dZ1·Xᵀ", product(dZ1, transpose(X)), d("W1")],
    ["db1", "row sums of dZ1", rowSums(dZ1), d("b1")],
    ["dX", "W1ᵀ·dZ1", product(transpose(W1), dZ1), d("X")],
  ]);
}

const X = [
  [1, 0.5, -1.5],
  [-0.5, 2, 0.25],
];

title("One example, x = [1, -0.5]ᵀ, t = 1");
derive([[1], [-0.5]], [[1]], "sum");
say("Line 36 leaves out s = dZ2 = a - t, and takes A2 for A1: dW2 = s·A1ᵀ.");

title("Three examples, J is the sum of their losses");
derive(X, [[1, 0, 1]], "sum");
say("dW2 is [1, n]·[n, 3] = [1, 3] for any n: the examples are summed over.");

title("Three examples, J is the mean of their losses");
derive(X, [[1, 0, 1]], "mean");

title("∂Z/∂W: one reverse sweep for each element of Z");
{
  const { g, parameter, constant, run, d, set } = watch(engine);
  const z = g.add(g.matmul(parameter("W", W1), constant(X)), parameter("b", b1));
  const zero = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ];
  run(g.sum(g.mul(z, parameter("upstream", zero))));
  const lines = [];
  for (const [j, k] of [
    [0, 0],
    [0, 1],
    [1, 1],
    [2, 2],
  ]) {
    set(
      "upstream",
      zero.map((row, r) => row.map((_, c) => Number(r === j && c === k))),
    );
    run();
    const derived = W1.map((_, row) => [0, 1].map((i) => (row === j ? X[i][k] : 0)));
    lines.push([
      `∂Z${j + 1}${k + 1}/∂W`,
      `x${k + 1} in row ${j + 1}, 0 elsewhere`,
      derived,
      d("W"),
    ]);
  }
  table(lines);
}
