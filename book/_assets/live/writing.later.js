// How the network of writing.js writes: an embedding, an LSTM, a dense layer with softmax, one character after the other.
// It comes when a reader first touches the figure, and after it the weights.
(() => {
  "use strict";
  const figure = groundup.live.parts("writing"), { CHARACTERS } = figure;
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));

  /** A number of 16 bits. */
  function half(bits) {
    const exponent = (bits >> 10) & 31, rest = bits & 1023;
    return (bits >> 15 ? -1 : 1) * (exponent ? (1024 + rest) * 2 ** (exponent - 25) : rest * 2 ** -24);
  }

  /** The network from its file: what its three layers are, and all their numbers, 16 bits each. */
  function unpacked([{ embedding }, { lstm }, { dense }], text) {
    const bytes = atob(text), [symbols, depth] = embedding, units = lstm[1], outputs = dense[1];
    let at = 0;
    const take = (n) => Float64Array.from({ length: n }, () => {
      at += 2;
      return half(bytes.charCodeAt(at - 2) | (bytes.charCodeAt(at - 1) << 8));
    });
    const E = take(symbols * depth), W = take(depth * 4 * units), U = take(units * 4 * units), b = take(4 * units);
    // What a character adds to the gates is always the same, so it's computed once.
    const inputs = Array.from({ length: symbols }, (_, n) => {
      const z = b.slice();
      for (let j = 0; j < depth; j++) for (let k = 0; k < 4 * units; k++) z[k] += E[n * depth + j] * W[j * 4 * units + k];
      return z;
    });
    return { units, outputs, inputs, U, V: take(units * outputs), c: take(outputs) };
  }

  const begun = ({ units }) => ({ h: new Float64Array(units), cell: new Float64Array(units) });

  /** The state after one more character: the gates i, f, o and the candidate g, in the order i, f, g, o. */
  function step({ units, inputs, U }, { h, cell }, symbol) {
    const z = inputs[symbol].slice(), width = 4 * units;
    for (let j = 0; j < units; j++) {
      const from = j * width, value = h[j];
      for (let k = 0; k < width; k++) z[k] += value * U[from + k];
    }
    const next = { h: new Float64Array(units), cell: new Float64Array(units) };
    for (let j = 0; j < units; j++) {
      const [i, f, o] = [sigmoid(z[j]), sigmoid(z[units + j]), sigmoid(z[3 * units + j])];
      next.cell[j] = f * cell[j] + i * Math.tanh(z[2 * units + j]);
      next.h[j] = o * Math.tanh(next.cell[j]);
    }
    return next;
  }

  /** The probabilities of the next character at a temperature. */
  function probabilities({ outputs, V, c }, { h }, T) {
    const z = c.slice();
    for (let j = 0; j < h.length; j++) for (let k = 0; k < outputs; k++) z[k] += h[j] * V[j * outputs + k];
    const most = Math.max(...z), powers = z.map((score) => Math.exp((score - most) / T));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  }

  /** Numbers from 0 to 1 that look random, the same for the same seed (Mulberry32). */
  function chance(seed) {
    let a = Math.imul(seed, 0x9e3779b1);
    return () => {
      a = (a + 0x6d2b79f5) | 0;
      let t = Math.imul(a ^ (a >>> 15), 1 | a);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  /** Which one comes, where u has come to in a row of probabilities. */
  function drawn(p, u) {
    let sum = 0;
    for (let k = 0; k < p.length; k++) {
      sum += p[k];
      if (u < sum) return k;
    }
    return p.indexOf(Math.max(...p));
  }

  groundup.live.takes("writing", ({ layers, note }, text) => {
    const network = unpacked(layers, text);
    /** The state behind a text; behind none it's that behind a new line. */
    const behind = (begin) => [...(begin || "\n")].reduce((state, c) => step(network, state, CHARACTERS.indexOf(c)), begun(network));
    figure.write = (begin, T, draw, long) => {
      let state = behind(begin), p = probabilities(network, state, T), written = "";
      const first = [...p], u = chance(draw);
      for (let n = 0; n < long; n++) {
        const symbol = drawn(p, u());
        written += CHARACTERS[symbol];
        state = step(network, state, symbol);
        p = probabilities(network, state, T);
      }
      return { text: written, p: first, note };
    };
    figure.next = (begin, T) => [...probabilities(network, behind(begin), T)];
  });
})();
