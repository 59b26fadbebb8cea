// How the network of digits.js reads what was drawn: the strokes become a picture as MNIST has them, and that goes from
// layer to layer. It comes when a reader first touches the figure, and after it the weights.
(() => {
  "use strict";
  const { nn, SERIES, INK, tag, clamp } = groundup.live;
  const SIDE = 28, FIT = 20, MAPS = 8;

  /** The strokes as MNIST's digits were made: fitted into 20 × 20 pixels, their mass at pixel 14 of 28, with edges
   * between paper and ink; row by row, from 0 to 1. The pen is so many pixels wide. */
  function seen(strokes, pen) {
    const [xs, ys] = [0, 1].map((axis) => strokes.flat().map((point) => point[axis]));
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const scale = (FIT - pen) / Math.max(right - left, bottom - top, 0.05);
    let middle = [(left + right) / 2, (top + bottom) / 2];
    let pixels = inked(strokes, pen, scale, middle);
    const mass = pixels.reduce((a, b) => a + b, 0);
    const mean = (of) => pixels.reduce((sum, ink, i) => sum + ink * of(i), 0) / mass - SIDE / 2;
    middle = [middle[0] + mean((i) => i % SIDE) / scale, middle[1] + mean((i) => Math.floor(i / SIDE)) / scale];
    return inked(strokes, pen, scale, middle);
  }

  /** The ink of each pixel: how far it is from the nearest line decides. */
  function inked(strokes, pen, scale, middle) {
    const apart = new Float32Array(SIDE * SIDE).fill(Infinity), reach = pen / 2 + 1;
    for (const stroke of strokes) {
      const line = stroke.map((point) => point.map((value, axis) => (value - middle[axis]) * scale + SIDE / 2 - 0.5));
      line.forEach(([x, y], i) => {
        const [fromX, fromY] = line[i - 1] ?? [x, y], [dx, dy] = [x - fromX, y - fromY], long = dx * dx + dy * dy || 1;
        const within = (a, b) => [Math.max(0, Math.ceil(Math.min(a, b) - reach)), Math.min(SIDE - 1, Math.max(a, b) + reach)];
        const [first, last] = within(x, fromX), [upper, lower] = within(y, fromY);
        for (let v = upper; v <= lower; v++) {
          for (let u = first; u <= last; u++) {
            const t = clamp(((u - fromX) * dx + (v - fromY) * dy) / long, 0, 1);
            const off = Math.hypot(u - fromX - t * dx, v - fromY - t * dy);
            if (off < apart[v * SIDE + u]) apart[v * SIDE + u] = off;
          }
        }
      });
    }
    return apart.map((off) => clamp(pen / 2 + 0.5 - off, 0, 1));
  }

  // ---- The network. What goes from layer to layer is { side, values }: row by row, the channels of a pixel together.

  /** A convolution; a dense layer is one whose filters are as large as the picture. */
  function convolution({ shape: [q, , depth, filters], same, W, b }, { side, values }) {
    const before = same ? (q - 1) >> 1 : 0, size = same ? side : side - q + 1;
    const found = new Float32Array(size * size * filters);
    for (let u = 0; u < size; u++) {
      for (let v = 0; v < size; v++) {
        const at = (u * size + v) * filters;
        found.set(b, at);
        for (let p = Math.max(0, before - u); p < Math.min(q, side + before - u); p++) {
          for (let r = Math.max(0, before - v); r < Math.min(q, side + before - v); r++) {
            const pixel = ((u + p - before) * side + v + r - before) * depth, weights = (p * q + r) * depth;
            for (let l = 0; l < depth; l++) {
              const x = values[pixel + l];
              if (!x) continue;
              const row = (weights + l) * filters;
              for (let j = 0; j < filters; j++) found[at + j] += x * W[row + j];
            }
          }
        }
      }
    }
    return { side: size, values: found };
  }

  /** The largest of each square of pixels. */
  function pooling({ pool }, { side, values }) {
    const depth = values.length / side ** 2, size = Math.floor(side / pool);
    const found = new Float32Array(size * size * depth).fill(-Infinity);
    for (let u = 0; u < size * pool; u++) {
      for (let v = 0; v < size * pool; v++) {
        const to = (Math.floor(u / pool) * size + Math.floor(v / pool)) * depth, from = (u * side + v) * depth;
        for (let l = 0; l < depth; l++) found[to + l] = Math.max(found[to + l], values[from + l]);
      }
    }
    return { side: size, values: found };
  }

  function softmax(z) {
    const largest = Math.max(...z), exponentials = z.map((score) => Math.exp(score - largest));
    const sum = exponentials.reduce((a, b) => a + b, 0);
    return exponentials.map((e) => e / sum);
  }

  /** What comes out of each layer for a picture. */
  function passes(layers, picture) {
    let now = { side: Math.sqrt(picture.length), values: picture };
    return layers.map((layer) => {
      now = (layer.pool ? pooling : convolution)(layer, now);
      if (layer.activation === "softmax") now.values = softmax(now.values);
      else if (layer.activation) now.values = now.values.map(nn.activations[layer.activation].of);
      return now;
    });
  }

  /** A number of 16 bits. */
  function half(bits) {
    const exponent = (bits >> 10) & 31, rest = bits & 1023;
    return (bits >> 15 ? -1 : 1) * (exponent ? (1024 + rest) * 2 ** (exponent - 25) : rest * 2 ** -24);
  }

  /** A network from its file: what each layer is, and all weights and biases, 16 bits each. */
  function unpacked(layers, text) {
    const bytes = atob(text);
    let at = 0;
    const take = (n) => Float32Array.from({ length: n }, () => {
      at += 2;
      return half(bytes.charCodeAt(at - 2) | (bytes.charCodeAt(at - 1) << 8));
    });
    return layers.map((layer) => {
      if (layer.pool) return layer;
      const W = take(layer.shape.reduce((a, b) => a * b));
      return { ...layer, W, b: take(layer.shape[3]) };
    });
  }

  // ---- The figure

  /** A picture of squares, each level of ink upon the ones below. */
  function shaded(values, side, most, fill, levels) {
    const layers = levels.map((level) => {
      let d = "";
      for (let y = 0; y < side; y++) {
        for (let x = 0, from = 0; x <= side; x++) {
          if (x < side && values[y * side + x] > level * most) continue;
          if (x > from) d += `M${from} ${y}h${x - from}v1h-${x - from}z`;
          from = x + 1;
        }
      }
      return tag("path", { d, fill, opacity: 0.5 });
    });
    return tag("svg", { role: "none", viewBox: `0 0 ${side} ${side}`, "shape-rendering": "crispEdges" }, layers.join(""));
  }

  const figure = groundup.live.parts("digits");

  /** The network, from its file. Shown are the feature maps that answer most to the ink of the figure's first digit. */
  groundup.live.takes("digits", ({ layers, note }, text) => {
    const network = unpacked(layers, text), depth = network[0].shape[3], strength = new Float32Array(depth);
    const { strokes, pen } = figure.start;
    const { values } = passes(network, seen(figure.parse(strokes), pen))[0]; // its first pixel is paper
    values.forEach((value, i) => { strength[i % depth] += Math.max(0, value - values[i % depth]); });
    const shown = [...strength.keys()].sort((i, j) => strength[j] - strength[i]).slice(0, MAPS);
    figure.read = (lines, pen) => {
      const picture = seen(lines, pen), all = passes(network, picture), [{ side, values }] = all;
      const maps = shown.map((j) => values.filter((_, i) => i % depth === j));
      const most = Math.max(1e-6, ...maps.map((map) => Math.max(...map)));
      return {
        drawn: [
          shaded(picture, SIDE, 1, INK, [0.1, 0.3, 0.5, 0.7]),
          ...maps.map((map) => shaded(map, side, most, SERIES[0], [0.1, 0.4, 0.7])),
        ],
        p: [...all.at(-1).values],
        note,
      };
    };
    figure.passes = (picture) => passes(network, Float32Array.from(picture)).map((pass) => [...pass.values]);
  });
  figure.seen = (text, pen) => [...seen(figure.parse(text), pen)];
})();
