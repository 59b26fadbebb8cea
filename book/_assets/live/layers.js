// Three neurons and XOR: two look at the plane, the third at what they say. Each has a line, moved and turned by hand.
(() => {
  "use strict";
  const { nn, SERIES, INK, MUTED, GROUND, axes, label, variable, tag, clamp, number, round } = groundup.live;
  const HEIGHT = 330, GAP = 26, ROW = 3; // px
  const LOW = -0.45, HIGH = 1.45, ARROW = 0.42;
  const STEEP = 8; // the length of each neuron's weights
  const TIE = 1e-6; // so close to a half an answer is neither dot nor square
  const CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]], TARGETS = [0, 1, 1, 0];
  const NAMED = [[-9, 17, "end"], [-10, -8, "end"], [10, 17, "start"], [10, -8, "start"]]; // where a corner's name stands
  const COLOURS = [SERIES[2], SERIES[2], INK];
  const NEURONS = [1, 2, 3];

  const place = (state, n) => [state[`x${n}`], state[`y${n}`]];
  const towards = (state, n) => {
    const turn = (state[`t${n}`] * Math.PI) / 180;
    return [Math.cos(turn), Math.sin(turn)];
  };

  /** Weights and bias of a neuron: on where its arrow points to. */
  function neuron(state, n) {
    const [x, y] = place(state, n), w = towards(state, n).map((part) => STEEP * part);
    return { w, b: -(w[0] * x + w[1] * y) };
  }

  /** The network as the library has it. */
  function layers(state) {
    const [one, two, three] = NEURONS.map((n) => neuron(state, n));
    return [
      { W: [0, 1].map((j) => [one.w[j], two.w[j]]), b: [one.b, two.b], activation: "sigmoid" },
      { W: three.w.map((w) => [w]), b: [three.b], activation: "sigmoid" },
    ];
  }

  /** What the network makes of points: what the first two say of each, and the third. */
  function passes(state, points) {
    const [hidden, output] = nn.forward(layers(state), points);
    return { hidden: hidden.A, output: output.A.map(([y]) => y) };
  }

  const rights = (state) => passes(state, CORNERS).output.map((y, i) => (2 * TARGETS[i] - 1) * (y - 0.5) > TIE);
  const count = (state) => rights(state).filter(Boolean).length;

  // ---- Two square panels: the inputs, and what the first two neurons say.

  function frame(width, right) {
    const side = Math.min((width - GAP - 44) / 2, HEIGHT - 62);
    const left = right ? width / 2 + GAP / 2 + 9 : width / 2 - GAP / 2 - side + 9;
    const top = Math.max(34, (HEIGHT - side) / 2 - 10);
    const size = { width, height: HEIGHT, left, right: width - left - side, top, bottom: HEIGHT - top - side };
    return axes({ x: [LOW, HIGH], y: [LOW, HIGH], ...size });
  }

  const box = (at) => ({ x: at.left, y: at.top, width: at.right - at.left, height: at.bottom - at.top });
  const within = (at, content) => tag("svg", { role: "none", ...box(at), viewBox: Object.values(box(at)).join(" ") }, content);

  /** Where a function of points is positive, row by row. */
  function shade(at, f) {
    const xs = [], parts = [];
    for (let x = at.left; x < at.right + 6; x += 6) xs.push(x);
    for (let y = at.top; y < at.bottom; y += ROW) {
      const values = f(xs.map((x) => [at.xOf(x), at.yOf(y + ROW / 2)]));
      let from = values[0] > 0 ? xs[0] : null;
      for (let i = 1; i < xs.length; i++) {
        const [a, b] = [values[i - 1], values[i]];
        if (a > 0 === b > 0) continue;
        const crossing = xs[i - 1] + (6 * a) / (a - b);
        if (b > 0) from = crossing;
        else parts.push([from, crossing, y]);
        if (b <= 0) from = null;
      }
      if (from !== null) parts.push([from, xs.at(-1), y]);
    }
    const d = parts.map(([from, to, y]) => `M${from.toFixed(1)} ${y.toFixed(1)}H${to.toFixed(1)}v${ROW}H${from.toFixed(1)}z`);
    return tag("path", { d: d.join(""), fill: SERIES[0], opacity: 0.13 });
  }

  const mark = (i, [x, y]) => (TARGETS[i]
    ? tag("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 6.5, fill: SERIES[0] })
    : tag("rect", { x: (x - 6).toFixed(1), y: (y - 6).toFixed(1), width: 12, height: 12, fill: SERIES[1] }));

  function corners(at, points, right) {
    return points.map(([px, py], i) => {
      const [x, y] = [at.x(px), at.y(py)];
      const [dx, dy, anchor] = NAMED[i];
      const ring = { cx: x.toFixed(1), cy: y.toFixed(1), r: 11.5, fill: "none", stroke: INK, "stroke-width": 1.5 };
      return mark(i, [x, y]) + (right[i] ? "" : tag("circle", ring))
        + label(x + dx, y + dy, CORNERS[i].join(""), { anchor, halo: true, "font-size": 12 });
    }).join("");
  }

  /** A neuron's line, and the arrow to the side where it's on. */
  function drawn(at, state, n) {
    const [x, y] = place(state, n), [u, v] = towards(state, n), colour = COLOURS[n - 1];
    const point = (a, b) => `${at.x(a).toFixed(1)} ${at.y(b).toFixed(1)}`;
    const tip = [x + ARROW * u, y + ARROW * v];
    const back = (side) => point(tip[0] - 0.11 * u + side * 0.06 * v, tip[1] - 0.11 * v - side * 0.06 * u);
    const line = { stroke: colour, "stroke-width": 2, fill: "none" };
    const dashes = n === 2 ? "7 4" : null;
    return tag("path", { "stroke-dasharray": dashes, d: `M${point(x - 4 * v, y + 4 * u)}L${point(x + 4 * v, y - 4 * u)}`, ...line })
      + tag("path", { d: `M${point(x, y)}L${point(...tip)}M${back(1)}L${point(...tip)}L${back(-1)}`, ...line });
  }

  function panel(at, name, below, beside) {
    const ticks = [0, 1].flatMap((value) => [
      label(at.x(value), at.bottom + 17, value, { anchor: "middle", colour: MUTED }),
      label(at.left - 6, at.y(value) + 4.5, value, { anchor: "end", colour: MUTED }),
    ]);
    return [
      tag("rect", { ...box(at), fill: "none", stroke: "var(--pst-color-border, #d4dae0)" }), ...ticks,
      label((at.left + at.right) / 2, at.top - 10, name, { anchor: "middle" }),
      label(at.right, at.bottom + 17, below, { anchor: "end", colour: MUTED }),
      label(at.left - 6, at.top + 11, beside, { anchor: "end", colour: MUTED }),
    ].join("");
  }

  const indexed = (letter, n) => `${variable(letter)}${"₀₁₂"[n]}`;

  function draw(state, width) {
    const [left, right] = [frame(width, false), frame(width, true)];
    const { hidden } = passes(state, CORNERS), good = rights(state);
    const { w, b } = neuron(state, 3);
    return [
      panel(left, "what 1 and 2 see", indexed("x", 1), indexed("x", 2)),
      panel(right, "what 3 sees", indexed("a", 1), indexed("a", 2)),
      within(left, shade(left, (points) => passes(state, points).output.map((y) => y - 0.5))
        + drawn(left, state, 1) + drawn(left, state, 2)),
      within(right, shade(right, (points) => points.map(([x, y]) => w[0] * x + w[1] * y + b)) + drawn(right, state, 3)),
      corners(left, CORNERS, good), corners(right, hidden, good),
    ].join("");
  }

  // ---- What can be taken hold of: the place of each line, and the tip of its arrow.

  const limited = (value) => round(clamp(value, -0.3, 1.3), 0.01);
  const turned = (degrees) => Math.round(((degrees % 360) + 360) % 360);
  const moved = (n, [x, y]) => ({ [`x${n}`]: limited(x), [`y${n}`]: limited(y) });
  const hold = (n) => tag("circle", { r: 15, fill: "transparent" })
    + tag("circle", { r: 6.5, fill: GROUND, stroke: COLOURS[n - 1], "stroke-width": 2.5 })
    + label(0, 4.2, n, { anchor: "middle", "font-size": 10 });

  const places = (n) => ({
    name: `neuron ${n}, its line`,
    shape: hold(n),
    at(state, width) {
      const at = frame(width, n === 3), [x, y] = place(state, n);
      return { x: at.x(x), y: at.y(y) };
    },
    to: (state, x, y, width) => moved(n, [frame(width, n === 3).xOf(x), frame(width, n === 3).yOf(y)]),
    by(state, right, up) {
      const [x, y] = place(state, n);
      return moved(n, [x + 0.05 * right, y + 0.05 * up]);
    },
    value(state) {
      const [x, y] = place(state, n);
      return [x, -0.3, 1.3, `through ${number(x, 2)} across and ${number(y, 2)} up`];
    },
  });

  const turns = (n) => ({
    name: `neuron ${n}, its arrow`,
    shape: tag("circle", { r: 14, fill: "transparent" }),
    at(state, width) {
      const at = frame(width, n === 3), [x, y] = place(state, n), [u, v] = towards(state, n);
      return { x: at.x(x + ARROW * u), y: at.y(y + ARROW * v) };
    },
    to(state, x, y, width) {
      const at = frame(width, n === 3), [px, py] = place(state, n);
      const degrees = (Math.atan2(at.yOf(y) - py, at.xOf(x) - px) * 180) / Math.PI;
      return { [`t${n}`]: turned(degrees) };
    },
    by: (state, right, up) => ({ [`t${n}`]: turned(state[`t${n}`] - 5 * right + 5 * up) }),
    value: (state) => [state[`t${n}`], 0, 359, `turned by ${number(state[`t${n}`], 0)} degrees`],
  });

  /** What only the handles and the address show. */
  const kept = (key, accept) => ({
    key,
    read(text) {
      const value = text.trim() ? Number(text) : NaN;
      return Number.isFinite(value) ? accept(value) : undefined;
    },
    html: () => "",
    show() {},
    listen() {},
  });

  groundup.live.figure("layers", {
    height: HEIGHT,
    start: { x1: 0.2, y1: 0.8, t1: 0, x2: 0.8, y2: 0.2, t2: 90, x3: 0.5, y3: 0.5, t3: 45 },
    controls: NEURONS.flatMap((n) => [kept(`x${n}`, limited), kept(`y${n}`, limited), kept(`t${n}`, turned)]),
    formula: (state) => `<b>${count(state)}</b> of 4 right`,
    draw,
    handles: NEURONS.flatMap((n) => [turns(n), places(n)]),
    says(state) {
      const { hidden, output } = passes(state, CORNERS);
      const told = CORNERS.map((corner, i) =>
        `${corner.join("")}: neurons 1 and 2 say ${hidden[i].map((a) => number(a, 1)).join(" and ")}; `
        + `the third says ${output[i] > 0.5 ? "dot" : "square"}, `
        + `which is ${rights(state)[i] ? "right" : "wrong"}`);
      return `${count(state)} of 4 right. ${told.join(". ")}.`;
    },
    task: {
      words:
        "<b>Your turn.</b> Three are right, the best a single neuron could do. Drag a line by its "
        + "number, turn it by the tip of its arrow, and get all four corners right. None of the three "
        + "can stay as it is.",
      goals: [
        ["01 and 10 come out as dots", (state) => rights(state).slice(1, 3).every(Boolean)],
        ["00 and 11 as squares", (state) => rights(state)[0] && rights(state)[3]],
      ],
      found:
        "<b>Found.</b> None of the three neurons could do it alone; together they can. There are other "
        + "ways, too.",
    },
    layers,
    passes,
  });
})();
