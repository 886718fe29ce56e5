// A trained network in the browser: what it says, and the slope of its loss by every input.
// Each kind of block has its forward map, and on the way back it turns g, the slopes of the
// loss by its output y, into the slopes by its input x.

const each = (f) => (x) => x.map((value) => f(value));
const ELEMENTWISE = {
  ReLU: [each((x) => Math.max(x, 0)), (y) => (y > 0 ? 1 : 0)],
  Tanh: [each(Math.tanh), (y) => 1 - y * y],
  Sigmoid: [each((x) => 1 / (1 + Math.exp(-x))), (y) => y * (1 - y)],
};

function linear([outputs, inputs], weight, bias) {
  const forward = (x) =>
    Float64Array.from({ length: outputs }, (_, i) => {
      let sum = bias ? bias[i] : 0;
      for (let j = 0; j < inputs; j++) sum += weight[i * inputs + j] * x[j];
      return sum;
    });
  const backward = (g) => {
    const slopes = new Float64Array(inputs);
    for (let i = 0; i < outputs; i++) for (let j = 0; j < inputs; j++) slopes[j] += g[i] * weight[i * inputs + j];
    return slopes;
  };
  return { forward, backward };
}

function elementwise(kind) {
  const [forward, slope] = ELEMENTWISE[kind];
  return { forward, backward: (g, y) => g.map((value, i) => value * slope(y[i])) };
}

/** Build the network from its description and its numbers, all in one row. */
function network(layers, view) {
  const numbers = new Float64Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
  let at = 0;
  const take = (shape) => numbers.subarray(at, (at += shape.reduce((one, other) => one * other, 1)));
  const blocks = layers.map(([kind, shapes]) => {
    const [weight, bias] = shapes.map(take);
    if (kind === "Linear") return linear(shapes[0], weight, bias);
    if (kind !== "Scale") return elementwise(kind);
    const times = each((value) => weight[0] * value);
    return { forward: times, backward: times };
  });
  /** Say what the network reads in x: probabilities, and loss and slopes for a wanted digit. */
  return (x, wanted) => {
    const outputs = [x];
    for (const { forward } of blocks) outputs.push(forward(outputs.at(-1)));
    const scores = outputs.at(-1);
    const most = Math.max(...scores);
    const sum = scores.reduce((total, z) => total + Math.exp(z - most), 0);
    const p = Array.from(scores, (z) => Math.exp(z - most) / sum);
    let slopes = Float64Array.from(p, (share, digit) => share - (digit === wanted));
    for (let i = blocks.length - 1; i >= 0; i--) slopes = blocks[i].backward(slopes, outputs[i + 1]);
    return { p, loss: Math.log(sum) + most - scores[wanted], slopes };
  };
}

