// Gradient descent of one neuron, ŷ = w x + b, from degrees Celsius to Fahrenheit: its line, and its way over the loss.
(() => {
  "use strict";
  const { nn, data, SERIES, INK, MUTED, axes, label, variable, tag, slider, choice, clamp, number } = groundup.live;
  const HEIGHT = 300, NARROW = 480;
  const MOST = 40, ASKED = 20; // steps
  const START = [0.13, -0.13], RULE = [1.8, 32];
  const RINGS = [100, 1000, 3000, 6000, 10000, 15000];
  const FAR = 4000; // px; what lies farther away isn't drawn where it is
  const X = data.celsius, Y = X.map((x) => RULE[0] * x + RULE[1]);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const MU = mean(X), S = Math.sqrt(mean(X.map((x) => (x - MU) ** 2)));
  const SCALES = { celsius: [0, 1], scaled: [MU, S] };

  const eta = ({ rate }) => 10 ** (rate - 5);
  const written = (rate) => String(Number((10 ** (rate - 5)).toPrecision(2)));

  /** A line's weight and bias for scaled inputs, and back. */
  const into = ([shift, size], [w, b]) => [w * size, b + w * shift];
  const back = ([shift, size], [w, b]) => [w / size, b - (w * shift) / size];

  const model = ([w, b]) => [{ W: [[w]], b: [b], activation: "linear" }];
  const column = (values) => values.map((value) => [value]);

  /** Weight and bias after each step, for the inputs as they are fed in. */
  function path(state) {
    const [shift, size] = SCALES[state.inputs];
    const [inputs, targets] = [column(X.map((x) => (x - shift) / size)), column(Y)];
    let layers = model(into(SCALES[state.inputs], START));
    const found = [layers];
    for (let n = 0; n < Math.round(state.steps); n++) {
      layers = nn.step(layers, nn.gradients(layers, inputs, targets, "mse"), eta(state));
      found.push(layers);
    }
    return found.map(([{ W, b }]) => [W[0][0], b[0]]);
  }

  const loss = (line) => nn.loss("mse", column(Y), nn.outputs(model(line), column(X)));
  const end = (state) => back(SCALES[state.inputs], path(state).at(-1));

  function shown(value) {
    if (value >= 1e6) {
      const power = Math.floor(Math.log10(value));
      const raised = [...String(power)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("");
      return `${(value / 10 ** power).toFixed(1)} × 10${raised}`;
    }
    if (value < 0.001) return "below 0.001";
    const text = number(value, value >= 100 ? 0 : value >= 1 ? 1 : 3);
    return value < 1000 ? text : text.replace(/(?<=\d)(?=(\d{3})+$)/g, ",");
  }

  const dot = (x, y, attributes) => tag("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 5, ...attributes });
  const points = (places) =>
    places.map((place) => place.map((v) => clamp(v, -FAR, FAR).toFixed(1)).join(",")).join(" ");

  /** Straight ways from place to place, each cut off where it leaves what can be drawn. */
  const steps = (places) =>
    places.slice(1).map((to, n) => {
      const from = places[n];
      let [enters, leaves] = [0, 1];
      for (const i of [0, 1]) {
        const way = to[i] - from[i];
        if (way === 0) continue;
        const [first, last] = [(-FAR - from[i]) / way, (FAR - from[i]) / way].sort((a, b) => a - b);
        [enters, leaves] = [Math.max(enters, first), Math.min(leaves, last)];
      }
      if (enters > leaves) return "";
      const along = (t) => (i) => clamp(from[i] + t * (to[i] - from[i]), -FAR, FAR); // rounding may lead far
      const at = (t) => [0, 1].map(along(t)).map((v) => v.toFixed(1)).join(" ");
      return `M${at(enters)}L${at(leaves)}`;
    }).join("");

  /** What is drawn in axes, cut off where it leaves them. */
  function within(at, content) {
    const box = { x: at.left, y: at.top - 4, width: at.right - at.left, height: at.bottom - at.top + 4 };
    return tag("svg", { role: "none", ...box, viewBox: Object.values(box).join(" ") }, content);
  }

  function draw(state, width) {
    const narrow = width < NARROW;
    const middle = Math.round(width * 0.47);
    const now = end(state);
    return thermometer(state, now, middle, narrow) + map(state, now, middle, width, narrow);
  }

  function thermometer(state, [w, b], middle, narrow) {
    const at = axes({
      x: [-40, 100], y: [-70, 250], width: middle, height: HEIGHT, left: 38, right: 12, top: 34, bottom: 46,
    });
    const line = tag("polyline", {
      points: points([-40, 100].map((x) => [at.x(x), at.y(w * x + b)])), fill: "none", stroke: SERIES[0],
      "stroke-width": 2.5,
    });
    const dots = X.filter((_, i) => i % 4 === 0)
      .map((x) => dot(at.x(x), at.y(RULE[0] * x + RULE[1]), { r: 2.5, fill: MUTED })).join("");
    return [
      at.lines({ xs: narrow ? [-40, 30, 100] : [-40, 0, 50, 100], ys: [-50, 0, 50, 100, 150, 200], name: "°C" }),
      label(at.left - 8, at.top - 14, "°F", { anchor: "end", colour: MUTED }),
      within(at, dots + line),
    ].join("");
  }

  /** The axes of the map: where inputs are scaled, a unit of weight is as long as one of bias. */
  function frame(state, middle, width) {
    const size = { width, height: HEIGHT, left: middle + 40, right: 14, top: 34, bottom: 46 };
    if (state.inputs === "celsius") return axes({ x: [-0.5, 4.5], y: [-25, 65], ...size });
    const [cw, cb] = into(SCALES.scaled, RULE);
    const [across, up] = [size.width - size.left - size.right, size.height - size.top - size.bottom];
    const high = Math.max(110, (85 * up) / across);
    const wide = (high * across) / up;
    return axes({ x: [cw - wide, cw + wide], y: [cb - high, cb + high], ...size });
  }

  const tens = ([low, high], apart) => {
    const found = [];
    for (let tick = Math.ceil(low / apart) * apart; tick <= high; tick += apart) found.push(tick + 0);
    return found;
  };

  function map(state, now, middle, width, narrow) {
    const at = frame(state, middle, width);
    const scaled = state.inputs === "scaled";
    const apart = narrow ? 2 : 1;
    const xs = scaled ? tens([at.xOf(at.left), at.xOf(at.right)], 50 * apart) : tens([0, 4], apart);
    const ys = tens([at.yOf(at.bottom), at.yOf(at.top)], scaled ? 50 : 20);
    const place = ([w, b]) => [at.x(w), at.y(b)];
    const walked = path(state).map(place);
    const [cx, cy] = place(into(SCALES[state.inputs], RULE));
    const last = walked.at(-1);
    const trail = { fill: "none", stroke: SERIES[0], "stroke-width": 1.5, "stroke-linejoin": "round" };
    return [
      at.lines({ xs, ys, name: `weight ${variable(scaled ? "w̃" : "w")}` }),
      label(at.left - 8, at.top - 14, `bias ${variable(scaled ? "b̃" : "b")}`, { anchor: "middle", colour: MUTED }),
      label(at.right, at.top - 14, `loss ${shown(loss(now))}`, {
        anchor: "end", colour: SERIES[0], "font-weight": 600,
      }),
      within(at, [
        ...RINGS.map((height) => ring(state, height, place)),
        tag("path", {
          d: `M${(cx - 6).toFixed(1)} ${(cy - 6).toFixed(1)}l12 12m0 -12l-12 12`, stroke: INK, "stroke-width": 2,
        }),
        tag("path", { d: steps(walked), ...trail }),
        ...walked.map(([x, y]) => dot(clamp(x, -FAR, FAR), clamp(y, -FAR, FAR), { r: 2, fill: SERIES[0] })),
        dot(clamp(last[0], -FAR, FAR), clamp(last[1], -FAR, FAR), { fill: SERIES[0] }),
      ].join("")),
    ].join("");
  }

  /** All lines that are equally wrong: with d = (u, v) from the rule, where the mean of (u x + v)² is this. */
  function ring(state, height, place) {
    const [shift, size] = SCALES[state.inputs];
    const average = (MU - shift) / size, spread = S / size;
    const [cw, cb] = into(SCALES[state.inputs], RULE);
    const places = Array.from({ length: 97 }, (_, n) => {
      const turn = (n / 96) * 2 * Math.PI;
      const u = (Math.sqrt(height) * Math.cos(turn)) / spread;
      return place([cw + u, cb + Math.sqrt(height) * Math.sin(turn) - average * u]);
    });
    return tag("polyline", { points: points(places), fill: "none", stroke: MUTED, opacity: 0.7 });
  }

  groundup.live.figure("neuron", {
    height: HEIGHT,
    start: { inputs: "celsius", rate: 1, steps: ASKED },
    controls: [
      choice("inputs", "Inputs", { celsius: "°C", scaled: "scaled" }),
      slider("rate", "learning rate <i>η</i>", { min: 0, max: 5.2, step: 0.05, fine: 0.01, show: written }),
      slider("steps", "steps", { min: 0, max: MOST, step: 1, show: (steps) => number(steps, 0) }),
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
      const [w, b] = end(state);
      const inputs = state.inputs === "scaled" ? "scaled inputs" : "inputs in degrees Celsius";
      return `After ${number(state.steps, 0)} step${state.steps === 1 ? "" : "s"} with a learning rate of ${written(state.rate)} and ${inputs}: weight `
        + `${number(w, 2)}, bias ${number(b, 1)}, loss ${shown(loss([w, b]))}.`;
    },
    task: {
      words:
        "<b>Your turn.</b> Bring the loss below 1 in at most twenty steps. With °C you can’t, however hard you try; this chapter shows why.",
      goals: [
        ["loss below 1", (state) => loss(end(state)) < 1],
        [`at most ${ASKED} steps`, (state) => state.steps <= ASKED],
      ],
      found:
        "<b>Found.</b> You will soon know why a change of units helps, and which rates then work.",
    },
    path,
    end,
    loss,
    eta,
  });
})();
