// Draw a digit, and the network that this book's build has trained reads it. How it reads lies in digits.later.js, its
// weights in digits.weights.js, which the build writes; both come when a reader first touches the figure.
(() => {
  "use strict";
  const { SERIES, INK, MUTED, GRID, GROUND, axes, label, tag, slider, number, clamp } = groundup.live;
  const HEIGHT = 404, TOP = 22, GRAIN = 1000, LONGEST = 4000, MAPS = 8;
  const CLASSES = [...Array(10).keys()];

  // ---- Strokes: lines of points, across and down from 0 to 1. As text, two characters for each number.

  const write = (strokes) => strokes.map((points) => points.flat().map((value) =>
    Math.round(clamp(value, 0, 1) * GRAIN).toString(36).padStart(2, "0")).join("")).join(".");
  const parse = (text) => text.split(".").filter(Boolean).map((stroke) =>
    stroke.match(/..../g).map((pair) => [pair.slice(0, 2), pair.slice(2)].map((n) => parseInt(n, 36) / GRAIN)));

  /** A smooth line through points. */
  const curve = (points) => points.slice(1).reduce((line, to, i) => {
    const from = points[i], before = points[i - 1] ?? from, after = points[i + 2] ?? to;
    for (let t = 1 / 6; t < 1.01; t += 1 / 6) {
      line.push(from.map((a, axis) => {
        const b = to[axis], out = (b - before[axis]) / 2, into = (after[axis] - a) / 2;
        return a + t * (out + t * (3 * (b - a) - 2 * out - into + t * (2 * (a - b) + out + into)));
      }));
    }
    return line;
  }, [points[0]]);

  // Digits to begin with, each stroke by a few points of a grid of 36 by 36.
  const EXAMPLES = [
    "i5b99ibrivprrip9i5", "cai5 i5iv", "abd6j5p9ofhn9v 9vrv", "a8g5o7oegh ghpjqqiv9s", "c59k 9ksk mamv",
    "p5c5 c5bg bgidqjosgv9s", "o5eb9lcukvqpmiejao", "95r5 r5fv", "o9i5b9efmkqqivaqdkmfo9", "pai5b9bfiioepa paokkv",
  ].map((strokes) => write(strokes.split(" ").map((stroke) =>
    curve(stroke.match(/../g).map(([x, y]) => [parseInt(x, 36) / 35, parseInt(y, 36) / 35])))));
  const START = { strokes: EXAMPLES[4], pen: 3, ink: 100 }; // of its ink so much is on the pad, in percent

  // ---- What is read, and how the network comes to the page

  const here = globalThis.document?.currentScript?.src;
  let asked = false, failed = false, again = () => {}, last = {};
  const kept = {}; // what the build read, so that the first picture needs no network

  /** Fetch how to read, and the weights. */
  function load() {
    if (asked || parts.read) return;
    asked = true;
    for (const name of ["later", "weights"]) {
      const script = document.createElement("script");
      Object.assign(script, { src: new URL(`digits.${name}.js`, here), async: false });
      script.onload = again;
      script.onerror = () => { failed = true; again(); };
      document.head.append(script);
    }
  }

  /** Of a state: the picture that the network sees and its feature maps as drawings, its probabilities, and a note. */
  function reading({ strokes, pen }) {
    const key = `${strokes} ${pen}`;
    if (last.key !== key || !last.p) last = { key, ...kept[key], ...(strokes ? parts.read?.(parse(strokes), pen) : {}) };
    return last;
  }

  const best = (p) => p.indexOf(Math.max(...p));

  // ---- The drawing

  const isWide = (width) => width >= 480;
  const padOf = (width) => (isWide(width) ? 256 : 190);
  /** A frame with something in it. */
  const box = (x, y, side, content, attributes = {}) =>
    tag("svg", { role: "none", x: x.toFixed(1), y, width: side.toFixed(1), height: side.toFixed(1) },
      content + tag("rect", { width: "100%", height: "100%", fill: "none", stroke: GRID, "stroke-width": 2, ...attributes }));
  let held = null; // where the keyboard has the pen, and whether it writes

  function pad({ strokes, pen, ink }, side) {
    const at = (value) => (value * side).toFixed(1), all = parse(strokes);
    let left = Math.ceil(all.flat().length * ink / 100);
    const lines = all.map((points) => {
      const shown = points.slice(0, left);
      left = Math.max(0, left - points.length);
      return shown.length && tag("polyline", {
        points: [shown[0], ...shown].map((point) => point.map(at).join()).join(" "), fill: "none", stroke: INK,
        "stroke-width": at(pen / 24), "stroke-linecap": "round", "stroke-linejoin": "round",
      });
    }).filter(Boolean);
    const hint = label(side / 2, side / 2, "draw a digit here", { anchor: "middle", colour: MUTED });
    const ring = held && tag("circle", {
      cx: at(held.x), cy: at(held.y), r: 7, fill: held.down ? SERIES[1] : GROUND, stroke: SERIES[1], "stroke-width": 3,
    });
    return (strokes ? lines.join("") : hint) + (ring ?? "");
  }

  function draw(state, width) {
    const wide = isWide(width), side = padOf(width), muted = { colour: MUTED };
    const { drawn = [], p = [], key, note = "" } = reading(state);
    const beside = side + 18, small = wide ? 112 : Math.min(84, width - beside);
    const columns = { x: [-0.6, 9.6], y: [0, 1], width, left: wide ? beside + 24 : 24, right: 4 };
    const at = axes(wide
      ? { ...columns, height: TOP + side + 26, top: TOP + 148, bottom: 26 }
      : { ...columns, height: 332, top: TOP + side + 26, bottom: 26 });
    const half = (at.x(1) - at.x(0)) * 0.32;
    const bars = p.map((share, k) => tag("rect", {
      x: (at.x(k) - half).toFixed(1), y: at.y(share).toFixed(1), width: (2 * half).toFixed(1),
      height: (at.bottom - at.y(share)).toFixed(1), fill: SERIES[Number(k !== best(p))],
    }) + (share >= 0.1 ? label(at.x(k), at.y(share) - 5, number(share, 2), { anchor: "middle", "font-size": 12 }) : ""));
    const told = width > 610 ? ["fitted into 20 × 20 pixels,", "its ink centred in 28 × 28,", "as MNIST’s digits are"] : [];
    const gap = wide ? 8 : 4, cell = Math.min(wide ? 72 : 42, (width - (MAPS - 1) * gap) / MAPS), low = HEIGHT - (wide ? 74 : 42);
    return [
      label(0, 14, "your pad", muted), box(0, TOP, side, pad(state, side), { stroke: MUTED }),
      label(beside, 14, "what it sees", muted),
      box(beside, TOP, small, drawn[0] ?? ""),
      ...told.map((line, i) => label(beside + small + 12, TOP + 40 + 20 * i, line, muted)),
      at.lines({ xs: CLASSES, ys: [0, [0.5, "½"], 1] }),
      tag("g", { "data-of": key, "data-p": p.map((share) => share.toFixed(4)).join(" "), "data-note": note }, bars.join("")),
      label(0, low - 8, "feature maps of its first layer", muted),
      tag("g", {},
        [...Array(MAPS).keys()].map((i) => box(i * (cell + gap), low, cell, drawn[i + 1] ?? "")).join("")),
    ].join("");
  }

  // ---- The pad

  const strokes = {
    key: "strokes",
    read: (text) => (text.length <= LONGEST && /^(([0-9a-z]{4})+(\.(?!$)|$))*$/.test(text) ? text : undefined),
    html: () =>
      '<div class="live-buttons" role="group" aria-label="Digits to begin with">'
      + CLASSES.map((k) => `<button type="button" value="${k}">${k}</button>`).join("")
      + '<button type="button" value="10">Clear</button></div>',
    show(root, state) {
      strokes.now = state;
      const first = root.querySelector(".live-wide [data-of]")?.dataset; // until the picture is drawn anew
      if (first) {
        const drawn = [...root.querySelectorAll(".live-wide svg[viewBox]")].map((picture) => picture.outerHTML);
        kept[first.of] = first.p ? { p: first.p.split(" ").map(Number), note: first.note, drawn } : {};
      }
      if (state.strokes && !kept[reading(state).key]) load();
    },
    listen(root, changed) {
      const change = (changes) => changed({ ink: START.ink, ...changes });
      const stage = root.querySelector(".live-stage");
      let writes = false;
      again = () => change({});
      for (const button of root.querySelectorAll(".live-buttons button")) {
        button.addEventListener("click", () => change({ strokes: EXAMPLES[button.value] ?? "" }));
      }
      stage.tabIndex = 0;
      stage.setAttribute("role", "application");
      stage.setAttribute("aria-label", "Pad: arrow keys move the pen, the space bar sets it down and lifts it");
      /** Draw on to here; who begins to draw on a digit that was there gets an empty pad. */
      function add(x, y, begins) {
        const lines = begins && EXAMPLES.includes(strokes.now.strokes) ? [] : parse(strokes.now.strokes);
        if (begins) lines.push([]);
        const line = lines.at(-1), before = line.at(-1);
        if (before && Math.hypot(x - before[0], y - before[1]) < 0.01) return;
        line.push([x, y]);
        const text = write(lines);
        if (text.length <= LONGEST) change({ strokes: text });
      }
      const place = ({ clientX, clientY }) => {
        const { left, top, width } = stage.getBoundingClientRect(), side = padOf(width);
        return [(clientX - left) / side, (clientY - top - TOP) / side];
      };
      const isInside = (event) => place(event).every((value) => value >= 0 && value <= 1);
      stage.addEventListener("pointerdown", (event) => {
        if (event.button || !isInside(event)) return;
        stage.setPointerCapture(event.pointerId);
        writes = true;
        held = null;
        add(...place(event), true);
      });
      stage.addEventListener("pointermove", (event) => {
        stage.style.cursor = isInside(event) ? "crosshair" : "";
        if (writes) for (const one of [...event.getCoalescedEvents(), event]) add(...place(one));
      });
      for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, () => { writes = false; });
      // On the pad a finger draws and doesn't scroll the page.
      stage.addEventListener("touchstart", (event) => {
        if (isInside(event.touches[0])) event.preventDefault();
      }, { passive: false });
      stage.addEventListener("keydown", (event) => {
        const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
        if (!(by || event.key === " ") || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        const { x, y, down } = held ?? { x: 0.5, y: 0.5 };
        held = by
          ? { x: clamp(x + 0.04 * by[0], 0, 1), y: clamp(y + 0.04 * by[1], 0, 1), down }
          : { x, y, down: !down };
        if (held.down) add(held.x, held.y, !by);
        else change({});
      });
    },
  };

  const width = slider("pen", "width of the pen", {
    min: 1.5, max: 5, step: 0.5, show: (pen) => `${number(pen, 1)} pixels`,
  });
  const share = (state, k) => reading(state).p?.[k] ?? 0;

  const parts = {
    height: HEIGHT,
    start: START,
    plays: { key: "ink", from: 0, seconds: 2, by: 4 },
    controls: [strokes, { ...width, listen: (root, change) => width.listen(root, (to) => change({ ...to, ink: START.ink })) }],
    formula(state) {
      const { p, note } = reading(state);
      if (p) return `<b>${best(p)}</b> with probability <b>${number(p[best(p)], 2)}</b>${note && `, ${note}`}`;
      return failed ? "Its weights can’t be loaded" : asked && state.strokes ? "The network is coming …" : "Nothing read yet";
    },
    draw,
    says(state) {
      const { p } = reading(state);
      if (!p) return state.strokes ? "The network isn’t there yet." : "The pad is empty.";
      const first = best(p), next = best(p.map((share, k) => (k === first ? -1 : share)));
      return `Read as a ${first}, with a probability of ${number(p[first], 2)}; the ${next} gets ${number(p[next], 2)}.`;
    },
    task: {
      words: "<b>Your turn.</b> Draw a 4 that it reads as a 9, and about which it still has its doubts.",
      goals: [
        ["the 9 comes first", (state) => share(state, 9) > 0 && best(reading(state).p) === 9],
        ["the 4 keeps a tenth or more", (state) => share(state, 4) >= 0.1],
      ],
      found:
        "<b>Found.</b> Nobody drew a line between 4 and 9. The network learned it from examples, and your digit "
        + "lies close to it.",
    },
    write,
    parse,
  };
  groundup.live.figure("digits", parts);
})();
