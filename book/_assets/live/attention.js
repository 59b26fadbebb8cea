// Type a line, and see where each head of the GPT that this book's build has trained looks in it. How it reads lies in
// attention.later.js, its weights in attention.weights.js, which the build writes; both come when a reader first touches
// the figure.
(() => {
  "use strict";
  const { SERIES, INK, MUTED, GRID, tag, label, slider, choice, number, clamp } = groundup.live;
  const HEIGHT = 445, LONGEST = 40, BLOCKS = 4, HEADS = 2, TOP = 24, ROW = 32;
  const CHARACTERS = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const MONO = "var(--mono, monospace)";
  const NAMES = [...Array(BLOCKS * HEADS).keys()].map((i) => `${Math.floor(i / HEADS) + 1}${"ab"[i % HEADS]}`);
  const START = { head: "2a", line: "To be, or not to be: that is the q", at: 34 };

  const here = globalThis.document?.currentScript?.src;
  let asked = false, failed = false, again = () => {}, last = {};
  const kept = {}; // what the build read, so that the first picture needs no network

  /** Fetch how to read, and the weights. */
  function load() {
    if (asked || parts.read) return;
    asked = true;
    for (const name of ["later", "weights"]) {
      const script = document.createElement("script");
      Object.assign(script, { src: new URL(`attention.${name}.js`, here), async: false });
      script.onload = again;
      script.onerror = () => { failed = true; again(); };
      document.head.append(script);
    }
  }

  const placeOf = ({ line, at }) => clamp(Math.round(at), 1, line.length) - 1; // counted from zero
  const keyOf = (state) => [state.head, placeOf(state), state.line].join(" ");

  /** Of a state: the shares of the chosen character's attention, the triangles of all heads as drawings, what is
   * likeliest to come next, and a note. */
  function reading(state) {
    const key = keyOf(state);
    if (last.key !== key || !last.row) {
      const found = state.line && parts.read?.(state.line, placeOf(state), NAMES.indexOf(state.head));
      last = { key, ...kept[key], ...found };
    }
    return last;
  }

  // ---- The drawing

  const isWide = (width) => width >= 480;
  const shown = (character) => ({ " ": "␣", "\n": "↵", "&": "&amp;" })[character] ?? character;
  /** Where things are: the width of a character and how many stand in a row, the side of a triangle and where it is. */
  function places(width) {
    const wide = isWide(width), columns = wide ? LONGEST : LONGEST / 2, cell = Math.min(width / columns, 18);
    const gap = wide ? 10 : 8, from = TOP + (wide ? 1 : 2) * ROW + 34;
    const side = wide ? Math.min(118, (width - 150 - 3 * gap) / BLOCKS) : (width - 3 * gap) / BLOCKS;
    return {
      cell,
      character: (i) => [(i % columns) * cell, TOP + Math.floor(i / columns) * ROW],
      side,
      triangle: (i) => [Math.floor(i / HEADS) * (side + gap), from + (i % HEADS) * (side + 22)],
      bars: wide ? [BLOCKS * (side + gap) + 22, from] : [22, from + 2 * (side + 22) + 14],
    };
  }

  function draw(state, width) {
    const { line, head } = state, { row = [], triangles = [], next = [], note = "" } = reading(state);
    const at = line ? placeOf(state) : -1, { cell, character, side, triangle, bars } = places(width);
    const text = [...line].map((one, i) => {
      const [x, y] = character(i), box = { x: x.toFixed(1), y, width: (cell - 1).toFixed(1), height: ROW - 4, rx: 2 };
      const share = row[i] ?? 0, edge = i === at ? { stroke: SERIES[1], "stroke-width": 2.5 } : { stroke: GRID };
      return tag("rect", { ...box, fill: SERIES[0], "fill-opacity": Math.min(1, share).toFixed(3), ...edge })
        + label(x + (cell - 1) / 2, y + 20, shown(one), {
          anchor: "middle", colour: i > at ? MUTED : INK, halo: share > 0.3, "font-family": MONO, "font-size": 14,
        });
    });
    const heads = NAMES.map((name, i) => {
      const [x, y] = triangle(i), chosen = name === head, length = side.toFixed(1);
      const edge = chosen ? { stroke: SERIES[1], "stroke-width": 4 } : { stroke: GRID, "stroke-width": 2 };
      const frame = tag("rect", { width: "100%", height: "100%", fill: "none", ...edge });
      return label(x, y - 5, name, { colour: chosen ? SERIES[1] : MUTED, "font-weight": chosen ? 700 : null })
        + tag("svg", { role: "none", x: x.toFixed(1), y: y.toFixed(1), width: length, height: length },
          (triangles[i] ?? "") + frame);
    });
    const [left, from] = bars;
    const likely = next.map(([one, p], i) => {
      const y = from + 19 * i, long = Math.max(1, (width - left - 44) * p);
      return label(left - 6, y + 13, shown(one), { anchor: "end", "font-family": MONO })
        + tag("rect", { x: left, y: y + 2, width: long.toFixed(1), height: 13, fill: SERIES[0] })
        + label(left + long + 5, y + 13, number(p, 2), { colour: MUTED, "font-size": 12 });
    });
    return [
      label(0, 14, `where head ${head} looks from the marked character`, { colour: MUTED }),
      tag("g", {
        "data-of": keyOf(state), "data-row": row.map((share) => share.toFixed(3)).join(" "),
        "data-next": next.map(([one, p]) => `${CHARACTERS.indexOf(one)}:${p.toFixed(3)}`).join(" "), "data-note": note,
      }, text.join("")),
      ...heads,
      label(left - 14, from - 5, "comes next", { colour: MUTED }),
      ...likely,
    ].join("");
  }

  // ---- The line

  const fits = (text) => text.length <= LONGEST && [...text].every((one) => one !== "\n" && CHARACTERS.includes(one));
  const line = {
    key: "line",
    read: (text) => (fits(text) ? text : undefined),
    html: (id, state) =>
      `<div class="live-text"><label for="${id}-line">your line, ${LONGEST} characters at most</label>`
      + `<input type="text" id="${id}-line" name="line" maxlength="${LONGEST}" autocomplete="off" spellcheck="false"`
      + ` value="${state.line.replaceAll("&", "&amp;")}"></div>`,
    show(root, state) {
      const first = root.querySelector(".live-wide [data-of]")?.dataset; // until the picture is drawn anew
      if (first?.row) {
        const triangles = [...root.querySelectorAll(".live-wide svg[viewBox]")].map((picture) => picture.outerHTML);
        const next = first.next.split(" ").map((pair) => pair.split(":")).map(([n, p]) => [CHARACTERS[n], Number(p)]);
        kept[first.of] = { row: first.row.split(" ").map(Number), next, note: first.note, triangles };
      }
      const input = root.querySelector('input[name="line"]');
      if (input.value !== state.line) input.value = state.line;
      if (state.line && !reading(state).row) load();
    },
    listen(root, change) {
      const input = root.querySelector('input[name="line"]'), stage = root.querySelector(".live-stage");
      again = () => change({});
      input.addEventListener("input", () => {
        const text = [...input.value].filter(fits).join("");
        if (text !== input.value) input.value = text;
        change({ line: text, at: Math.max(1, text.length) });
      });
      // A tap on a character chooses it, one on a triangle its head.
      stage.addEventListener("click", ({ clientX, clientY }) => {
        const box = stage.getBoundingClientRect(), { cell, character, side, triangle } = places(box.width);
        const [across, down] = [clientX - box.left, clientY - box.top];
        const within = ([x, y], w, h) => across >= x && across < x + w && down >= y && down < y + h;
        const at = [...input.value].findIndex((_, i) => within(character(i), cell, ROW));
        const head = NAMES.findIndex((_, i) => within(triangle(i), side, side));
        if (at >= 0) change({ at: at + 1 });
        if (head >= 0) change({ head: NAMES[head] });
      });
    },
  };

  /** How much of its attention a head gives to the character just before: the least of the chosen character and the
   * two before it, as at a single one any head may. */
  function before(state) {
    const at = placeOf(state), head = NAMES.indexOf(state.head);
    const shares = [at - 2, at - 1, at].map((i) => (i > 0 && parts.read?.(state.line, i, head).row[i - 1]) || 0);
    return Math.min(...shares);
  }

  const parts = {
    height: HEIGHT,
    start: START,
    controls: [
      choice("head", "head, by its block", Object.fromEntries(NAMES.map((name) => [name, name]))),
      line,
      slider("at", "the character that looks", {
        min: 1, max: LONGEST, step: 1,
        show: (_, state) => (state.line ? `${placeOf(state) + 1}, ${shown(state.line[placeOf(state)])}` : "none"),
      }),
    ],
    formula(state) {
      const { next, note } = reading(state);
      if (next) return `next <b>${shown(next[0][0])}</b> with probability <b>${number(next[0][1], 2)}</b>${note && `, ${note}`}`;
      return failed ? "Its weights can’t be loaded" : asked && state.line ? "The network is coming …" : "Nothing to read yet";
    },
    draw,
    says(state) {
      const { row, next } = reading(state);
      if (!row) return state.line ? "The network isn’t there yet." : "There is no line.";
      const most = row.indexOf(Math.max(...row));
      return `From character ${placeOf(state) + 1}, ${state.line[placeOf(state)]}, head ${state.head} gives most, ${number(row[most], 2)}, to character `
        + `${most + 1}, ${state.line[most]}. Next it expects ${next[0][0]}, with a probability of ${number(next[0][1], 2)}.`;
    },
    task: {
      words: "<b>Your turn.</b> Find a head that looks at the character just before.",
      goals: [
        [
          "three quarters or more go there, from the chosen character and from the two before it",
          (state) => before(state) >= 0.75,
        ],
      ],
      found:
        "<b>Found.</b> Nobody told it to look there. It has learned a vector for each place; an exercise on this page "
        + "finds two matrices that make such a head of them.",
    },
    characters: CHARACTERS,
  };
  groundup.live.figure("attention", parts);
})();
