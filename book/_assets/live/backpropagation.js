// The backward sweep through two inputs, two hidden units and one output, stage by stage.
(() => {
  "use strict";
  const { nn, SERIES, INK, MUTED, GRID, label, tag, choice, clamp, mix, number } = groundup.live;
  const HEIGHT = 330, RADIUS = 22, LAST = 7;
  const X = [1, 0.5], Y = 0;
  const LAYERS = [
    { W: [[0.5, 2], [-1.5, 1]], b: [-0.6, 0.5], activation: "sigmoid" },
    { W: [[3], [-0.2]], b: [0.4], activation: "sigmoid" },
  ];
  const NAMES = { w11: "w₁₁", w12: "w₁₂", w21: "w₂₁", w22: "w₂₂", v1: "v₁", v2: "v₂" };

  /** All that the sweep finds, forward and back, for one example. */
  function sweep(layers, x, y) {
    const [hidden, output] = nn.forward(layers, [x]).map(({ A }) => A[0]);
    const found = nn.gradients(layers, [x], [[y]], "binary_crossentropy");
    const error = output[0] - y;
    const handed = layers[1].W.map(([v]) => v * error);
    const [[dw11, dw12], [dw21, dw22]] = found[0].dW;
    const [[dv1], [dv2]] = found[1].dW;
    return {
      hidden, says: output[0], loss: nn.losses.binary_crossentropy.of(y, output[0]), error, handed, errors: found[0].db,
      gradients: { w11: dw11, w12: dw12, w21: dw21, w22: dw22, v1: dv1, v2: dv2 },
    };
  }
  const known = sweep(LAYERS, X, Y);
  const sizes = Object.entries(known.gradients).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  const LARGEST = sizes[0][0];

  // Where units stand, and each line: its ends, its weight, how far along it its numbers stand.
  const places = (width) => {
    const [left, right] = [30, width - 34];
    return {
      x: [[left, 100], [left, 250]], h: [[mix(left, right, 0.48), 100], [mix(left, right, 0.48), 250]], o: [right, 175],
    };
  };
  const lines = (width) => {
    const { x, h, o } = places(width);
    return {
      w11: [x[0], h[0], LAYERS[0].W[0][0], 0.44, -9], w12: [x[0], h[1], LAYERS[0].W[0][1], 0.3, 10],
      w21: [x[1], h[0], LAYERS[0].W[1][0], 0.3, 0], w22: [x[1], h[1], LAYERS[0].W[1][1], 0.44, 20],
      v1: [h[0], o, LAYERS[1].W[0][0], 0.52, -18], v2: [h[1], o, LAYERS[1].W[1][0], 0.56, 34],
    };
  };
  const arrives = (name) => (name[0] === "v" ? 4 : 7); // the stage that gives a line its gradient

  function edge(name, [from, to, weight, along, lift], { t, guess }) {
    const gradient = known.gradients[name], there = t >= arrives(name), mine = guess === name;
    const [x, y] = [mix(from[0], to[0], along), mix(from[1], to[1], along) + lift];
    const line = tag("line", {
      x1: from[0], y1: from[1], x2: to[0], y2: to[1], stroke: there ? SERIES[1] : MUTED,
      "stroke-width": (there ? 1 + 11 * Math.abs(gradient) : 1).toFixed(1), opacity: there ? 0.75 : 0.6,
      "stroke-dasharray": there && gradient < 0 ? "5 3" : null,
    });
    const bold = mine ? { "font-weight": 700, "text-decoration": "underline" } : {};
    const cross = along < 0.4;
    // The words of the two lines that cross stand left of them, on empty ground.
    const anchor = { anchor: cross ? "end" : "middle", halo: true };
    const at = x - (cross ? 4 : 0);
    const called = label(at, y, `${NAMES[name]} = ${number(weight, 1)}`, {
      colour: mine ? INK : MUTED, ...anchor, ...bold,
    });
    const below = cross ? (name === "w12" ? 16 : -16) : lift > 0 ? 17 : -16;
    const shown = label(at, y + below, number(gradient, 3), { colour: SERIES[1], "font-weight": 700, ...anchor });
    return [line, called + (there ? shown : "")];
  }

  const unit = ([x, y], text) =>
    tag("circle", { cx: x, cy: y, r: RADIUS, fill: GRID, stroke: INK, "stroke-width": 1.2 })
    + label(x, y + 4.5, text, { anchor: "middle" });
  const errorOf = ([x, y], text, above) => label(
    x, y + (above ? -RADIUS - 9 : RADIUS + 20), text,
    { anchor: "middle", colour: SERIES[1], "font-weight": 700, halo: true },
  );

  /** What is on its way between two stages: dots that run along the lines. */
  function travelling({ t }, width) {
    const k = Math.floor(t), part = t - k;
    if (!part) return "";
    const along = Object.entries(lines(width));
    const wanted = { 0: ["w", false], 1: ["v", false], 3: ["v", true], 4: ["v", true], 6: ["w", true] }[k];
    if (!wanted) return "";
    const [kind, back] = wanted;
    return along.filter(([name]) => name[0] === kind).map(([, [from, to]]) => {
      const share = back ? 1 - part : part;
      return tag("circle", {
        cx: mix(from[0], to[0], share).toFixed(1), cy: mix(from[1], to[1], share).toFixed(1), r: 6,
        fill: SERIES[back ? 1 : 0],
      });
    }).join("");
  }

  function draw(state, width) {
    const { x, h, o } = places(width);
    const t = Math.floor(state.t);
    const edges = Object.entries(lines(width)).map(([name, line]) => edge(name, line, { t, guess: state.guess }));
    const errors = t >= 6 ? known.errors : known.handed;
    return [
      ...edges.map(([line]) => line), ...edges.map(([, words]) => words),
      ...x.map((at, j) => unit(at, number(X[j], 1))),
      ...h.map((at, k) => unit(at, t >= 1 ? number(known.hidden[k], 2) : "")),
      unit(o, t >= 2 ? number(known.says, 2) : ""),
      t >= 3 ? errorOf([o[0] - 12, o[1]], `error ${number(known.error, 3)}`, true) : "",
      ...(t >= 5 ? h.map((at, k) =>
        errorOf([at[0] + 16, at[1]], `${t >= 6 ? "error " : ""}${number(errors[k], 3)}`, k === 0)) : []),
      label(o[0] - 12, o[1] + RADIUS + 20, t >= 2 ? "target 0" : "", { anchor: "middle", colour: MUTED }),
      label(x[0][0] - RADIUS, 18, told(t), { "font-weight": 600 }),
      label(x[0][0] - RADIUS, 40, sum(t), { colour: MUTED }),
      travelling(state, width),
    ].join("");
  }

  const told = (t) => [
    "Forward: what the two inputs see",
    "Forward: the hidden units answer",
    "Forward: it says 9, and it’s a 4",
    "Back: the error of the output",
    "Back: two gradients have arrived",
    "Back: the error times each weight",
    "Back: times the slope of each curve",
    "Back: all six gradients have arrived",
  ][t];

  /** The sum that was just done. */
  function sum(t) {
    const { hidden, says, loss, error, handed, errors, gradients } = known;
    const [a1, a2] = hidden.map((a) => number(a, 2));
    const [e, handed1, error1] = [error, handed[0], errors[0]].map((value) => number(value, 3));
    return [
      "x₁ = 1.0, x₂ = 0.5",
      `a₁ = ${a1}, a₂ = ${a2}`,
      `ŷ = ${number(says, 2)}, loss ${number(loss, 2)}`,
      `${number(says, 3)} − 0 = ${e}`,
      `for v₂: ${a2} · ${e} ≈ ${number(gradients.v2, 3)}`,
      `to unit 1: 3.0 · ${e} ≈ ${handed1}`,
      `unit 1: ${handed1} · ${a1} · (1 − ${a1}) ≈ ${error1}`,
      `for w₁₁: 1.0 · ${error1} = ${number(gradients.w11, 3)}`,
    ][t];
  }

  const stepping = {
    key: "t",
    read(text) {
      const value = text.trim() ? Number(text) : NaN;
      return Number.isFinite(value) ? clamp(Math.round(value), 0, LAST) : undefined;
    },
    html: (id, { t }) =>
      '<div class="step-bar"><button type="button" aria-label="Stage back">‹</button>'
      + `<input type="range" id="${id}-t" min="0" max="${LAST}" value="${t}" aria-label="Stage" autocomplete="off">`
      + `<button type="button" aria-label="Next stage">›</button><span class="step-count">${t} / ${LAST}</span></div>`,
    show(root, { t }) {
      const [back, range, on, counted] = root.querySelector(".step-bar").children;
      range.value = t;
      range.setAttribute("aria-valuetext", `${t} of ${LAST}: ${told(t)}`);
      back.setAttribute("aria-disabled", t === 0);
      on.setAttribute("aria-disabled", t === LAST);
      counted.textContent = `${t} / ${LAST}`;
    },
    listen(root, change) {
      const [back, range, on] = root.querySelector(".step-bar").children;
      const by = (step) => () => change({ t: clamp(root.groundup.state().t + step, 0, LAST) }, true);
      back.addEventListener("click", by(-1));
      on.addEventListener("click", by(1));
      range.addEventListener("input", () => change({ t: Number(range.value) }));
    },
  };

  groundup.live.figure("backpropagation", {
    height: HEIGHT,
    start: { guess: "", t: 1 },
    controls: [choice("guess", "The weight that matters most", NAMES), stepping],
    formula: () => "Which matters most?",
    draw,
    says({ t }) {
      const { says, error, handed, errors, gradients } = known;
      const list = (names) => names.map((name) => `${name} ${number(gradients[name], 3)}`).join(", ");
      const parts = [
        t >= 2 ? `The output says ${number(says, 2)}, the target is 0.` : "",
        t >= 3 ? `Its error is ${number(error, 3)}.` : "",
        t >= 5 ? `The hidden units’ errors are ${(t >= 6 ? errors : handed).map((e) => number(e, 3)).join(" and ")}.` : "",
        t >= 4 ? `Gradients: ${list(t >= 7 ? Object.keys(NAMES) : ["v1", "v2"])}.` : "",
      ];
      return [`${told(t)}.`, ...parts].filter(Boolean).join(" ");
    },
    task: {
      words:
        "<b>Your turn.</b> Choose the weight that you think matters most. Then step until its gradient has arrived. If "
        + "it isn’t the largest, choose again.",
      goals: [
        ["you have chosen a weight", ({ guess }) => guess !== ""],
        ["all six gradients have arrived", ({ t }) => t === LAST],
        ["yours is the largest", ({ guess, t }) => t === LAST && guess === LARGEST],
      ],
      found: "<b>Found.</b> And, sign aside, it’s the smallest weight of them all. What made its gradient so large?",
    },
    sweep,
  });
})();
