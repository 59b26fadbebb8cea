// Activation functions with their slopes, and what is left of a gradient that passes through many of them.
(() => {
  "use strict";
  const { SERIES, MUTED, GRID, axes, label, variable, tag, grip, slider, choice } = groundup.live;
  const { clamp, number, round } = groundup.live;
  const HEIGHT = 300, NARROW = 480, FAR = 4, LOWEST = -15, HIGHEST = 1.2, FLAT = 1 / 20;
  const LAYERS = 20, ASKED = 1e-3, BELOW = -0.2;

  const sigmoid = (z) => 1 / (1 + Math.exp(-z));
  const normal = (z) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  /** The normal distribution function: by its series, which is quick for the z that are shown. */
  function cumulated(z) {
    let term = z, sum = z;
    for (let n = 1; n < 60; n++) {
      term *= (z * z) / (2 * n + 1);
      sum += term;
    }
    return 0.5 + sum * normal(z);
  }

  /** Each function with its slope; `name` is written into the formula. */
  const ALL = {
    sigmoid: { name: "σ", of: sigmoid, slope: (z) => sigmoid(z) * (1 - sigmoid(z)) },
    tanh: { name: "tanh", of: Math.tanh, slope: (z) => 1 - Math.tanh(z) ** 2 },
    relu: { name: "ReLU", of: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : 0) },
    leaky_relu: { name: "leaky ReLU", of: (z) => (z > 0 ? z : 0.2 * z), slope: (z) => (z > 0 ? 1 : 0.2) },
    elu: { name: "ELU", of: (z) => (z > 0 ? z : Math.expm1(z)), slope: (z) => (z > 0 ? 1 : Math.exp(z)) },
    gelu: { name: "GELU", of: (z) => z * cumulated(z), slope: (z) => cumulated(z) + z * normal(z) },
    silu: {
      name: "SiLU", of: (z) => z * sigmoid(z), slope: (z) => sigmoid(z) * (1 + z * (1 - sigmoid(z))),
    },
  };
  const value = ({ g }, z) => ALL[g].of(z);
  const slope = ({ g }, z) => ALL[g].slope(z);
  /** What is left of a gradient behind a layer's units, and behind twenty such layers. */
  const passes = (state, layers = 1) => Math.abs(slope(state, state.z)) ** layers;

  /** Where the slope is below a twentieth of the steepest, as pairs of scores. */
  function flat(state) {
    const places = Array.from({ length: 401 }, (_, n) => round(-FAR + n * 0.02, 0.01));
    const steepest = Math.max(...places.map((z) => Math.abs(slope(state, z))));
    const zones = [];
    for (const z of places) {
      if (Math.abs(slope(state, z)) >= FLAT * steepest) continue;
      const last = zones.at(-1);
      if (last && z - last[1] < 0.03) last[1] = z;
      else zones.push([z, z]);
    }
    return zones;
  }

  function power(size) {
    if (size === 0) return "0";
    if (size >= 0.01) return number(size, 2);
    const exponent = Math.floor(Math.log10(size));
    const raised = [...String(-exponent)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("");
    return `${(size / 10 ** exponent).toFixed(1)} × 10⁻${raised}`;
  }

  const frame = (width) => axes({
    x: [-FAR, FAR], y: [-1.3, 3], width: Math.round(width * 0.54), height: HEIGHT, left: 30, right: 12, top: 30, bottom: 46,
  });

  function draw(state, width, blend) {
    return curves(state, frame(width), blend) + layers(state, width, blend);
  }

  function curves(state, at, blend) {
    const zones = flat(state).map(([from, to]) => tag("rect", {
      x: at.x(from).toFixed(1), y: at.top, width: (at.x(to) - at.x(from)).toFixed(1), height: at.bottom - at.top,
      fill: MUTED, opacity: 0.18,
    }));
    const [zero, now] = [at.y(0), at.x(state.z)];
    const marks = [[value, SERIES[0]], [slope, SERIES[1]]].map(([f, colour]) => tag("circle", {
      cx: now.toFixed(1), cy: clamp(at.y(blend((s) => f(s, state.z))), at.top, at.bottom).toFixed(1), r: 4.5, fill: colour,
    }));
    return [
      ...zones,
      at.lines({ xs: [-4, -2, 0, 2, 4].map((z) => [z, number(z, 0)]), ys: [-1, 0, 1, 2, 3], name: `score ${variable("z")}` }),
      tag("line", { x1: at.left, y1: zero.toFixed(1), x2: at.right, y2: zero.toFixed(1), stroke: MUTED }),
      tag("line", {
        x1: now.toFixed(1), y1: at.top, x2: now.toFixed(1), y2: at.bottom, stroke: MUTED, "stroke-dasharray": "2 3",
      }),
      at.curve((z) => blend((s) => value(s, z))),
      at.curve((z) => blend((s) => slope(s, z)), { stroke: SERIES[1], "stroke-dasharray": "6 4", "stroke-width": 2 }),
      ...marks,
      label(at.left + 4, at.top - 12, `${variable("g")}`, { colour: SERIES[0] }),
      label(at.left + 22, at.top - 12, `slope ${variable("g′")}`, { colour: SERIES[1] }),
    ].join("");
  }

  /** A bar for each layer, from the last on the right to the first on the left. */
  function layers(state, width, blend) {
    const narrow = width < NARROW;
    const at = axes({
      x: [0.3, LAYERS + 0.7], y: [LOWEST, HIGHEST], width, height: HEIGHT, left: Math.round(width * 0.54) + (narrow ? 40 : 48),
      right: 12, top: 30, bottom: 46,
    });
    const factor = Math.abs(blend((s) => slope(s, state.z)));
    const thick = (at.x(2) - at.x(1)) * 0.7;
    const bars = Array.from({ length: LAYERS }, (_, n) => {
      const high = factor === 0 ? LOWEST : clamp((n + 1) * Math.log10(factor), LOWEST, HIGHEST);
      const top = at.y(high);
      return tag("rect", {
        x: (at.x(LAYERS - n) - thick / 2).toFixed(1), y: top.toFixed(1), width: thick.toFixed(1),
        height: Math.max(at.bottom - top, 0).toFixed(1), fill: SERIES[2],
      });
    });
    return [
      at.lines({
        xs: narrow ? [1, 20] : [1, 5, 10, 15, 20], ys: [[0, "1"], [-3, "10⁻³"], [-6, "10⁻⁶"], [-9, "10⁻⁹"], [-12, "10⁻¹²"], [-15, "10⁻¹⁵"]],
        name: "layer",
      }),
      ...bars,
      tag("line", { x1: at.left, y1: at.bottom, x2: at.right, y2: at.bottom, stroke: GRID }),
      label(at.right, at.top - 12, `remains: ${power(passes(state, LAYERS))}`, {
        anchor: "end", colour: SERIES[2], "font-weight": 600,
      }),
    ].join("");
  }

  const place = (z) => clamp(round(z, 0.05), -FAR, FAR);

  groundup.live.figure("activations", {
    height: HEIGHT,
    start: { g: "sigmoid", z: 0 },
    controls: [
      choice("g", "Activation", {
        sigmoid: "sigmoid", tanh: "tanh", relu: "ReLU", leaky_relu: "leaky", elu: "ELU", gelu: "GELU", silu: "SiLU",
      }),
      slider("z", "score <i>z</i>", { min: -FAR, max: FAR, step: 0.1, fine: 0.05, show: (z) => number(z, 2) }),
    ],
    formula: (state) => `${ALL[state.g].name}′(<b>${number(state.z, 2)}</b>) = <b>${number(slope(state, state.z), 2)}</b>`,
    draw,
    handles: [{
      name: "score of all units",
      along: "x",
      shape: grip(MUTED, { along: "x", above: HEIGHT - 80 }),
      at: (state, width) => ({ x: frame(width).x(state.z), y: frame(width).bottom }),
      to: (state, x, y, width) => ({ z: place(frame(width).xOf(x)) }),
      by: (state, right) => ({ z: place(state.z + 0.1 * right) }),
      value: ({ z }) => [z, -FAR, FAR, number(z, 2)],
    }],
    says: (state) =>
      `${ALL[state.g].name} at ${number(state.z, 2)}: value ${number(value(state, state.z), 2)}, slope `
      + `${number(slope(state, state.z), 2)}; through twenty layers ${power(passes(state, LAYERS))} of a gradient passes.`,
    task: {
      words:
        "<b>Your turn.</b> All scores are negative. Get a thousandth of the gradient through twenty layers. With the "
        + "sigmoid you can’t, wherever you go.",
      goals: [
        ["score at −0.2 or below", (state) => state.z <= BELOW],
        ["a thousandth gets through", (state) => passes(state, LAYERS) >= ASKED],
      ],
      found:
        "<b>Found.</b> Two of the seven can do it. Both are steep on either side of zero, and both give negative values "
        + "there.",
    },
    value,
    slope,
    passes,
    flat,
  });
})();
