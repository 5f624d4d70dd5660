// Note 1: computation graphs, logistic regression, a chain of neurons, a ReLU layer.
// Run: node examples/notes/1-computation-graphs.mjs   (after npm run build)
import { bceWithLogits, createEngine, dense, sequential, sgd } from "gradlane";
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
import { watch } from "./watch.mjs";

const engine = await createEngine();

title("J = 3(a + bc)");
{
  const [a, b, c] = [5, 3, 2];
  const { g, parameter, see, run, value, d } = watch(engine);
  const u = see("u", g.mul(parameter("b", b), parameter("c", c)));
  const v = see("v", g.add(parameter("a", a), u));
  const J = run(g.mul(g.constant(3), v));
  say("Forward, then one step backward after the other: each factor is a local derivative.");
  table([
    ["u", "bc", b * c, value("u")],
    ["v", "a + u", a + b * c, value("v")],
    ["J", "3v", 3 * (a + b * c), J],
    ["dJ/dv", "3", 3, d("v")],
    ["dJ/da", "dJ/dv · dv/da = 3 · 1", 3 * 1, d("a")],
    ["dJ/du", "dJ/dv · dv/du = 3 · 1", 3 * 1, d("u")],
    ["dJ/db", "dJ/du · du/db = 3 · c", 3 * c, d("b")],
    ["dJ/dc", "dJ/du · du/dc = 3 · b", 3 * b, d("c")],
    ["", "with b once more (line 35)", 3 * b * b, d("c"), "slip"],
  ]);
}

title("Logistic regression, one example");
{
  const [x, y, w, b, alpha] = [[1, -0.5], 1, [0.25, -0.75], 0.5, 0.125];
  const { g, parameter, constant, see, run, value, d, set } = watch(engine);
  const wx = g.sum(g.mul(parameter("w", w), constant(x)));
  const a = see("a", g.sigmoid(see("z", g.add(wx, parameter("b", b)))));
  const L = run(g.bce(a, constant(y)));

  const z = w[0] * x[0] + w[1] * x[1] + b;
  const ya = sigmoid(z);
  const dz = ya - y;
  const dw = x.map((xi) => xi * dz);
  table([
    ["z", "wᵀx + b", z, value("z")],
    ["a", "σ(z) = 1 / (1 + e⁻ᶻ)", ya, value("a")],
    ["L", "-[y ln a + (1-y) ln(1-a)]", logLoss(ya, y), L],
    ["da", "-y/a + (1-y)/(1-a)", -y / ya + (1 - y) / (1 - ya), d("a")],
    ["dz", "da · a(1-a) = a - y", dz, d("z")],
    ["dw", "x · dz", dw, d("w")],
    ["db", "dz", dz, d("b")],
  ]);

  say(`One step down, α = ${alpha}: the gradient points up, so it is subtracted.`);
  const after = (sign) => {
    const stepped = w.map((wi, i) => wi + sign * alpha * dw[i]);
    const zs = stepped[0] * x[0] + stepped[1] * x[1] + b + sign * alpha * dz;
    return [stepped, logLoss(sigmoid(zs), y)];
  };
  set(
    "w",
    d("w").map((dwi, i) => value("w")[i] - alpha * dwi),
  );
  set("b", value("b") - alpha * d("b"));
  const lower = run();
  table([
    ["w", "w - α dw", after(-1)[0], value("w")],
    ["L", "after the step", after(-1)[1], lower],
    ["", "with w + α dw (line 77)", after(+1)[1], lower, "slip"],
  ]);
}

