// A handwritten digit, the ten scores that a network gives it, and the probabilities that softmax makes of them.
(() => {
  "use strict";
  const { SERIES, INK, MUTED, GRID, GROUND, axes, label, tag, slider, clamp, number, round } = groundup.live;
  const { scores, truth, pixels } = groundup.live.data.digit;
  const HEIGHT = 430, DIGIT = 100, LEAST = -8, MOST = 10, WANTED = 0.9;
  const CLASSES = scores.map((_, k) => k);
  const START = Object.fromEntries([...scores.map((score, k) => [`z${k}`, score]), ["T", 1]]);
  const SHADES = ["0.3", "0.65", "1"];

  const scoresOf = (state) => CLASSES.map((k) => state[`z${k}`]);
  function predictions(state) {
    const z = scoresOf(state).map((score) => score / state.T);
    const largest = Math.max(...z);
    const exponentials = z.map((score) => Math.exp(score - largest));
    const sum = exponentials.reduce((a, b) => a + b, 0);
    return exponentials.map((e) => e / sum);
  }
  const loss = (state) => -Math.log(predictions(state)[truth]);
  const leader = (state) => {
    const z = scoresOf(state);
    return z.indexOf(Math.max(...z));
  };
  const isMoved = (state, k) => Math.abs(state[`z${k}`] - scores[k]) > 1e-6;

  // Two panels below the digit, with a column for each class.
  const columns = { x: [-0.6, 9.6], left: 30, right: 8 };
  const upper = (width) => axes({ ...columns, y: [LEAST, MOST], width, height: 262, top: DIGIT + 16, bottom: 4 });
  const lower = (width) => axes({ ...columns, y: [0, 1], width, height: HEIGHT, top: 286, bottom: 46 });

  /** The digit, each shade as one path of runs of pixels. */
  function digit(at) {
    const side = DIGIT / pixels.length;
    return SHADES.map((opacity, shade) => {
      const runs = pixels.flatMap((row, y) =>
        [...row.matchAll(new RegExp(`${shade + 1}+`, "g"))].map(({ 0: run, index }) =>
          `M${(at.left + index * side).toFixed(2)} ${(4 + y * side).toFixed(2)}h${(run.length * side).toFixed(2)}`
          + `v${side.toFixed(2)}h-${(run.length * side).toFixed(2)}z`));
      return tag("path", { d: runs.join(""), fill: INK, opacity });
    }).join("");
  }

  function draw(state, width) {
    const [up, down] = [upper(width), lower(width)];
    const p = predictions(state);
    const box = tag("rect", {
      x: up.left, y: 4, width: DIGIT, height: DIGIT, fill: "none", stroke: GRID,
    });
    const beside = up.left + DIGIT + 16;
    const words = [
      label(beside, 36, `this is a ${truth}`, { colour: SERIES[1], "font-weight": 600 }),
      label(beside, 60, `read as a ${leader(state)}`, {
        colour: SERIES[Number(leader(state) === truth)], "font-weight": 600,
      }),
      label(beside, 84, `loss ${number(loss(state), 2)}`, { colour: MUTED }),
    ];
    return [
      box, digit(up), ...words,
      up.lines({ xs: [], ys: [-5, 0, 5] }), down.lines({ xs: CLASSES, ys: [0, [0.5, "½"], 1], name: "class" }),
      label(up.left, DIGIT + 26, "scores", { colour: MUTED }), label(down.left, 279, "probabilities", { colour: MUTED }),
      ...CLASSES.map((k) => column(up, down, state, k, p[k])),
    ].join("");
  }

  /** A class's score as a dot on a stem, and its probability as a bar. */
  function column(up, down, state, k, p) {
    const colour = SERIES[Number(k === truth)];
    const [x, y, zero] = [up.x(k), up.y(state[`z${k}`]), up.y(0)];
    const half = (down.x(1) - down.x(0)) * 0.31;
    const top = down.y(p);
    const stem = {
      x1: x.toFixed(1), y1: zero.toFixed(1), x2: x.toFixed(1), y2: y.toFixed(1), stroke: colour, "stroke-width": 2,
    };
    const old = isMoved(state, k)
      ? tag("circle", {
        cx: x.toFixed(1), cy: up.y(scores[k]).toFixed(1), r: 4, fill: GROUND, stroke: MUTED, "stroke-width": 1.5,
      })
      : "";
    const mark = k === truth
      ? tag("path", { d: `M${x.toFixed(1)} ${(top - 5).toFixed(1)}l-5 -8h10z`, fill: colour })
      : "";
    const share = p >= 0.1
      ? label(x, top - (k === truth ? 17 : 6), number(p, 2), { anchor: "middle", halo: true, "font-size": 12 })
      : "";
    return [
      tag("line", stem), old, tag("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 7, fill: colour }),
      tag("rect", {
        x: (x - half).toFixed(1), y: top.toFixed(1), width: (2 * half).toFixed(1), height: (down.bottom - top).toFixed(1),
        fill: colour,
      }),
      mark, share,
    ].join("");
  }

  /** A score in the page's address; the reader drags it in the picture. */
  const inAddress = (k) => ({
    key: `z${k}`,
    read(text) {
      const value = text.trim() ? Number(text) : NaN;
      return Number.isFinite(value) ? round(clamp(value, LEAST, MOST), 0.1) : undefined;
    },
    html: () => "",
    show() {},
    listen() {},
  });

  const handle = (k) => ({
    name: `score of the ${k}`,
    shape: tag("circle", { r: 14, fill: "transparent" }),
    at: (state, width) => ({ x: upper(width).x(k), y: upper(width).y(state[`z${k}`]) }),
    to: (state, x, y, width) => moved(k, upper(width).yOf(y)),
    by: (state, right, up) => moved(k, state[`z${k}`] + 0.1 * (right + up)),
    value(state) {
      const score = state[`z${k}`];
      return [score, LEAST, MOST, `${number(score, 1)}, probability ${number(predictions(state)[k], 2)}`];
    },
  });
  const moved = (k, score) => ({ [`z${k}`]: round(clamp(score, LEAST, MOST), 0.1) });

  groundup.live.figure("softmax-regression", {
    height: HEIGHT,
    start: START,
    controls: [
      slider("T", "temperature", { min: 0.1, max: 5, step: 0.1, show: (T) => number(T, 1) }), ...CLASSES.map(inAddress),
    ],
    formula(state) {
      const p = predictions(state);
      const said = p.indexOf(Math.max(...p));
      const first = said === truth ? "" : `the ${said} gets <b>${number(p[said], 2)}</b>, `;
      return `${first}the ${truth} gets <b>${number(p[truth], 2)}</b>`;
    },
    draw,
    handles: CLASSES.map(handle),
    says: (state) =>
      `Read as a ${leader(state)}; the ${truth} has probability ${number(predictions(state)[truth], 2)}, and the loss is `
      + `${number(loss(state), 2)}.`,
    task: {
      words:
        `<b>Your turn.</b> Make it a ${truth} beyond doubt. But you may not touch the score of the ${truth}, and of the `
        + "others you may move only one.",
      goals: [
        [`the ${truth}’s score untouched`, (state) => !isMoved(state, truth)],
        ["only one other moved", (state) => CLASSES.filter((k) => k !== truth && isMoved(state, k)).length <= 1],
        [`the ${truth} above ${WANTED}`, (state) => predictions(state)[truth] > WANTED],
      ],
      found:
        `<b>Found,</b> and the ${truth} itself never moved. A colder temperature made the network surer without any new `
        + "evidence. Why that can be is what comes next.",
    },
    predictions,
    loss,
  });
})();
