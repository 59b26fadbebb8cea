// A network that this book's build has trained writes on from the reader's own beginning, character by character. How it
// does that lies in writing.later.js, its weights in writing.weights.js, which the build writes; both come when a reader
// first touches the figure.
(() => {
  "use strict";
  const { SERIES, MUTED, axes, label, tag, slider, number, round } = groundup.live;
  const CHARACTERS = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const HEIGHT = 404, LINE = 19, LINES = 13, WIDE = 8.1, LONG = 320, BARS = 10, LONGEST = 48;
  const START = { begin: "My lord, I have a", T: 0.6, draw: 1, shown: LONG };

  const clean = (text) => [...text].filter((c) => c !== "\n" && CHARACTERS.includes(c)).join("").slice(0, LONGEST);
  const escape = (text) => text.replaceAll("&", "&amp;");
  const spelled = { " ": "a space", "\n": "a new line", "'": "an apostrophe", ",": "a comma", ".": "a full stop", ":": "a colon" };
  const glyph = (c) => ({ " ": "·", "\n": "↵" })[c] ?? escape(c);

  // ---- What is written, and how the network comes to the page

  const here = globalThis.document?.currentScript?.src;
  let asked = false, failed = false, again = () => {}, last = {};
  const kept = {}; // what the build wrote, so that the first picture needs no network

  /** Fetch how to write, and the weights. */
  function load() {
    if (asked || parts.write) return;
    asked = true;
    for (const name of ["later", "weights"]) {
      const script = document.createElement("script");
      Object.assign(script, { src: new URL(`writing.${name}.js`, here), async: false });
      script.onload = again;
      script.onerror = () => { failed = true; again(); };
      document.head.append(script);
    }
  }

  /** Of a state: what is written on, the probabilities of what comes right after the beginning, and a note. */
  function writing({ begin, T, draw }) {
    const heat = round(T, 0.1), key = `${draw} ${heat} ${begin}`;
    if (last.key !== key || !last.text) last = { key, ...(kept[key] ?? parts.write?.(begin, heat, draw, LONG)) };
    return last;
  }

  /** The characters by their probabilities, the most probable first: [character, probability]. */
  const ranked = ({ p = [] }) => p.map((share, k) => [CHARACTERS[k], share]).sort((a, b) => b[1] - a[1]);
  const share = (state) => ranked(writing(state))[0]?.[1] ?? 0;

  // ---- The drawing

  /** Lines of no more characters than fit, broken between words where that can be. */
  function wrapped(text, most) {
    return text.split("\n").flatMap((line) => {
      const lines = [];
      for (let rest = line; ;) {
        if (rest.length <= most) return [...lines, rest];
        const space = rest.lastIndexOf(" ", most - 1), cut = space > 0 ? space + 1 : most;
        lines.push(rest.slice(0, cut));
        rest = rest.slice(cut);
      }
    });
  }

  function draw(state, width) {
    const now = writing(state), { text = "", note = "" } = now, begin = state.begin || "↵";
    const written = text.slice(0, Math.round(state.shown));
    const lines = wrapped(begin + written, Math.floor(width / WIDE)).slice(0, LINES);
    let left = begin.length;
    const rows = lines.map((line, i) => {
      const mine = line.slice(0, Math.max(0, left));
      left -= line.length;
      const words = (mine && `<tspan fill="${SERIES[0]}" font-weight="700">${escape(mine)}</tspan>`) + escape(line.slice(mine.length));
      return line && label(0, 14 + i * LINE, words, {
        "font-family": "var(--mono, monospace)", style: "white-space: pre", textLength: (line.length * WIDE).toFixed(1),
      });
    });
    const first = ranked(now).slice(0, BARS);
    const at = axes({
      x: [-0.6, BARS - 0.4], y: [0, 1], width, height: HEIGHT, left: 24, right: 4, top: LINES * LINE + 46, bottom: 26,
    });
    const half = (at.x(1) - at.x(0)) * 0.32;
    const bars = first.map(([, p], i) => tag("rect", {
      x: (at.x(i) - half).toFixed(1), y: at.y(p).toFixed(1), width: (2 * half).toFixed(1),
      height: (at.bottom - at.y(p)).toFixed(1), fill: SERIES[Number(i > 0)],
    }) + (p >= 0.005 ? label(at.x(i), at.y(p) - 5, number(p, 2), { anchor: "middle", "font-size": 12 }) : ""));
    return [
      ...rows,
      text ? "" : label(0, 14 + LINE, failed ? "" : "The network is coming …", { colour: MUTED }),
      label(0, LINES * LINE + 24, "What may come right after the beginning", { colour: MUTED }),
      at.lines({ xs: first.map(([c], i) => [i, glyph(c)]), ys: [0, [0.5, "½"], 1] }),
      tag("g", {
        "data-of": now.key, "data-text": text, "data-note": note,
        "data-p": (now.p ?? []).map((share) => share.toFixed(4)).join(" "),
      }, bars.join("")),
    ].join("");
  }

  // ---- The beginning, which a reader types

  const beginning = {
    key: "begin",
    read: clean,
    html: (id, { begin }) =>
      `<div class="live-text"><label for="${id}-begin">your beginning</label>`
      + `<input type="text" id="${id}-begin" name="begin" maxlength="${LONGEST}" value="${escape(begin)}" autocomplete="off"`
      + ' autocapitalize="off" spellcheck="false"><button type="button">Write anew</button></div>',
    show(root, state) {
      beginning.now = state;
      const input = root.querySelector('input[name="begin"]');
      if (input.value !== state.begin) input.value = state.begin;
      const first = root.querySelector(".live-wide [data-of]")?.dataset; // until the picture is drawn anew
      if (first?.text) kept[first.of] = { text: first.text, p: first.p.split(" ").map(Number), note: first.note };
      if (!writing(state).text) load();
    },
    listen(root, change) {
      again = () => change({});
      root.querySelector('input[name="begin"]').addEventListener("input", ({ target }) => {
        change({ begin: clean(target.value), shown: LONG });
      });
      root.querySelector(".live-text button").addEventListener("click", () => {
        change({ draw: (beginning.now.draw % 999) + 1, shown: LONG });
      });
    },
  };

  /** Which of all that it could write: a number that the button changes, and the page's address shows. */
  const drawn = {
    key: "draw",
    read: (text) => (/^[1-9]\d{0,2}$/.test(text) ? Number(text) : undefined),
    html: () => "",
    show() {},
    listen() {},
  };
  const heat = slider("T", "temperature <i>T</i>", { min: 0.1, max: 2, step: 0.1, show: (T) => number(T, 1) });

  const parts = {
    height: HEIGHT,
    start: START,
    plays: { key: "shown", from: 0, seconds: 4, by: 4 },
    controls: [beginning, drawn, { ...heat, listen: (root, change) => heat.listen(root, (to) => change({ ...to, shown: LONG })) }],
    formula(state) {
      const { note } = writing(state), [best] = ranked(writing(state));
      if (best) return `Next comes <b>${spelled[best[0]] ?? escape(best[0])}</b>, with probability <b>${number(best[1], 2)}</b>${note && `, ${note}`}`;
      return failed ? "Its weights can’t be loaded" : "The network is coming …";
    },
    draw,
    says(state) {
      const { text } = writing(state), [best] = ranked(writing(state));
      if (!text) return "The network isn’t there yet.";
      return `Next comes ${spelled[best[0]] ?? best[0]}, with probability ${number(best[1], 2)}. It writes on: ${text.slice(0, 100)}`;
    },
    task: {
      words: "<b>Your turn.</b> Find a beginning after which it has next to no choice, even at temperature 1.",
      goals: [
        ["the temperature is 1 or higher", (state) => state.T >= 1],
        ["one character gets 99% or more", (state) => share(state) >= 0.99],
      ],
      found:
        "<b>Found.</b> Where the plays leave no choice, it has learned that there is none. Nearly everywhere else it hedges, "
        + "for it doesn’t know.",
    },
    CHARACTERS,
  };
  groundup.live.figure("writing", parts);
})();