title("Logistic regression, m = 4 examples, ten steps");
{
  const X = [
    [1, 0.5],
    [-0.5, 2],
    [0.25, -1.5],
    [-2, -0.75],
  ];
  const Y = [1, 0, 1, 0];
  const alpha = 0.5;
  const model = engine.compile(sequential([dense(1)]), {
    inputShape: [2],
    loss: bceWithLogits(),
    optimizer: sgd({ learningRate: alpha }),
    batchSize: 4,
  });
  model.parameters[0].data.set([0.5, -0.25]);
  model.parameters[1].data[0] = 0.125;
  say("By hand: a loop adds up dw and db over the examples, divides by m, and steps once.");
  let [w, b] = [[0.5, -0.25], 0.125];
  const lines = [];
  for (let step = 1; step <= 10; step++) {
    let [J, dw, db] = [0, [0, 0], 0];
    X.forEach((x, i) => {
      const a = sigmoid(w[0] * x[0] + w[1] * x[1] + b);
      J += logLoss(a, Y[i]);
      dw = dw.map((total, j) => total + x[j] * (a - Y[i]));
      db += a - Y[i];
    });
    w = w.map((wj, j) => wj - (alpha * dw[j]) / X.length);
    b -= (alpha * db) / X.length;
    const loss = model.trainStep(Float32Array.from(X.flat()), Float32Array.from(Y));
    lines.push([`step ${step}`, "J = 1/m Σ L", J / X.length, loss]);
  }
  lines.push(["w", "after ten steps", w, [...model.parameters[0].data]]);
  lines.push(["b", "", b, model.parameters[1].data[0]]);
  table(lines);
}

title("A chain of three neurons, C = (a₃ - y)²");
{
  const [x, y] = [1.5, 1];
  const [w, b] = [
    [0.75, -1.25, 1.5],
    [-0.25, 0.5, 0.125],
  ];
  const { g, parameter, constant, see, run, value, d } = watch(engine);
  const lines = [];
  let node = constant(x);
  const a = [x];
  w.forEach((wl, i) => {
    const z = g.add(g.mul(parameter(`w${i + 1}`, wl), node), parameter(`b${i + 1}`, b[i]));
    node = see(`a${i + 1}`, g.sigmoid(see(`z${i + 1}`, z)));
    a.push(sigmoid(wl * a[i] + b[i]));
  });
  const C = run(g.mse(node, constant(y)));
  for (const l of [1, 2, 3])
    lines.push([`a${l}`, `σ(w${l} a${l - 1} + b${l})`, a[l], value(`a${l}`)]);
  lines.push(["C", "(a₃ - y)²", (a[3] - y) ** 2, C]);
  let da = 2 * (a[3] - y);
  for (const l of [3, 2, 1]) {
    const dz = da * a[l] * (1 - a[l]);
    lines.push(
      [`da${l}`, l === 3 ? "2(a₃ - y)" : `w${l + 1} dz${l + 1}`, da, d(`a${l}`)],
      [`dz${l}`, `da${l} · a${l}(1 - a${l})`, dz, d(`z${l}`)],
      [`dw${l}`, `dz${l} · a${l - 1}`, dz * a[l - 1], d(`w${l}`)],
      [`db${l}`, `dz${l}`, dz, d(`b${l}`)],
    );
    if (l === 3) lines.push(["", "1 is dz/db (line 253)", 1, d("b3"), "slip"]);
    da = w[l - 1] * dz;
  }
  table(lines);
}

title("A ReLU layer with squared error; columns are examples");
{
  const X = [
    [1, -0.5, 2, 0.25],
    [0.5, 1.5, -1, -2],
  ];
  const [Y, W, b] = [[[1.5, 0.25, 0, 1]], [[0.75, 0.5]], [[0.25]]];
  const m = 4;
  const { g, parameter, constant, see, run, value, d } = watch(engine);
  const z = see("Z", g.add(g.matmul(parameter("W", W), constant(X)), parameter("b", b)));
  const yhat = see("Ŷ", g.relu(z));
  const L = run(g.mse(yhat, constant(Y)));

  const Z = plus(product(W, X), b);
  const Yhat = each(relu, Z);
  const dYhat = each((p, t) => (2 / m) * (p - t), Yhat, Y);
  const dZ = each((dy, zi) => (zi > 0 ? dy : 0), dYhat, Z);
  table([
    ["Z", "W·X + b", Z, value("Z")],
    ["Ŷ", "max(0, Z)", Yhat, value("Ŷ")],
    ["L", "1/m Σ (ŷ - y)²", sum(each((p, t) => (p - t) ** 2, Yhat, Y)) / m, L],
    ["dŶ", "2/m (Ŷ - Y)", dYhat, d("Ŷ")],
    ["dZ", "dŶ ∘ 1{Z > 0}", dZ, d("Z")],
    ["dW", "dZ·Xᵀ", product(dZ, transpose(X)), d("W")],
    ["", "no mask (line 336)", product(dYhat, transpose(X)), d("W"), "slip"],
    ["db", "row sums of dZ", rowSums(dZ), d("b")],
  ]);
}
