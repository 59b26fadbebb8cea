// One neuron, ŷ = φ(w x + b): a heater that switches with the temperature outside.
(() => {
  "use strict";
  const { nn, SERIES, INK, MUTED, GROUND, axes, label, variable, tag, grip, slider, choice } = groundup.live;
  const { clamp, mix, number, round } = groundup.live;
  const HEIGHT = 300, COLDEST = 0, WARMEST = 30, ASKED = 17, WANTED = 18;
  const HALF_NAME = 75; // px, of the threshold's name
  const NAMES = { sigmoid: "σ", tanh: "tanh", relu: "ReLU" };
  const RANGES = { sigmoid: [0, 1], tanh: [-1, 1], relu: [0, 4] };
  const TICKS = { sigmoid: [0, [0.5, "½"], 1], tanh: [-1, 0, 1], relu: [0, 1, 2, 3, 4] };

  const output = ({ w, b, phi }, x) => nn.outputs([{ W: [[w]], b: [b], activation: phi }], [[x]])[0][0];
  const threshold = ({ w, b }) => (w === 0 ? null : -b / w + 0);
  // A weight of tenths and a threshold of half degrees make a bias of twentieths.
  const shortest = (b) => number(b, round(b, 0.1) === b ? 1 : 2);
  const side = ({ w }) => (w < 0 ? "colder" : "warmer");

  const frame = (width, blend = (f) => f({ phi: "sigmoid" })) =>
    axes({
      x: [COLDEST, WARMEST], y: [0, 1].map((i) => blend(({ phi }) => RANGES[phi][i])), width, height: HEIGHT,
      left: 34, right: 16, top: 34, bottom: 46,
    });

  const dot = (x, y, attributes) => tag("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 4.5, ...attributes });

  function draw(state, width, blend) {
    const at = frame(width, blend);
    const y = (x) => blend((s) => output(s, x));
    const lines = at.lines({
      xs: width < 480 ? [0, 10, 20, 30] : [0, 5, 10, 15, 20, 25, 30], ys: TICKS[state.phi],
      name: `temperature outside ${variable("x")}, °C`,
    });
    const name = label(at.left - 8, at.top - 14, variable("ŷ"), { anchor: "end", colour: MUTED });
    return [
      ...sides(at, state), name, lines, ...switching(at, state), at.curve(y), ...crossing(at, state, y),
      ...asked(at, state, y),
    ].join("");
  }

  /** Where it is on, and where off. */
  function sides(at, state) {
    const tau = threshold(state);
    if (tau === null) return [];
    const place = at.x(clamp(tau, COLDEST, WARMEST));
    const [cold, warm] = [[at.left, place], [place, at.right]];
    const [on, off] = state.w < 0 ? [cold, warm] : [warm, cold];
    const word = ([from, to], name, height, colour) => (to - from < 44 ? "" : label(
      (from + to) / 2, mix(at.top, at.bottom, height), name, { anchor: "middle", colour, "font-weight": 600 },
    ));
    const ground = tag("rect", {
      x: on[0].toFixed(1), y: at.top, width: (on[1] - on[0]).toFixed(1), height: at.bottom - at.top, fill: SERIES[0],
      opacity: 0.1,
    });
    return [ground, word(on, "on", 0.9, SERIES[0]), word(off, "off", 0.16, MUTED)];
  }

  /** The threshold: its line and its name, or where it lies beyond the axis. */
  function switching(at, state) {
    const tau = threshold(state);
    const style = { anchor: "middle", colour: SERIES[1] };
    if (tau === null) return [label((at.left + at.right) / 2, at.top - 14, `${variable("w")} = 0: no threshold`, style)];
    const [before, after] = [tau < COLDEST ? "◂ " : "", tau > WARMEST ? " ▸" : ""];
    const place = at.x(clamp(tau, COLDEST, WARMEST));
    const middle = clamp(place, at.left + HALF_NAME, at.right + 12 - HALF_NAME);
    const name = `${before}switches at ${number(tau, 1)} °C${after}`;
    const line = tag("line", {
      x1: place.toFixed(1), y1: at.top - 6, x2: place.toFixed(1), y2: at.bottom, stroke: SERIES[1], "stroke-width": 1.5,
      "stroke-dasharray": "5 3",
    });
    return [label(middle, at.top - 14, name, style), before || after ? "" : line];
  }

  /** Where the curve crosses the threshold. */
  function crossing(at, state, y) {
    const tau = threshold(state);
    const seen = tau !== null && tau >= COLDEST && tau <= WARMEST;
    return seen ? [dot(at.x(tau), at.y(y(tau)), { fill: SERIES[1] })] : [];
  }

  /** The output that the task asks for, named on the side of the curve that is free. */
  function asked(at, state, y) {
    const [px, py] = [at.x(ASKED), clamp(at.y(y(ASKED)), at.top - 2, at.bottom)];
    const acts = state.w * ASKED + state.b > 0;
    const left = state.w < 0 === acts;
    const [lx, ly] = [px + (left ? -9 : 9), Math.min(py + (acts ? 19 : -11), at.bottom - 8)];
    return [
      dot(px, py, { fill: GROUND, stroke: INK, "stroke-width": 2 }),
      label(lx, ly, `${number(y(ASKED), 2)} at ${ASKED} °C`, { anchor: left ? "end" : "start", halo: true }),
    ];
  }

  groundup.live.figure("weights-and-bias", {
    height: HEIGHT,
    start: { w: 0.5, b: -10, phi: "sigmoid" },
    controls: [
      choice("phi", "Activation", { sigmoid: "sigmoid", tanh: "tanh", relu: "ReLU" }),
      slider("w", "weight <i>w</i>", { min: -3, max: 3, step: 0.1, show: (w) => number(w, 1) }),
      slider("b", "bias <i>b</i>", { min: -90, max: 90, step: 0.5, fine: 0.05, show: shortest }),
    ],
    formula: ({ w, b, phi }) =>
      `<i>ŷ</i> = ${NAMES[phi]}(<b>${number(w, 1)}</b> <i>x</i> ${b < 0 ? "−" : "+"} `
      + `<b>${shortest(Math.abs(b))}</b>)`,
    draw,
    handles: [{
      name: "threshold, by moving the bias",
      along: "x",
      shape: grip(SERIES[1], { along: "x", above: HEIGHT - 80 }),
      at(state, width) {
        const tau = threshold(state);
        const at = frame(width);
        return tau === null ? null : { x: at.x(clamp(tau, COLDEST, WARMEST)), y: at.bottom };
      },
      to: (state, x, y, width) => moved(state, round(frame(width).xOf(x), 0.5)),
      by: (state, right) => moved(state, round(threshold(state) + 0.5 * right, 0.5)),
      value(state) {
        const tau = threshold(state) ?? 0;
        return [clamp(round(tau, 0.1), COLDEST, WARMEST), COLDEST, WARMEST, `${number(tau, 1)} °C`];
      },
    }],
    says(state) {
      const tau = threshold(state);
      const value = `At ${ASKED} degrees the output is ${number(output(state, ASKED), 2)}.`;
      return tau === null
        ? `With a weight of zero there is no threshold. ${value}`
        : `Threshold ${number(tau, 1)} degrees, on where it is ${side(state)}. ${value}`;
    },
    task: {
      words:
        "<b>Your turn.</b> A heater that comes on when it’s warm is no use to anybody. Find a weight and a bias "
        + "that put it right.",
      goals: [
        ["on when it’s colder", (state) => state.w < 0],
        [`switches at ${WANTED} °C`, (state) => state.w !== 0 && Math.abs(threshold(state) - WANTED) <= 0.3],
        [`above 0.9 at ${ASKED} °C`, (state) => output(state, ASKED) > 0.9],
      ],
      found:
        "<b>Found.</b> The sign of the weight chose the side, its size the steepness. And what put the switch at "
        + "18 degrees?",
    },
    output,
    threshold,
  });

  function moved(state, tau) {
    return { b: round(clamp(-state.w * clamp(tau, COLDEST, WARMEST), -90, 90), 0.05) };
  }
})();
