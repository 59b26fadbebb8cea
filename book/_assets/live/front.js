// The front page: a small network learns, in the page, to tell dots from squares that can be dragged.
(() => {
  "use strict";
  const { nn, SERIES, INK, axes, label, tag, slider, number, movable } = groundup.live;
  const HEIGHT = 320, MOST = 120, RATE = 1.5, EDGE = [3, 2.3], ROW = 6, COLUMN = 16;
  const DOTS = 8;
  const START = [
    [0.2, 0.1], [-0.5, 0.5], [0.6, -0.4], [-0.3, -0.5], [0.5, 0.6], [-0.8, -0.1], [0, 0.9], [0.9, 0.1],
    [2, 0.3], [1.5, 1.5], [0.2, 1.9], [-1.5, 1.3], [-2.1, 0.1], [-1.4, -1.3], [0.1, -1.7], [1.6, -1.2],
  ];
  const TARGETS = START.map((_, i) => [i < DOTS ? 1 : 0]);
  // Two inputs, four hidden units and one output, as they begin.
  const BEGIN = [
    { W: [[0.5, -1, 0.8, -0.3], [0.9, 0.4, -0.6, -1.1]], b: [0.4, -0.2, 0.1, 0.5], activation: "tanh" },
    { W: [[0.6], [-0.4], [0.3], [-0.7]], b: [0], activation: "sigmoid" },
  ];
  /** The network after each step of gradient descent on these points. */
  function training(points) {
    const path = [BEGIN];
    for (let n = 0; n < MOST; n++) {
      path.push(nn.step(path[n], nn.gradients(path[n], points, TARGETS, "binary_crossentropy"), RATE));
    }
    return path;
  }

  let last = {};
  function known({ points }) {
    if (last.text !== points) last = { text: points, places: read(points), path: training(read(points)) };
    return last;
  }
  const network = (state) => known(state).path[Math.round(state.t)];
  const wrong = (layers, places) =>
    nn.outputs(layers, places).map(([y], i) => (y > 0.5) !== (TARGETS[i][0] === 1));
  const count = (state, t = state.t) =>
    wrong(known(state).path[Math.round(t)], known(state).places).filter((is) => !is).length;

  const frame = (width) =>
    axes({
      x: [-EDGE[0], EDGE[0]], y: [-EDGE[1], EDGE[1]], width, height: HEIGHT, left: 6, right: 6, top: 28, bottom: 6,
    });

  /** Where the network says dot, row by row. */
  function shade(at, layers) {
    const xs = [], parts = [];
    for (let x = at.left; x < at.right + COLUMN; x += COLUMN) xs.push(Math.min(x, at.right));
    for (let y = at.top; y < at.bottom; y += ROW) {
      const says = nn.outputs(layers, xs.map((x) => [at.xOf(x), at.yOf(y + ROW / 2)])).map(([p]) => p - 0.5);
      let from = says[0] > 0 ? xs[0] : null;
      for (let i = 1; i < xs.length; i++) {
        const [a, b] = [says[i - 1], says[i]];
        if (a > 0 === b > 0) continue;
        const crossing = xs[i - 1] + ((xs[i] - xs[i - 1]) * a) / (a - b);
        if (b > 0) from = crossing;
        else {
          parts.push([from, crossing, y]);
          from = null;
        }
      }
      if (from !== null) parts.push([from, at.right, y]);
    }
    const rows = parts.map(([from, to, y]) => `M${from.toFixed(1)} ${y}H${to.toFixed(1)}v${ROW}H${from.toFixed(1)}z`);
    return tag("path", { d: rows.join(""), fill: SERIES[0], opacity: 0.14 });
  }

  const mark = (i, x, y) => (i < DOTS
    ? tag("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 6.5, fill: SERIES[0] })
    : tag("rect", { x: (x - 6).toFixed(1), y: (y - 6).toFixed(1), width: 12, height: 12, fill: SERIES[1] }));

  function draw(state, width) {
    const at = frame(width), { places } = known(state), layers = network(state);
    const off = wrong(layers, places);
    const box = { x: at.left, y: at.top, width: at.right - at.left, height: at.bottom - at.top };
    const ring = (x, y) =>
      tag("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 12, fill: "none", stroke: INK, "stroke-width": 1.5 });
    return [
      shade(at, layers),
      tag("rect", { ...box, fill: "none", stroke: "var(--pst-color-border, #d4dae0)" }),
      ...places.map(([x, y], i) => mark(i, at.x(x), at.y(y)) + (off[i] ? ring(at.x(x), at.y(y)) : "")),
      label(at.left, 18, told(state)),
    ].join("");
  }

  const told = (state) =>
    `${state.t < 0.5 ? "Before the first step" : `After step ${number(state.t, 0)}`}: ${count(state)} of ${START.length} right`;

  const { written, read, control: placing, handles } = movable({
    start: START,
    limits: [2.8, 2.1],
    named: (i) => `${i < DOTS ? "dot" : "square"} ${(i % DOTS) + 1}`,
    frame,
    moved: (state, points) => ({ points, t: MOST }),
  });

  groundup.live.figure("front", {
    height: HEIGHT,
    start: { t: MOST, points: written(START) },
    plays: { key: "t", from: 0, seconds: 4 },
    controls: [slider("t", "steps of learning", { min: 0, max: MOST, step: 1, show: (t) => number(t, 0) }), placing],
    formula: (state) => `<b>${count(state)}</b> of ${START.length} right`,
    draw,
    handles,
    says: (state) => `${told(state)}.`,
    task: {
      words: "<b>Your turn.</b> It has four neurons, one more to sum them up, and 120 steps. Drag one square to where that isn’t enough.",
      goals: [["after its last step it is still wrong somewhere", (state) => count(state, MOST) < START.length]],
      found: "<b>Found.</b> Would more neurons help, more steps, other ones? How you’d know is what this book is about.",
    },
    training,
  });
})();
