// How the GPT of attention.js reads a line: characters become rows of numbers, these go from block to block, and the
// attention of every head is kept. It comes when a reader first touches the figure, and after it the weights.
(() => {
  "use strict";
  const { SERIES, tag } = groundup.live;
  const EPSILON = 0.001, LEVELS = [0.04, 0.12, 0.3, 0.6], LIKELIEST = 5;

  // ---- Rows of numbers, each a Float64Array.

  /** The error function, to seven digits (Abramowitz and Stegun, 7.1.26). */
  function erf(x) {
    const t = 1 / (1 + 0.3275911 * Math.abs(x));
    const sum = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    return Math.sign(x) * (1 - sum * Math.exp(-x * x));
  }

  function softmax(z) {
    const largest = z.reduce((a, b) => Math.max(a, b), -Infinity), e = z.map((score) => Math.exp(score - largest));
    const sum = e.reduce((a, b) => a + b, 0);
    return e.map((value) => value / sum);
  }

  const activations = {
    linear: (row) => row,
    gelu: (row) => row.map((z) => z * (1 + erf(z / Math.SQRT2)) / 2),
    softmax,
  };

  /** A row times a matrix that lies row by row, plus a bias. */
  function dense(row, W, b) {
    const found = Float64Array.from(b), n = b.length;
    row.forEach((x, i) => {
      for (let j = 0, from = i * n; j < n; j++) found[j] += x * W[from + j];
    });
    return found;
  }

  /** What each kind of layer makes of rows; attention adds its shares to `seen`. */
  const kinds = {
    Embedding: ({ W, shapes }) => (rows) => rows.map((n) => W.slice(n * shapes.W[1], (n + 1) * shapes.W[1])),
    PositionEmbedding: ({ W, shapes }) => (rows) => rows.map((_, t) => W.slice(t * shapes.W[1], (t + 1) * shapes.W[1])),
    LayerNormalization: ({ gamma, beta }) => (rows) => rows.map((row) => {
      const mean = row.reduce((a, b) => a + b, 0) / row.length;
      const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
      return row.map((x, j) => gamma[j] * (x - mean) / Math.sqrt(variance + EPSILON) + beta[j]);
    }),
    Dense: ({ W, b, activation }) => (rows) => rows.map((row) => activations[activation](dense(row, W, b))),
    Residual: ({ parts }) => (rows, seen) => {
      const added = parts.reduce((now, part) => part(now, seen), rows);
      return rows.map((row, t) => row.map((x, j) => x + added[t][j]));
    },
    MultiHeadAttention: (layer) => (rows, seen) => {
      const [, heads, size] = layer.shapes.W_query;
      const [Q, K, V] = ["query", "key", "value"].map((name) =>
        rows.map((row) => dense(row, layer[`W_${name}`], layer[`b_${name}`])));
      const wide = V[0].length / heads, mixed = rows.map(() => new Float64Array(V[0].length));
      for (let h = 0; h < heads; h++) {
        seen.push(Q.map((query, t) => {
          const shares = softmax(K.slice(0, t + 1).map((key) => {
            let sum = 0;
            for (let j = h * size; j < (h + 1) * size; j++) sum += query[j] * key[j];
            return sum / Math.sqrt(size);
          }));
          shares.forEach((share, u) => {
            for (let j = h * wide; j < (h + 1) * wide; j++) mixed[t][j] += share * V[u][j];
          });
          return shares;
        }));
      }
      return mixed.map((row) => dense(row, layer.W_output, layer.b_output));
    },
  };

  /** A number of 16 bits. */
  function half(bits) {
    const exponent = (bits >> 10) & 31, rest = bits & 1023;
    return (bits >> 15 ? -1 : 1) * (exponent ? (1024 + rest) * 2 ** (exponent - 25) : rest * 2 ** -24);
  }

  /** A network from its file: what each layer is, and all its numbers, 16 bits each. */
  function unpacked(layers, text) {
    const bytes = atob(text);
    let at = 0;
    const take = (n) => Float64Array.from({ length: n }, () => {
      at += 2;
      return half(bytes.charCodeAt(at - 2) | (bytes.charCodeAt(at - 1) << 8));
    });
    const made = ({ kind, activation, shapes, parts }) => {
      const arrays = Object.entries(shapes).map(([name, shape]) => [name, take(shape.reduce((a, b) => a * b, 1))]);
      return kinds[kind]({ shapes, activation, ...Object.fromEntries(arrays), parts: parts.map(made) });
    };
    return layers.map(made);
  }

  /** A triangle of shares as a picture of squares, each level upon the ones below. */
  function pictured(shares) {
    const side = shares.length;
    const layers = LEVELS.map((level) => {
      let d = "";
      shares.forEach((row, t) => {
        for (let u = 0, from = 0; u <= row.length; u++) {
          if (u < row.length && row[u] > level) continue;
          if (u > from) d += `M${from} ${t}h${u - from}v1h-${u - from}z`;
          from = u + 1;
        }
      });
      return d && tag("path", { d, fill: SERIES[0], opacity: 0.4 });
    });
    return tag("svg", { role: "none", viewBox: `0 0 ${side} ${side}`, "shape-rendering": "crispEdges" }, layers.join(""));
  }

  const figure = groundup.live.parts("attention");

  /** The network, from its file. */
  figure.take = ({ layers, note }, text) => {
    const network = unpacked(layers, text);
    let known = {};
    /** The shares of every head, block by block, and the probabilities after each character. */
    figure.passes = (numbers) => {
      const seen = [];
      return { p: network.reduce((rows, layer) => layer(rows, seen), numbers), seen };
    };
    figure.read = (line, at, head) => {
      if (known.line !== line) {
        const found = figure.passes([...line].map((one) => figure.characters.indexOf(one)));
        known = { line, ...found, triangles: found.seen.map(pictured) };
      }
      const ranked = [...known.p[at]].map((p, n) => [figure.characters[n], p]).sort((a, b) => b[1] - a[1]);
      const row = [...(known.seen[head]?.[at] ?? [])];
      return { row, triangles: known.triangles, next: ranked.slice(0, LIKELIEST), note };
    };
  };
  groundup.live.takes("attention", figure.take);
})();
