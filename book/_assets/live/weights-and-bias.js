// One neuron, y = φ(w x + b): a heating that switches with the temperature outside.
(() => {
  "use strict";
  const { nn, SERIES, INK, MUTED, GROUND, axes, clamp, label, number, round, tag, variable } = groundup.live;
  const HEIGHT = 300, COLDEST = 0, WARMEST = 30, ASKED = 17, WANTED = 18;
  const NAMES = { sigmoid: "σ", tanh: "tanh", relu: "ReLU" };
  const RANGES = { sigmoid: [0, 1], tanh: [-1, 1], relu: [0, 4] };
  const TICKS = { sigmoid: [0, [0.5, "½"], 1], tanh: [-1, 0, 1], relu: [0, 1, 2, 3, 4] };

  const output = ({ w, b, phi }, x) => nn.outputs([{ W: [[w]], b: [b], activation: phi }], [[x]])[0][0];
  const threshold = ({ w, b }) => (w === 0 ? null : -b / w + 0);
  const side = ({ w }) => (w < 0 ? "colder" : "warmer");

  const frame = (width, blend = (f) => f({ phi: "sigmoid" })) =>
    axes({
      x: [COLDEST, WARMEST], y: [0, 1].map((i) => blend(({ phi }) => RANGES[phi][i])), width, height: HEIGHT,
      left: 34, right: 16, top: 34, bottom: 46,
    });

  function draw(state, width, blend) {
    const at = frame(width, blend);
    const tau = threshold(state);
    const inside = tau === null ? null : clamp(tau, COLDEST, WARMEST);
    const y = (x) => blend((s) => output(s, x));
    const parts = [];
    if (tau !== null) {
      const [from, to] = state.w < 0 ? [at.left, at.x(inside)] : [at.x(inside), at.right];
      parts.push(tag("rect", {
        x: from.toFixed(1), y: at.top, width: (to - from).toFixed(1), height: at.bottom - at.top, fill: SERIES[0],
        opacity: 0.1,
      }));
    }
    parts.push(label(at.left - 8, at.top - 14, variable("y"), { anchor: "end", colour: MUTED }));
    parts.push(at.lines({
      xs: width < 480 ? [0, 10, 20, 30] : [0, 5, 10, 15, 20, 25, 30], ys: TICKS[state.phi],
      name: `temperature outside ${variable("x")}, °C`,
    }));
    if (tau === null) {
      parts.push(label((at.left + at.right) / 2, at.top - 14, `${variable("w")} = 0: no threshold`, {
        anchor: "middle", colour: SERIES[1],
      }));
    } else {
      const place = at.x(inside);
      const [before, after] = [tau < COLDEST ? "◂ " : "", tau > WARMEST ? " ▸" : ""];
      const words = `${before}threshold −${variable("b")}/${variable("w")} = ${number(tau, 1)} °C${after}`;
      const room = 105;
      parts.push(label(clamp(place, at.left + room, at.right + 12 - room), at.top - 14, words, {
        anchor: "middle", colour: SERIES[1],
      }));
      if (tau === inside) {
        parts.push(tag("line", {
          x1: place.toFixed(1), y1: at.top - 6, x2: place.toFixed(1), y2: at.bottom, stroke: SERIES[1],
          "stroke-width": 1.5, "stroke-dasharray": "5 3",
        }));
      }
      const on = state.w < 0 ? [at.left, place] : [place, at.right];
      const off = state.w < 0 ? [place, at.right] : [at.left, place];
      for (const [[from, to], words2, height, colour] of [[on, "on", 0.9, SERIES[0]], [off, "off", 0.16, MUTED]]) {
        if (to - from > 44) {
          parts.push(label((from + to) / 2, at.top + height * (at.bottom - at.top), words2, {
            anchor: "middle", colour, "font-weight": 600,
          }));
        }
      }
    }
    parts.push(at.curve(y));
    if (tau !== null && tau === inside) {
      parts.push(tag("circle", { cx: at.x(tau).toFixed(1), cy: at.y(y(tau)).toFixed(1), r: 4.5, fill: SERIES[1] }));
    }
    const value = y(ASKED);
    const [px, py] = [at.x(ASKED), clamp(at.y(value), at.top - 2, at.bottom)];
    // Beside the curve, on the side where it isn't.
    const acts = state.w * ASKED + state.b > 0;
    const left = state.w < 0 === acts;
    parts.push(tag("circle", {
      cx: px.toFixed(1), cy: py.toFixed(1), r: 4.5, fill: GROUND, stroke: INK, "stroke-width": 2,
    }));
    parts.push(label(px + (left ? -9 : 9), Math.min(py + (acts ? 19 : -11), at.bottom - 8), `${number(value, 2)} at ${ASKED} °C`, {
      anchor: left ? "end" : "start", halo: true,
    }));
    return parts.join("");
  }

  groundup.live.figure("weights-and-bias", {
    height: HEIGHT,
    start: { w: 0.5, b: -10, phi: "sigmoid" },
    controls: [
      groundup.live.choice("phi", "Activation", { sigmoid: "sigmoid", tanh: "tanh", relu: "ReLU" }),
      groundup.live.slider("w", "weight <i>w</i>", { min: -3, max: 3, step: 0.1, show: (w) => number(w, 1) }),
      groundup.live.slider("b", "bias <i>b</i>", { min: -90, max: 90, step: 0.5, fine: 0.1, show: (b) => number(b, 1) }),
    ],
    formula: ({ w, b, phi }) =>
      `<i>y</i> = ${NAMES[phi]}(<b>${number(w, 1)}</b> <i>x</i> ${b < 0 ? "−" : "+"} <b>${number(Math.abs(b), 1)}</b>)`,
    draw,
    handles: [{
      name: "threshold, by moving the bias",
      along: "x",
      shape:
        `<rect x="-22" y="-${HEIGHT - 80}" width="44" height="${HEIGHT - 80 + 22}" fill="transparent"></rect>`
        + `<circle r="9" fill="${SERIES[1]}"></circle>`
        + `<path d="M-13 -4l-4 4 4 4M13 -4l4 4-4 4" fill="none" stroke="${SERIES[1]}" stroke-width="2"></path>`,
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
        "<b>Your turn.</b> Somebody wired this heating the wrong way: it comes on when it’s warm. Find a weight and a "
        + "bias that put it right.",
      goals: [
        ["on when it’s colder", (state) => state.w < 0],
        [`switches at ${WANTED} °C`, (state) => state.w !== 0 && Math.abs(threshold(state) - WANTED) <= 0.15],
        [`above 0.9 at ${ASKED} °C`, (state) => output(state, ASKED) > 0.9],
      ],
      found:
        "<b>Found.</b> The sign of the weight chose the side, its size the steepness. To keep the threshold in its "
        + "place, the bias had to grow with the weight.",
    },
    output, threshold,
  });

  function moved(state, tau) {
    return { b: round(clamp(-state.w * clamp(tau, COLDEST, WARMEST), -90, 90), 0.1) };
  }
})();
