// The neuron's way down the valley of degrees Celsius under several optimizers, and its loss on the way.
(() => {
  "use strict";
  const { SERIES, INK, MUTED, axes, label, variable, tag, slider, choice, clamp, number } = groundup.live;
  const HEIGHT = 300, NARROW = 480;
  const MOST = 400, ASKED = 300; // steps
  const START = [0.13, -0.13], RULE = [1.8, 32];
  const MEAN = 35.1269578, SQUARES = 3065.7753953; // of the inputs, in °C, and of their squares
  const RINGS = [100, 1000, 3000, 6000, 10000, 15000];
  const FAR = 4000; // px; what lies farther away isn't drawn where it is
  const BETA_2 = 0.999, RHO = 0.9, TINY = 1e-7;
  const RULES = {
    plain: "plain", momentum: "momentum", nesterov: "Nesterov", rmsprop: "RMSprop", adam: "Adam",
  };

  // What the same place of the slider means for each rule: a rate that suits it about as well as the others'.
  const SCALES = { plain: 1, momentum: 1, nesterov: 0.5, rmsprop: 1000, adam: 1000 };
  const KEEPING = ["momentum", "nesterov", "adam"]; // the rules with a β that readers choose

  const eta = ({ rule, rate }) => SCALES[rule] * 10 ** (rate - 5);
  const written = (state) => String(Number(eta(state).toPrecision(2)));

  /** The mean squared error, and its gradient: the targets lie on a line exactly. */
  function loss([w, b]) {
    const [u, v] = [w - RULE[0], b - RULE[1]];
    return u * u * SQUARES + 2 * u * v * MEAN + v * v;
  }
  function gradient([w, b]) {
    const [u, v] = [w - RULE[0], b - RULE[1]];
    return [2 * (u * SQUARES + v * MEAN), 2 * (u * MEAN + v)];
  }

  /** Each rule's step: from the gradient, what is remembered (u and v, changed in place) and the number t of the step. */
  const STEPS = {
    plain: (d, memory, state) => d.map((g) => -eta(state) * g),
    momentum: (d, { u }, state) => d.map((g, j) => (u[j] = state.beta * u[j] - eta(state) * g)),
    nesterov: (d, { u }, state) =>
      d.map((g, j) => state.beta * (u[j] = state.beta * u[j] - eta(state) * g) - eta(state) * g),
    rmsprop: (d, { v }, state) =>
      d.map((g, j) => (-eta(state) * g) / Math.sqrt((v[j] = RHO * v[j] + (1 - RHO) * g * g) + TINY)),
    adam: (d, { u, v }, state, t) =>
      d.map((g, j) => {
        u[j] = state.beta * u[j] + (1 - state.beta) * g;
        v[j] = BETA_2 * v[j] + (1 - BETA_2) * g * g;
        const corrected = Math.sqrt(1 - BETA_2 ** t) / (1 - state.beta ** t);
        return (-eta(state) * corrected * u[j]) / (Math.sqrt(v[j]) + TINY);
      }),
  };

  /** Weight and bias after each step. */
  function path(state) {
    const memory = { u: [0, 0], v: [0, 0] };
    const found = [START];
    for (let t = 1; t <= Math.round(state.steps); t++) {
      const now = found.at(-1);
      const step = STEPS[state.rule](gradient(now), memory, state, t);
      const next = now.map((value, j) => value + step[j]);
      if (!next.every(Number.isFinite)) break;
      found.push(next);
    }
    return found;
  }
  const end = (state) => path(state).at(-1);

  function shown(value) {
    if (value >= 1e6) return "over a million";
    if (value < 0.001) return "below 0.001";
    const text = number(value, value >= 100 ? 0 : value >= 1 ? 1 : 3);
    return value < 1000 ? text : text.replace(/(?<=\d)(?=(\d{3})+$)/g, ",");
  }

  const inside = (value) => clamp(value, -FAR, FAR).toFixed(1);
  const points = (places) => places.map((place) => place.map(inside).join(",")).join(" ");
  const dot = ([x, y], attributes) => tag("circle", { cx: inside(x), cy: inside(y), r: 5, ...attributes });

  /** What is drawn in axes, cut off where it leaves them. */
  function within(at, content) {
    const box = { x: at.left, y: at.top - 4, width: at.right - at.left, height: at.bottom - at.top + 8 };
    return tag("svg", { role: "none", ...box, viewBox: Object.values(box).join(" ") }, content);
  }

  /** All lines that are equally wrong: with d = (u, v) from the right one, where the mean of (u x + v)² is this. */
  function ring(height, place) {
    const spread = Math.sqrt(SQUARES - MEAN * MEAN);
    const places = Array.from({ length: 97 }, (_, n) => {
      const turn = (n / 96) * 2 * Math.PI;
      const u = (Math.sqrt(height) * Math.cos(turn)) / spread;
      return place([RULE[0] + u, RULE[1] + Math.sqrt(height) * Math.sin(turn) - MEAN * u]);
    });
    return tag("polyline", { points: points(places), fill: "none", stroke: MUTED, opacity: 0.7 });
  }

  function map(ways, width, narrow) {
    const at = axes({ x: [-0.5, 4.5], y: [-25, 65], width, height: HEIGHT, left: 38, right: 12, top: 34, bottom: 46 });
    const place = ([w, b]) => [at.x(w), at.y(b)];
    const [cx, cy] = place(RULE);
    const walked = ways.map(place);
    return [
      at.lines({ xs: narrow ? [0, 2, 4] : [0, 1, 2, 3, 4], ys: [-20, 0, 20, 40, 60], name: `weight ${variable("w")}` }),
      label(at.left - 8, at.top - 14, `bias ${variable("b")}`, { anchor: "middle", colour: MUTED }),
      within(at, [
        ...RINGS.map((height) => ring(height, place)),
        tag("path", { d: `M${(cx - 6).toFixed(1)} ${(cy - 6).toFixed(1)}l12 12m0 -12l-12 12`, stroke: INK, "stroke-width": 2 }),
        tag("polyline", {
          points: points(walked), fill: "none", stroke: SERIES[0], "stroke-width": 1.2, "stroke-linejoin": "round",
        }),
        ...(walked.length < 60 ? walked : walked.slice(0, 20)).map((one) => dot(one, { r: 1.8, fill: SERIES[0] })),
        dot(walked.at(-1), { fill: SERIES[0] }),
      ].join("")),
    ].join("");
  }

  function fall(ways, width, middle, narrow, state) {
    const steps = Math.max(Math.round(state.steps), 10);
    const at = axes({
      x: [0, steps], y: [-3, 5], width, height: HEIGHT, left: middle + 44, right: 14, top: 34, bottom: 46,
    });
    const height = (theta) => Math.log10(clamp(loss(theta), 1e-4, 1e9));
    const losses = ways.map((theta, t) => [at.x(t), at.y(height(theta))]);
    const ticks = narrow ? [0, steps] : [0, Math.round(steps / 2), steps];
    const powers = [[-2, "0.01"], [0, "1"], [2, "100"], [4, "10,000"]];
    return [
      at.lines({ xs: ticks, ys: powers, name: "steps" }),
      label(at.left - 8, at.top - 14, "loss", { anchor: "end", colour: MUTED }),
      label(at.right, at.top - 14, shown(loss(ways.at(-1))), { anchor: "end", colour: SERIES[0], "font-weight": 600 }),
      tag("line", {
        x1: at.left, x2: at.right, y1: at.y(0).toFixed(1), y2: at.y(0).toFixed(1), stroke: INK, "stroke-dasharray": "5 4",
      }),
      within(at, tag("polyline", { points: points(losses), fill: "none", stroke: SERIES[0], "stroke-width": 2 })),
    ].join("");
  }

  function draw(state, width) {
    const ways = path(state), narrow = width < NARROW;
    const middle = Math.round(width * 0.5);
    return map(ways, middle, narrow) + fall(ways, width, middle, narrow, state);
  }

  groundup.live.figure("optimizers", {
    height: HEIGHT,
    start: { rule: "plain", rate: 1.48, beta: 0.9, steps: 200 },
    controls: [
      choice("rule", "Rule", RULES),
      slider("rate", "learning rate <i>η</i>", {
        min: 0, max: 3.5, step: 0.05, fine: 0.01, show: (_, state) => written(state),
      }),
      slider("beta", "share kept, <i>β</i>", {
        min: 0, max: 0.99, step: 0.01,
        used: ({ rule }) => KEEPING.includes(rule),
        show: (beta, { rule }) => (KEEPING.includes(rule) ? number(beta, 2) : "not used"),
      }),
      slider("steps", "steps", { min: 0, max: MOST, step: 10, fine: 1, show: (steps) => number(steps, 0) }),
    ],
    formula(state) {
      const [w, b] = end(state);
      const big = Math.max(Math.abs(w), Math.abs(b)) >= 1e4;
      return big
        ? "<i>ŷ</i> = <b>off the map</b>"
        : `<i>ŷ</i> = <b>${number(w, 2)}</b> <i>x</i> ${b < -0.05 ? "−" : "+"} <b>${number(Math.abs(b), 1)}</b>`;
    },
    draw,
    says(state) {
      const ways = path(state), [w, b] = ways.at(-1);
      const kept = KEEPING.includes(state.rule) ? `, with a share of ${number(state.beta, 2)} kept` : "";
      return `${RULES[state.rule]}, after ${number(ways.length - 1, 0)} steps with a learning rate of ${written(state)}${kept}: `
        + `weight ${number(w, 2)}, bias ${number(b, 1)}, loss ${shown(loss([w, b]))}.`;
    },
    task: {
      words:
        `<b>Your turn.</b> Bring the loss below 1 in at most ${ASKED} steps. <i>Plain</i> is the rule of chapter 2. It can’t, `
        + "nor can one of the others: which one?",
      goals: [
        ["loss below 1", (state) => loss(end(state)) < 1],
        [`at most ${ASKED} steps`, (state) => state.steps <= ASKED],
      ],
      found: "<b>Found.</b> Now read why it works. And try to beat yourself: with the right rule 100 steps are enough.",
    },
    path,
    end,
    loss,
    eta,
  });
})();
