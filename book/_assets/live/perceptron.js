// A perceptron between dots and squares that can be dragged: its line after each update, from weights of zero.
(() => {
  "use strict";
  const { SERIES, INK, axes, label, tag, clamp, mix, number, movable } = groundup.live;
  const HEIGHT = 330, MOST = 200, WANTED = 30, EDGE = 3;
  // Dots and squares in turn, in the order in which the perceptron looks at them: x and y of each.
  const START = [
    [1.2, -0.8], [-2, 1], [2, 0.7], [-0.9, 0.7], [0.2, -1.3], [-0.6, 1.3], [2.2, -0.1], [-2, -0.3], [-2.4, -1.7],
    [-1.6, 0.3],
  ];
  const targetOf = (i) => (i % 2 ? -1 : 1);
  const kindOf = (i) => (i % 2 ? "square" : "dot");
  const score = ([w1, w2, b], [x, y]) => x * w1 + y * w2 + b;

  /** Weights and bias before all updates and after each, the point of each update, and whether it came to rest. */
  function run(points) {
    const path = [[0, 0, 0]], at = [];
    for (let right = 0, i = 0; right < points.length; i = (i + 1) % points.length) {
      const y = targetOf(i), weights = path.at(-1);
      if (y * score(weights, points[i]) > 0) right += 1;
      else if (at.length === MOST) return { path, at, rests: false };
      else {
        path.push([weights[0] + y * points[i][0], weights[1] + y * points[i][1], weights[2] + y]);
        at.push(i);
        right = 0;
      }
    }
    return { path, at, rests: true };
  }

  /**
   * Whether a line separates dots from squares. If one does, there is one at right angles to the way between two
   * points, or along which two points of one kind lie: the hulls of dots and squares are nearest to each other in
   * two corners, or in a corner and a side. In tenths all of this is whole numbers.
   */
  function separable(points) {
    const tenths = points.map((point) => point.map((value) => Math.round(10 * value)));
    const kinds = [0, 1].map((kind) => tenths.filter((_, i) => i % 2 === kind));
    const ways = tenths.flatMap(([ax, ay], i) => tenths.slice(0, i).flatMap(([bx, by]) => [
      [ax - bx, ay - by], [by - ay, ax - bx],
    ]));
    return ways.some(([ux, uy]) => {
      const [dots, squares] = kinds.map((kind) => kind.map(([x, y]) => ux * x + uy * y));
      return Math.min(...dots) > Math.max(...squares) || Math.min(...squares) > Math.max(...dots);
    });
  }

  let last = {};
  /** What happens with the points of a state. */
  function known({ points }) {
    if (last.text !== points) {
      const places = read(points);
      last = { text: points, places, parts: separable(places), ...run(places) };
    }
    return last;
  }
  const now = (state) => Math.min(state.t, known(state).at.length);
  const isRight = (weights, point, i) => targetOf(i) * score(weights, point) > 0;

  function weightsOf(state) {
    const { path } = known(state);
    const t = now(state), k = Math.floor(t);
    return k === t ? path[k] : path[k].map((weight, j) => mix(weight, path[k + 1][j], t - k));
  }

  const frame = (width) =>
    axes({ x: [-EDGE, EDGE], y: [-EDGE + 0.5, EDGE - 0.5], width, height: HEIGHT, left: 8, right: 8, top: 30, bottom: 8 });

  /** The part of the picture where the score is positive, and the boundary's two ends. */
  function parted(at, weights) {
    const corners = [[at.left, at.top], [at.right, at.top], [at.right, at.bottom], [at.left, at.bottom]];
    const scores = corners.map(([x, y]) => score(weights, [at.xOf(x), at.yOf(y)]));
    const inside = [], ends = [];
    corners.forEach((corner, i) => {
      const j = (i + 1) % 4;
      if (scores[i] > 0) inside.push(corner);
      if (scores[i] > 0 === scores[j] > 0) return;
      const share = scores[i] / (scores[i] - scores[j]);
      const crossing = corner.map((value, k) => mix(value, corners[j][k], share));
      inside.push(crossing);
      ends.push(crossing);
    });
    return { inside, ends };
  }

  const shape = (i, x, y) => (i % 2
    ? tag("rect", { x: (x - 6).toFixed(1), y: (y - 6).toFixed(1), width: 12, height: 12, fill: SERIES[1] })
    : tag("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 6.5, fill: SERIES[0] }));

  function draw(state, width) {
    const at = frame(width);
    const { places, at: order } = known(state);
    const weights = weightsOf(state), t = now(state);
    const { inside, ends } = parted(at, weights);
    const listed = (corners) => corners.map((corner) => corner.map((value) => value.toFixed(1)).join()).join(" ");
    const ground = tag("polygon", { points: listed(inside), fill: SERIES[0], opacity: 0.12 });
    const line = tag("polyline", { points: listed(ends), stroke: INK, "stroke-width": 2, fill: "none" });
    const box = tag("rect", {
      x: at.left, y: at.top, width: at.right - at.left, height: at.bottom - at.top, fill: "none",
      stroke: "var(--pst-color-border, #d4dae0)",
    });
    const marks = places.map(([px, py], i) => {
      const [x, y] = [at.x(px), at.y(py)];
      const ring = { cx: x.toFixed(1), cy: y.toFixed(1), r: 12, fill: "none", stroke: INK, "stroke-width": 1.5 };
      return shape(i, x, y) + (isRight(weights, places[i], i) ? "" : tag("circle", ring));
    });
    return [box, inside.length ? ground : "", ends.length ? line : "", ...marks, next(at, places[order[t]]),
      label(at.left, 20, told(state))].join("");
  }

  /** The name beside the point whose mistake is corrected next. */
  function next(at, point) {
    if (!point) return "";
    const [x, y] = [at.x(point[0]), at.y(point[1])];
    const left = point[0] > 0;
    return label(x + (left ? -17 : 17), y + 5, "next", { anchor: left ? "end" : "start", halo: true });
  }

  function told(state) {
    const { places, at, rests, parts } = known(state);
    const t = Math.floor(now(state));
    const right = places.filter((place, i) => isRight(known(state).path[t], place, i)).length;
    const when = t ? `After update ${t}` : "Before the first update";
    const end = t < at.length ? "" : rests ? ", and the line is at rest" : parts ? ", not at rest yet" : ", and it never will be";
    return `${when}: ${right} of ${places.length} right${end}`;
  }

  // ---- Its controls: the updates, to step through; and the places of the points, which only the address shows.

  const stepping = {
    key: "t",
    read(text) {
      const value = text.trim() ? Number(text) : NaN;
      return Number.isFinite(value) ? clamp(Math.round(value), 0, MOST) : undefined;
    },
    html: (id, state) =>
      '<div class="step-bar"><button type="button" aria-label="Previous update">‹</button>'
      + `<input type="range" id="${id}-t" min="0" max="${known(state).at.length}" value="${now(state)}" aria-label="Update"`
      + ' autocomplete="off"><button type="button" aria-label="Next update">›</button>'
      + `<span class="step-count">${count(state)}</span></div>`,
    show(root, state) {
      const [back, range, on, counted] = root.querySelector(".step-bar").children;
      range.max = known(state).at.length;
      range.value = now(state);
      range.setAttribute("aria-valuetext", `${now(state)} of ${known(state).at.length}`);
      back.setAttribute("aria-disabled", now(state) === 0);
      on.setAttribute("aria-disabled", now(state) === known(state).at.length);
      counted.textContent = count(state);
    },
    listen(root, change) {
      const [back, range, on] = root.querySelector(".step-bar").children;
      const by = (step) => () => {
        const state = root.groundup.state();
        change({ t: clamp(now(state) + step, 0, known(state).at.length) }, true);
      };
      back.addEventListener("click", by(-1));
      on.addEventListener("click", by(1));
      range.addEventListener("input", () => change({ t: Number(range.value) }));
    },
  };
  const count = (state) => `${now(state)} / ${known(state).at.length}${known(state).rests ? "" : "+"}`;

  const { written, read, control: placing, handles } = movable({
    start: START,
    limits: [2.8, 2.3],
    named: (i) => `${kindOf(i)} ${Math.floor(i / 2) + 1}`,
    frame,
    /** Who looked at the end of a run, looks at the end of the new one. */
    moved(state, points) {
      const wasAtEnd = now(state) === known(state).at.length;
      return { points, t: wasAtEnd ? known({ points }).at.length : now(state) };
    },
    says(state, i) {
      const { places, path } = known(state);
      return `, on the ${isRight(path[Math.floor(now(state))], places[i], i) ? "right" : "wrong"} side`;
    },
  });

  groundup.live.figure("perceptron", {
    height: HEIGHT,
    start: { t: 1, points: written(START) },
    controls: [stepping, placing],
    formula(state) {
      const [w1, w2, b] = known(state).path[Math.floor(now(state))];
      const signed = (value) => `${value < 0 ? "−" : "+"} <b>${number(Math.abs(value), 1)}</b>`;
      return `<i>z</i> = <b>${number(w1, 1)}</b> <i>x</i>₁ ${signed(w2)} <i>x</i>₂ ${signed(b)}`;
    },
    draw,
    handles,
    says: (state) => `${told(state)}. It takes ${known(state).rests ? "" : "more than "}${known(state).at.length} updates.`,
    task: {
      words:
        "<b>Your turn.</b> Step until the line comes to rest. Then drag dots and squares to make its task as hard as "
        + "you can, but not impossible. Moving a single square may be enough, if it almost touches the dots.",
      goals: [
        ["the line comes to rest in the end", (state) => known(state).parts],
        [`but not before update ${WANTED}`, (state) => known(state).at.length >= WANTED],
      ],
      found: "<b>Found.</b> Did they have to be so close? The longest that it can take is what we are about to prove.",
    },
    run,
    separable,
  });
})();
