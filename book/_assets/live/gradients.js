// A small network with the gradient of its loss on every line, while three of its numbers are changed.
(() => {
  "use strict";
  const { nn, SERIES, INK, MUTED, GRID, label, tag, choice, slider, mix, number } = groundup.live;
  const HEIGHT = 300, RADIUS = 22, LITTLE = 0.001;
  const TARGETS = { four: 0, nine: 1 };

  const layersOf = ({ w, v }) => [
    { W: [[w, 2], [-1.5, 1]], b: [-0.6, 0.5], activation: "sigmoid" },
    { W: [[v], [-0.2]], b: [0.4], activation: "sigmoid" },
  ];

  /** What the network says, and its gradients: w11, w12, w21, w22, v1, v2. */
  function found(state) {
    const layers = layersOf(state), X = [[state.x, 0.5]], Y = [[TARGETS[state.target]]];
    const [hidden, [says]] = nn.forward(layers, X).map(({ A }) => A[0]);
    const [first, second] = nn.gradients(layers, X, Y, "binary_crossentropy");
    return { hidden, says, gradients: [...first.dW.flat(), ...second.dW.flat()] };
  }

  /** A gradient, with one place more where it’s near to nothing. */
  const written = (value) => number(value, Math.abs(value) < 0.00995 ? 4 : 3);

  function draw(state, width) {
    const { hidden, says, gradients } = found(state);
    const read = says > 0.5 ? "9" : "4", truth = state.target === "four" ? "4" : "9";
    const [left, right] = [30, width - 34];
    const middle = mix(left, right, 0.48);
    const x = [[left, 80], [left, 220]], h = [[middle, 80], [middle, 220]], o = [right, 150];
    const ends = [[x[0], h[0]], [x[0], h[1]], [x[1], h[0]], [x[1], h[1]], [h[0], o], [h[1], o]];
    const along = [0.5, 0.36, 0.36, 0.5, 0.5, 0.5], lift = [-9, 10, -2, 20, -14, 24]; // two stand left of where lines cross
    const lines = ends.map(([from, to], i) => tag("line", {
      x1: from[0], y1: from[1], x2: to[0], y2: to[1], stroke: SERIES[1],
      "stroke-width": Math.min(0.6 + 11 * Math.abs(gradients[i]), 16).toFixed(1), opacity: 0.75,
      "stroke-dasharray": gradients[i] < 0 ? "5 3" : null,
    }));
    const words = ends.map(([from, to], i) => label(
      mix(from[0], to[0], along[i]) - (along[i] < 0.4 ? 5 : 0), mix(from[1], to[1], along[i]) + lift[i],
      written(gradients[i]),
      { anchor: along[i] < 0.4 ? "end" : "middle", halo: true, "font-weight": Math.abs(gradients[i]) < LITTLE ? null : 700 },
    ));
    const units = [[x[0], number(state.x, 1)], [x[1], "0.5"], [h[0], number(hidden[0], 2)], [h[1], number(hidden[1], 2)],
      [o, number(says, 2)]];
    return [
      ...lines, ...words,
      ...units.map(([[px, py], text]) =>
        tag("circle", { cx: px, cy: py, r: RADIUS, fill: GRID, stroke: INK, "stroke-width": 1.2 })
        + label(px, py + 4.5, text, { anchor: "middle" })),
      label(right - 12, 150 + RADIUS + 20, `target ${TARGETS[state.target]}`, { anchor: "middle", colour: MUTED }),
      label(left - RADIUS, 20, `It says ${read}, ${read === truth ? "and" : "but"} it’s a ${truth}`),
    ].join("");
  }

  const starved = (state) => [0, 2].every((i) => Math.abs(found(state).gradients[i]) < LITTLE);

  groundup.live.figure("gradients", {
    height: HEIGHT,
    start: { target: "four", x: 1, w: 0.5, v: 3 },
    controls: [
      choice("target", "What the picture is", { four: "it’s a 4", nine: "it’s a 9" }),
      slider("x", "input <i>x</i>₁", { min: 0, max: 1, step: 0.1, show: (x) => number(x, 1) }),
      slider("w", "weight <i>w</i>₁₁", { min: -10, max: 10, step: 0.5, show: (w) => number(w, 1) }),
      slider("v", "weight <i>v</i>₁", { min: -4, max: 4, step: 0.1, show: (v) => number(v, 1) }),
    ],
    formula: (state) => `<i>ŷ</i> = <b>${number(found(state).says, 2)}</b>`,
    draw,
    says(state) {
      const { says, gradients } = found(state);
      const names = ["w11", "w12", "w21", "w22", "v1", "v2"];
      return `It says ${number(says, 2)}. Gradients: ${names.map((name, i) => `${name} ${written(gradients[i])}`).join(", ")}.`;
    },
    task: {
      words:
        "<b>Your turn.</b> Keep the network wrong, but see to it that the first hidden unit hears almost "
        + "nothing of it: hardly any gradient on the two lines that lead to it.",
      goals: [
        ["it’s a 4, and still read as a 9", (state) => state.target === "four" && found(state).says > 0.5],
        ["less than 0.001 on both lines", starved],
      ],
      found:
        "<b>Found.</b> There are two ways: cut the line on the unit’s right, or drive the unit to where its curve is flat. "
        + "Have you tried both?",
    },
    found,
  });
})();
