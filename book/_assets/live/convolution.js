// A filter of nine numbers, changed by hand, slides over a digit; beside it the map of its answers.
(() => {
  "use strict";
  const { SERIES, INK, MUTED, GRID, GROUND, label, tag, choice, clamp, number } = groundup.live;
  const { pixels } = groundup.live.data.five;
  const HEIGHT = 300, NARROW = 480, TOP = 24;
  const SIDE = pixels.length, Q = 3, WIDEST = SIDE + 4; // pixels: of the digit, the filter, the digit with its margin
  const LEAST = -2, MOST = 2, FULL = 3; // weights; ink
  const LEVELS = 6;
  const PLACES = Array.from({ length: Q * Q }, (_, n) => [Math.floor(n / Q), n % Q]);

  const filter = ({ K }) => K.split("_").map(Number);
  const signed = (value) => number(value, 0);

  /** The ink at a place of the digit; none around it. */
  const ink = (row, column) => Number(pixels[row]?.[column] ?? 0);

  /** How many places a window has along a side. */
  const places = ({ S, P }) => Math.floor((SIDE + 2 * Number(P) - Q) / Number(S)) + 1;

  const patch = ({ S, P }, u, v) =>
    PLACES.map(([p, r]) => ink(u * Number(S) - Number(P) + p, v * Number(S) - Number(P) + r));

  const sum = (weights, numbers) => weights.reduce((all, weight, n) => all + weight * numbers[n], 0);

  /** The filter's answers, row by row. */
  function map(state) {
    const weights = filter(state), all = [...Array(places(state)).keys()];
    return all.map((u) => all.map((v) => sum(weights, patch(state, u, v))));
  }

  /** The window's place on the map: the nearest to the pixel at its upper left corner. */
  const place = (state) =>
    [state.row, state.column].map((pixel) =>
      clamp(Math.round((pixel + Number(state.P)) / Number(state.S)), 0, places(state) - 1));
  const answer = (state) => sum(filter(state), patch(state, ...place(state)));

  // ---- What the task asks: windows on straight edges, with paper on one side and ink on the other.

  const lower = (rows) => PLACES.map(([p]) => (p >= Q - rows ? FULL : 0)); // ink in so many of the lowest rows
  const turned = (window) => PLACES.map(([p, r]) => window[(Q - 1 - r) * Q + p]); // by a quarter
  const UPPER = [lower(1), lower(2)];
  const OTHERS = [1, 2, 3].flatMap((turns) =>
    UPPER.map((window) => Array.from({ length: turns }).reduce(turned, window)));
  const silent = (state, windows) => windows.every((window) => sum(filter(state), window) <= 0);

  // ---- The picture: the digit, what is under the window, the map. Where there is room, side by side.

  function frame(width) {
    const narrow = width < NARROW;
    const side = Math.min(narrow ? (width - 16) / 2 : (width - 120) / 2, HEIGHT - TOP - 10);
    const cell = side / WIDEST;
    const zoom = narrow ? { x: 4, y: TOP + side + 14, cell: 26 } : { x: width / 2 - 39, y: TOP + side / 2 - 64, cell: 26 };
    return { narrow, side, cell, zoom, left: 2 * cell, right: width - side, top: TOP + 2 * cell };
  }

  const square = (x, y, side, attributes) =>
    tag("rect", { x: x.toFixed(1), y: y.toFixed(1), width: side.toFixed(1), height: side.toFixed(1), ...attributes });

  /** Squares of one kind as one path. */
  const squares = (corners, side) =>
    corners.map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h${side.toFixed(2)}v${side.toFixed(2)}h-${side.toFixed(2)}z`)
      .join("");

  function digit(at, state) {
    const shades = [1, 2, FULL].map((shade) => {
      const corners = pixels.flatMap((line, row) =>
        [...line].flatMap((found, column) =>
          Number(found) === shade ? [[at.left + column * at.cell, at.top + row * at.cell]] : []));
      return tag("path", { d: squares(corners, at.cell), fill: INK, opacity: [0.3, 0.65, 1][shade - 1] });
    });
    const P = Number(state.P);
    const around = P
      ? square(at.left - P * at.cell, at.top - P * at.cell, (SIDE + 2 * P) * at.cell, {
        fill: "none", stroke: MUTED, "stroke-dasharray": "3 3",
      })
      : "";
    return [square(at.left, at.top, SIDE * at.cell, { fill: "none", stroke: GRID }), ...shades, around].join("");
  }

  /** The map: whole squares where the answer is positive, small ones where it's negative. */
  function answers(at, state) {
    const found = map(state), weights = filter(state);
    const [up, down] = [1, -1].map((sign) => weights.reduce((all, w) => all + Math.max(sign * w, 0), 0));
    const largest = FULL * Math.max(up, down, 1);
    const levels = new Map();
    found.forEach((row, u) => row.forEach((z, v) => {
      if (!z) return;
      const level = Math.sign(z) * Math.ceil((LEVELS * Math.abs(z)) / largest);
      const inset = z < 0 ? at.cell * 0.22 : 0;
      const corner = [at.right + at.shift + v * at.cell + inset, at.top - at.margin + u * at.cell + inset];
      levels.set(level, [...(levels.get(level) ?? []), corner]);
    }));
    const drawn = [...levels].map(([level, corners]) =>
      tag("path", {
        d: squares(corners, at.cell * (level < 0 ? 0.56 : 1)), fill: SERIES[Number(level < 0)],
        opacity: (0.25 + (0.75 * Math.abs(level)) / LEVELS).toFixed(2),
      }));
    const n = places(state);
    return [
      square(at.right + at.shift, at.top - at.margin, n * at.cell, { fill: "none", stroke: GRID }), ...drawn,
    ].join("");
  }

  /** The nine pixels below the window, each with its weight. */
  function zoom(at, state) {
    const { x, y, cell } = at.zoom;
    const weights = filter(state), seen = patch(state, ...place(state));
    const cells = PLACES.map(([p, r], n) => {
      const [left, top] = [x + r * cell, y + p * cell];
      return square(left, top, cell, { fill: INK, "fill-opacity": (0.09 * seen[n]).toFixed(2), stroke: MUTED })
        + label(left + cell / 2, top + cell / 2 + 5, String(seen[n]), { anchor: "middle", colour: seen[n] ? INK : MUTED });
    });
    const products = seen.map((value, n) => [value, weights[n]]).filter(([value, weight]) => value * weight);
    const z = answer(state);
    const terms = products.length
      ? products.map(([value, weight]) => `${value}·${weight < 0 ? `(${signed(weight)})` : weight}`)
      : ["nothing but zeros"];
    const lines = [];
    const few = at.narrow ? 3 : 2;
    for (let n = 0; n < terms.length; n += few) lines.push(terms.slice(n, n + few).join(" + "));
    const [tx, ty] = at.narrow ? [x + 3 * cell + 14, y + 15] : [x + 1.5 * cell, y + 3 * cell + 20];
    const anchor = at.narrow ? "start" : "middle";
    const colour = z ? SERIES[Number(z < 0)] : INK;
    return [
      ...cells,
      ...lines.map((line, n) =>
        label(tx, ty + 17 * n, n ? `+ ${line}` : line, { anchor, colour: MUTED, "font-size": 12 })),
      label(tx, ty + 17 * lines.length + 4, `= ${signed(z)}`, { anchor, colour, "font-weight": 600, "font-size": 16 }),
    ].join("");
  }

  function draw(state, width) {
    const at = frame(width), n = places(state);
    at.shift = ((WIDEST - n) / 2) * at.cell;
    at.margin = 2 * at.cell - at.shift;
    const [u, v] = place(state);
    const [row, column] = [u, v].map((step) => step * Number(state.S) - Number(state.P));
    const frames = { fill: "none", stroke: SERIES[2], "stroke-width": 2.5 };
    const shown = at.right + at.shift + v * at.cell, high = at.top - at.margin + u * at.cell;
    return [
      label(at.left, TOP - 8, "the digit", { colour: MUTED }),
      label(at.right + Math.min(at.shift, 2 * at.cell), TOP - 8, `the map, ${n} × ${n}`, { colour: MUTED }),
      digit(at, state), answers(at, state), zoom(at, state),
      square(at.left + column * at.cell, at.top + row * at.cell, Q * at.cell, frames),
      square(shown - 2, high - 2, at.cell + 4, frames),
    ].join("");
  }

  /** Nine buttons, laid out as the filter is; a tap raises a number by one, and after the largest comes the smallest. */
  const weights = {
    key: "K",
    read(text) {
      const values = text.split("_").map((part) => (part.trim() ? Number(part) : NaN));
      const fit = values.length === Q * Q && values.every((value) => Number.isInteger(value));
      return fit ? values.map((value) => clamp(value, LEAST, MOST)).join("_") : undefined;
    },
    html: (id, state) =>
      '<div class="live-filter" role="group" aria-label="The filter">'
      + filter(state).map((value, n) => `<button type="button" ${facts(value, n)}>${signed(value)}</button>`).join("")
      + "</div>",
    show(root, state) {
      root.querySelectorAll(".live-filter button").forEach((button, n) => {
        const value = filter(state)[n];
        button.textContent = signed(value);
        button.dataset.sign = Math.sign(value);
        button.setAttribute("aria-label", named(value, n));
      });
    },
    listen(root, change) {
      root.querySelectorAll(".live-filter button").forEach((button, n) => {
        const to = (value) => {
          const next = filter(root.groundup.state());
          next[n] = value > MOST ? LEAST : value < LEAST ? MOST : value;
          change({ K: next.join("_") });
        };
        button.addEventListener("click", () => to(filter(root.groundup.state())[n] + 1));
        button.addEventListener("keydown", (event) => {
          const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
          if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
          event.preventDefault();
          to(filter(root.groundup.state())[n] + by);
        });
      });
    },
  };
  const named = (value, n) => `weight in row ${PLACES[n][0] + 1}, column ${PLACES[n][1] + 1}: ${signed(value)}`;
  const facts = (value, n) => `aria-label="${named(value, n)}" data-sign="${Math.sign(value)}"`;

  /** The pixel at the window's upper left corner, in the page's address; the reader drags the window. */
  const corner = (key) => ({
    key,
    read(text) {
      const value = text.trim() ? Number(text) : NaN;
      return Number.isFinite(value) ? clamp(Math.round(value), -2, SIDE) : undefined;
    },
    html: () => "",
    show() {},
    listen() {},
  });

  /** The state's changes that put the window on a place of the map. */
  function put(state, u, v) {
    const pixel = (step) => clamp(step, 0, places(state) - 1) * Number(state.S) - Number(state.P);
    return { row: pixel(u), column: pixel(v) };
  }

  const beside = (which) => ({ ...which, above: false });

  groundup.live.figure("convolution", {
    height: HEIGHT,
    start: { K: "-1_0_1_-1_0_1_-1_0_1", S: "1", P: "0", row: 10, column: 8 },
    controls: [
      weights,
      beside(choice("S", "Stride", { 1: "stride 1", 2: "2", 3: "3" })),
      beside(choice("P", "Padding", { 0: "padding 0", 1: "1", 2: "2" })),
      corner("row"), corner("column"),
    ],
    formula: (state) => `the filter answers <b>${signed(answer(state))}</b>`,
    draw,
    plays: { key: "column", from: 0, seconds: 3 },
    handles: [{
      name: "window",
      shape: tag("rect", { x: -22, y: -22, width: 44, height: 44, fill: "transparent" })
        + tag("circle", { r: 16, fill: "transparent" }),
      at(state, width) {
        const { left, top, cell } = frame(width);
        const [x, y] = place(state).reverse().map((step) => step * Number(state.S) - Number(state.P) + Q / 2);
        return { x: left + x * cell, y: top + y * cell };
      },
      to(state, x, y, width) {
        const { left, top, cell } = frame(width);
        const step = (pixel) => Math.round((pixel - Q / 2 + Number(state.P)) / Number(state.S));
        return put(state, step((y - top) / cell), step((x - left) / cell));
      },
      by(state, right, up) {
        const [u, v] = place(state);
        return put(state, u - up, v + right);
      },
      value(state) {
        const [u, v] = place(state), n = places(state);
        return [u * n + v + 1, 1, n * n, `row ${u}, column ${v}: ${signed(answer(state))}`];
      },
    }],
    says(state) {
      const rows = [0, 1, 2].map((p) => filter(state).slice(Q * p, Q * p + Q).map(signed).join(" "));
      const n = places(state), [u, v] = place(state);
      return `Filter ${rows.join(", ")}, stride ${state.S}, padding ${state.P}: a map of ${n} by ${n}. `
        + `In its row ${u}, column ${v} stands ${signed(answer(state))}.`;
    },
    task: {
      words:
        "<b>Your turn.</b> This filter answers to left edges, where paper turns into ink on the way to the right. Tap its "
        + "numbers, and make one that answers to upper edges only.",
      goals: [
        ["positive at upper edges", (state) => UPPER.every((window) => sum(filter(state), window) > 0)],
        ["zero on plain ink", (state) => sum(filter(state), PLACES.map(() => FULL)) === 0],
        ["not positive at other edges", (state) => silent(state, OTHERS)],
      ],
      found:
        "<b>Found.</b> Nine numbers, and every upper edge of the digit lights up, wherever it is. Now try a stride of 2, "
        + "and say what becomes of the map.",
    },
    map,
    answer,
  });
})();
