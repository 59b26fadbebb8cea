// What the live figures and the steppers of the book share: a small network's mathematics, axes, sliders, points to
// drag, the state in the page's address, the task. The same functions write a figure's first picture while the book
// builds (in Node) and draw it in the browser. Classic scripts, because pages opened from files load no others.
(() => {
  "use strict";
  const figures = new Map(), takers = new Map();
  const PHONE = 340, DESK = 640; // widths of the two pictures that the build makes

  // ---- Mathematics. Examples are rows, Z = X W + b, names and means as in groundup.nn.

  const activations = {
    linear: { of: (z) => z, slope: () => 1 },
    sigmoid: { of: (z) => 1 / (1 + Math.exp(-z)), slope: (z, a) => a * (1 - a) },
    tanh: { of: Math.tanh, slope: (z, a) => 1 - a * a },
    relu: { of: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : 0) },
  };
  const clipped = (p) => Math.min(Math.max(p, 1e-7), 1 - 1e-7);
  const losses = {
    mse: { of: (y, p) => (p - y) ** 2, slope: (y, p) => 2 * (p - y) },
    binary_crossentropy: {
      of: (y, p) => -y * Math.log(clipped(p)) - (1 - y) * Math.log(1 - clipped(p)),
      slope: (y, p) => (clipped(p) - y) / (clipped(p) * (1 - clipped(p))),
    },
  };

  /** Every layer's Z and A for examples X; a network is a list of { W, b, activation }. */
  function forward(layers, X) {
    let A = X;
    return layers.map(({ W, b, activation }) => {
      const Z = A.map((row) => b.map((bias, j) => row.reduce((sum, x, i) => sum + x * W[i][j], bias)));
      A = Z.map((row) => row.map((z) => activations[activation].of(z)));
      return { Z, A };
    });
  }

  const outputs = (layers, X) => forward(layers, X).at(-1).A;

  /** The mean of a loss over all outputs. */
  function loss(name, Y, P) {
    const values = Y.flatMap((row, i) => row.map((y, j) => losses[name].of(y, P[i][j])));
    return values.reduce((a, b) => a + b, 0) / values.length;
  }

  /** The gradient of the loss: for each layer { dW, db }. */
  function gradients(layers, X, Y, name) {
    const passes = forward(layers, X);
    const count = Y.length * Y[0].length;
    const found = [];
    let dA = passes.at(-1).A.map((row, i) => row.map((p, j) => losses[name].slope(Y[i][j], p) / count));
    for (let l = layers.length - 1; l >= 0; l--) {
      const { W, b, activation } = layers[l];
      const { Z, A } = passes[l];
      const before = l ? passes[l - 1].A : X;
      const dZ = dA.map((row, i) => row.map((d, j) => d * activations[activation].slope(Z[i][j], A[i][j])));
      const dW = W.map((row, k) => row.map((_, j) => dZ.reduce((sum, d, i) => sum + before[i][k] * d[j], 0)));
      const db = b.map((_, j) => dZ.reduce((sum, d) => sum + d[j], 0));
      dA = dZ.map((d) => W.map((row) => row.reduce((sum, w, j) => sum + w * d[j], 0)));
      found.unshift({ dW, db });
    }
    return found;
  }

  /** The network after a step of gradient descent. */
  const step = (layers, found, rate) =>
    layers.map(({ W, b, activation }, l) => ({
      W: W.map((row, i) => row.map((w, j) => w - rate * found[l].dW[i][j])),
      b: b.map((bias, j) => bias - rate * found[l].db[j]),
      activation,
    }));

  // ---- Drawing: text of SVG. Colours are the page's, so they change with it; on paper and elsewhere the light ones.

  const INK = "var(--pst-color-text-base, #1f2933)";
  const MUTED = "var(--pst-color-text-muted, #59636e)";
  const GRID = "var(--pst-color-border, #d4dae0)";
  const GROUND = "var(--pst-color-background, #ffffff)";
  const SERIES = [
    "var(--pst-color-primary, #0b63a5)", "var(--pst-color-warning, #b34700)", "var(--pst-color-success, #0a7558)",
    "var(--fourth, #8c3d9e)",
  ];
  const escape = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const round = (value, to) => Number((Math.round(value / to) * to).toFixed(6)) + 0;
  const mix = (a, b, t) => a + (b - a) * t;

  /** A number with a real minus sign, and no minus before a zero. */
  function number(value, digits) {
    const text = Math.abs(value).toFixed(digits);
    return value < 0 && Number(text) !== 0 ? `−${text}` : text;
  }

  /** An SVG element; attributes that are null are left out. */
  function tag(name, attributes = {}, content = "") {
    const listed = Object.entries(attributes).filter(([, value]) => value !== null);
    return `<${name}${listed.map(([key, value]) => ` ${key}="${escape(value)}"`).join("")}>${content}</${name}>`;
  }

  /** Words in a drawing; those with a halo stay readable where a line crosses them. `content` may have <tspan>. */
  const label = (x, y, content, { anchor = "start", colour = INK, halo = false, ...more } = {}) =>
    tag("text", {
      x: x.toFixed(1), y: y.toFixed(1), fill: colour, "text-anchor": anchor === "start" ? null : anchor,
      ...(halo ? { stroke: GROUND, "stroke-width": 4, "stroke-linejoin": "round", "paint-order": "stroke" } : {}),
      ...more,
    }, content);
  const variable = (name) => `<tspan font-style="italic" font-family="var(--serif, serif)">${name}</tspan>`;

  /** Axes over the ranges x and y in a drawing of this size: places for values, values for places, and the lines. */
  function axes({ x, y, width, height, left = 36, right = 14, top = 14, bottom = 46 }) {
    const [w, h] = [width - left - right, height - top - bottom];
    const at = {
      left, top, right: left + w, bottom: top + h, width, height,
      x: (value) => left + ((value - x[0]) / (x[1] - x[0])) * w,
      y: (value) => top + h - ((value - y[0]) / (y[1] - y[0])) * h,
      xOf: (place) => x[0] + ((place - left) / w) * (x[1] - x[0]),
      yOf: (place) => y[0] + ((top + h - place) / h) * (y[1] - y[0]),
    };
    const line = (x1, y1, x2, y2, colour) =>
      tag("line", { x1: x1.toFixed(1), y1: y1.toFixed(1), x2: x2.toFixed(1), y2: y2.toFixed(1), stroke: colour });
    /** Ticks as [value, text] or values; names of the axes. */
    at.lines = ({ xs, ys, name = "" }) => {
      const pair = (tick) => (Array.isArray(tick) ? tick : [tick, number(tick, 0)]);
      const muted = { colour: MUTED };
      return [
        ...ys.map(pair).map(([value, text]) =>
          line(left, at.y(value), at.right, at.y(value), GRID)
          + label(left - 8, at.y(value) + 4.5, text, { anchor: "end", ...muted })),
        line(left, at.bottom, at.right, at.bottom, MUTED),
        ...xs.map(pair).map(([value, text]) =>
          line(at.x(value), at.bottom, at.x(value), at.bottom + 5, MUTED)
          + label(at.x(value), at.bottom + 20, text, { anchor: "middle", ...muted })),
        label(at.right, height - 4, name, { anchor: "end", ...muted }),
      ].join("");
    };
    /** The curve of a function, cut off where it leaves the axes. */
    at.curve = (f, attributes = {}) => {
      const points = [];
      for (let place = left; place < at.right + 2; place += 2) {
        points.push(`${place},${clamp(at.y(f(at.xOf(place))), -height, 2 * height).toFixed(1)}`);
      }
      const shape = tag("polyline", {
        points: points.join(" "), fill: "none", stroke: SERIES[0], "stroke-width": 2.5, "stroke-linejoin": "round",
        ...attributes,
      });
      const box = { x: left, y: top - 3, width: w, height: h + 6 };
      return tag("svg", { role: "none", ...box, viewBox: Object.values(box).join(" ") }, shape);
    };
    return at;
  }

  /** What a reader takes hold of to drag something along an axis or anywhere; a fingertip wide, `above` px high. */
  const grip = (colour, { along = "xy", above = 22 } = {}) =>
    tag("rect", { x: -22, y: -above, width: 44, height: above + 22, fill: "transparent" })
    + tag("circle", { r: 9, fill: colour })
    + (along === "x"
      ? tag("path", { d: "M-13 -4l-4 4 4 4M13 -4l4 4-4 4", fill: "none", stroke: colour, "stroke-width": 2 })
      : "");

  // ---- Controls. Each reads its value from text, writes itself as HTML, shows a state, and listens to the reader;
  // what is `above` the picture stands there.

  /** A slider of a number; `show` writes the number, which may depend on the rest of the state; where it isn't `used`
   * it can't be moved. */
  const slider = (key, name, { min, max, step: apart, fine = apart, show, used = () => true }) => ({
    key,
    read: (text) => {
      const value = text.trim() ? Number(text) : NaN;
      return Number.isFinite(value) ? round(clamp(value, min, max), fine) : undefined;
    },
    html: (id, state) =>
      `<div class="live-slider"><label for="${id}-${key}">${name}</label>`
      + `<span class="live-value" aria-hidden="true">${show(state[key], state)}</span>`
      + `<input type="range" id="${id}-${key}" name="${key}" min="${min}" max="${max}" step="${fine}"`
      + (min < 0 && max > 0 ? ` style="--zero: calc(0.75rem + (100% - 1.5rem) * ${-min / (max - min)} - 1px)"` : "")
      + ` value="${state[key]}" aria-valuetext="${show(state[key], state)}"${used(state) ? "" : " disabled"}`
      + ' autocomplete="off"></div>',
    show(root, state) {
      const input = root.querySelector(`input[name="${key}"]`);
      input.value = state[key];
      input.disabled = !used(state);
      input.setAttribute("aria-valuetext", show(state[key], state));
      input.previousElementSibling.textContent = show(state[key], state);
    },
    listen(root, change) {
      const input = root.querySelector(`input[name="${key}"]`);
      input.addEventListener("input", () => change({ [key]: Number(input.value) }));
      input.addEventListener("keydown", (event) => {
        const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
        if (!steps || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        const value = round(Number(input.value) + steps * apart, apart);
        change({ [key]: clamp(value, min, max) });
      });
    },
  });

  /** One of a few, side by side; `of` says what each value is called. */
  const choice = (key, name, of) => ({
    key,
    above: true,
    read: (text) => (Object.hasOwn(of, text) ? text : undefined),
    html: (id, state) =>
      `<fieldset class="live-choice"><legend class="live-unseen">${name}</legend>`
      + Object.entries(of).map(([value, called]) =>
        `<label><input type="radio" name="${id}-${key}" value="${value}" autocomplete="off"`
        + `${state[key] === value ? " checked" : ""}><span>${called}</span></label>`).join("")
      + "</fieldset>",
    show(root, state) {
      for (const input of root.querySelectorAll(`input[name$="-${key}"]`)) input.checked = input.value === state[key];
    },
    listen(root, change) {
      for (const input of root.querySelectorAll(`input[name$="-${key}"]`)) {
        input.addEventListener("change", () => change({ [key]: input.value }, true));
      }
    },
  });

  /**
   * Points of a plane that are dragged. The state has them as text, `points`, which only the page's address shows:
   * `written` and `read` make it and take it apart, `control` knows it, `handles` move them within `limits`, across and
   * up. `named` calls each by a name, `frame(width)` are the axes, `moved(state, points)` says what changes when one is
   * moved, and `says` what a screen reader hears of one besides its place.
   */
  function movable({ start, limits, named, frame, moved, says = () => "" }) {
    const written = (places) => places.flat().map((value) => String(round(value, 0.1))).join("_");
    const read = (text) => {
      const values = text.split("_").map((part) => (part.trim() ? Number(part) : NaN));
      return start.map((_, i) => [values[2 * i], values[2 * i + 1]]);
    };
    const limited = (place) => place.map((value, axis) => round(clamp(value, -limits[axis], limits[axis]), 0.1));
    const put = (state, i, place) =>
      moved(state, written(read(state.points).map((old, j) => (j === i ? limited(place) : old))));
    const control = {
      key: "points",
      read(text) {
        const places = read(text);
        const fits = text.split("_").length === 2 * start.length && places.flat().every(Number.isFinite);
        return fits ? written(places.map(limited)) : undefined;
      },
      html: () => "",
      show() {},
      listen() {},
    };
    const handles = start.map((_, i) => ({
      name: named(i),
      shape: tag("circle", { r: 16, fill: "transparent" }),
      at(state, width) {
        const [x, y] = read(state.points)[i];
        return { x: frame(width).x(x), y: frame(width).y(y) };
      },
      to: (state, x, y, width) => put(state, i, [frame(width).xOf(x), frame(width).yOf(y)]),
      by(state, right, up) {
        const [x, y] = read(state.points)[i];
        return put(state, i, [x + 0.1 * right, y + 0.1 * up]);
      },
      value(state) {
        const [x, y] = read(state.points)[i];
        return [x, -limits[0], limits[0], `${number(x, 1)} across, ${number(y, 1)} up${says(state, i)}`];
      },
    }));
    return { written, read, control, handles };
  }

  // ---- The state in the page's address: #live-NAME?w=0.5&b=-5. What isn't a state is left alone.

  const idOf = (name) => `live-${name}`;
  const written = (figure, state) =>
    figure.controls.map(({ key }) => `${key}=${encodeURIComponent(state[key])}`).join("&");

  /** The start of a figure with what a text like w=0.5&b=-5 says of it; what it doesn't understand, it leaves. */
  function read(figure, text) {
    const said = new URLSearchParams(text);
    const state = { ...figure.start };
    for (const { key, read: accept } of figure.controls) {
      const value = said.has(key) ? accept(said.get(key)) : undefined;
      if (value !== undefined) state[key] = value;
    }
    return state;
  }

  // ---- A figure's parts as text

  function picture(name, state, width, words, blend = (f) => f(state)) {
    const figure = figures.get(name);
    const drawn = figure.draw(state, width, blend);
    return {
      drawn,
      svg: (handles, className = "") =>
        tag("svg", {
          class: `live-picture${className}`, role: "none", viewBox: `0 0 ${width} ${figure.height}`, "font-size": 13.5,
          "font-family": "var(--sans, sans-serif)",
        }, tag("g", { role: "img", "aria-label": words, class: "live-drawn" }, drawn) + handles),
    };
  }

  const handleHtml = (handle, at, state) => {
    const [now, min, max, text] = handle.value(state);
    return tag("g", {
      class: "live-handle pst-js-only", tabindex: 0, role: "slider", "aria-label": handle.name, "aria-valuenow": now,
      "aria-valuemin": min, "aria-valuemax": max, "aria-valuetext": text, "data-along": handle.along,
      transform: at ? `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})` : null, visibility: at ? null : "hidden",
    }, handle.shape);
  };

  /** Beneath the picture: what to find, and which parts of it hold. */
  function taskHtml(figure, state) {
    const { words, goals, found } = figure.task;
    const all = goals.every(([, holds]) => holds(state));
    return `<div class="live-task pst-js-only" data-found="${all}"><div class="live-words"><p class="live-ask">${words}`
      + `</p><p class="live-found">${found}</p></div><ul>`
      + goals.map(([goal, holds]) => `<li data-holds="${holds(state)}">${goal}</li>`).join("")
      + `</ul><button type="button" class="live-again">Start again</button></div>`;
  }

  /** All of a figure as HTML for the page: what stands above its caption and below; and its picture by itself. */
  function html(name, start, words) {
    const figure = figures.get(name);
    if (!figure) throw new Error(`expected a call of groundup.live.figure("${name}", …), got none`);
    for (const [key, value] of new URLSearchParams(start)) {
      const control = figure.controls.find((one) => one.key === key);
      if (!control) throw new Error(`expected one of ${figure.controls.map((one) => one.key)} in :start:, got ${key}`);
      if (control.read(value) === undefined) throw new Error(`expected a ${key} that it can have, got ${value}`);
    }
    const state = read(figure, start);
    const controls = (above) =>
      figure.controls.filter((one) => Boolean(one.above) === above).map((one) => one.html(idOf(name), state)).join("");
    const wide = picture(name, state, DESK, words);
    const narrow = picture(name, state, PHONE, words);
    return {
      above:
        `<div class="live-head"><p class="live-formula">${figure.formula(state)}</p>`
        + `<div class="pst-js-only">${controls(true)}</div></div>`
        + `<div class="live-stage" style="height: ${figure.height}px">${wide.svg("", " live-wide")}`
        + `${narrow.svg("", " live-narrow")}</div><div class="live-controls pst-js-only">${controls(false)}</div>`,
      below: `${taskHtml(figure, state)}<p class="live-unseen live-said" role="status"></p>`,
      picture: wide.svg(""),
    };
  }

  // ---- In the browser

  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const SVG = "http://www.w3.org/2000/svg";

  /** Bring a figure on the page to life. */
  function begin(root) {
    const name = root.dataset.live;
    const figure = figures.get(name);
    const words = root.querySelector("[role=img]").getAttribute("aria-label");
    const stage = root.querySelector(".live-stage");
    const start = read(figure, root.dataset.start);
    const handles = figure.handles ?? [];
    let state = start, from = start, t = 1, width = 0, touched = false;
    const only = (of, wanted) => Object.fromEntries(Object.entries(of).filter(([, value]) => wanted(value)));
    const isNumber = (value) => typeof value === "number";
    /** What is shown on the way to the state: numbers glide; from one word to another, `blend` mixes what they give. */
    const moving = () => {
      const numbers = Object.entries(only(state, isNumber));
      return { ...state, ...Object.fromEntries(numbers.map(([key, value]) => [key, mix(from[key], value, t)])) };
    };
    const blend = (f) => {
      const now = moving();
      return t < 1 ? mix(f({ ...now, ...only(from, (value) => !isNumber(value)) }), f(now), t) : f(state);
    };

    function draw() {
      if (!width) return; // not laid out yet
      const now = moving();
      const { drawn } = picture(name, now, width, words, blend);
      const group = stage.querySelector(".live-drawn");
      group.innerHTML = drawn;
      group.setAttribute("aria-label", touched ? figure.says(state) : words);
      stage.querySelectorAll(".live-handle").forEach((element, i) => {
        const at = handles[i].at(now, width, blend);
        element.setAttribute("visibility", at ? "visible" : "hidden");
        if (at) element.setAttribute("transform", `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`);
        const [value, min, max, text] = handles[i].value(state);
        const facts = { "aria-valuenow": value, "aria-valuemin": min, "aria-valuemax": max, "aria-valuetext": text };
        for (const [key, fact] of Object.entries(facts)) element.setAttribute(key, fact);
      });
    }

    /** Draw it as wide as it is now; who watches its size tells when, so no layout is forced. */
    function lay() {
      const now = Math.round(stage.clientWidth);
      if (!now || now === width) return;
      width = now;
      const focused = [...stage.querySelectorAll(".live-handle")].indexOf(document.activeElement);
      const shown = picture(name, state, width, words)
        .svg(handles.map((handle) => handleHtml(handle, handle.at(state, width, blend), state)).join(""));
      stage.innerHTML = shown;
      stage.querySelectorAll(".live-handle").forEach((element, i) => hold(element, handles[i]));
      if (focused >= 0) stage.querySelectorAll(".live-handle")[focused].focus();
      draw();
    }

    /** Everything that isn't the picture. */
    function tell() {
      for (const control of figure.controls) control.show(root, state);
      root.querySelector(".live-formula").innerHTML = figure.formula(state);
      const held = figure.task.goals.map(([, holds]) => holds(state));
      const task = root.querySelector(".live-task");
      task.dataset.found = held.every(Boolean);
      task.querySelectorAll("li").forEach((item, i) => { item.dataset.holds = held[i]; });
    }

    let frame = 0;
    const soon = () => { frame ||= requestAnimationFrame(() => { frame = 0; draw(); }); };
    let saying = 0;
    /** Say where it stands, once it stands. */
    function say() {
      clearTimeout(saying);
      saying = setTimeout(() => {
        history.replaceState(history.state, "", `#${idOf(name)}?${written(figure, state)}`);
        const found = root.querySelector('[data-found="true"] .live-found')?.textContent ?? "";
        root.querySelector(".live-said").textContent = `${found} ${figure.says(state)}`.trim();
      }, 600);
    }

    function set(changes, glide = false) {
      from = moving();
      state = { ...state, ...changes };
      touched = true;
      tell();
      t = glide && !calm() ? 0 : 1;
      if (t === 1) return soon();
      const [began, to] = [performance.now(), state];
      requestAnimationFrame(function on(now) {
        if (state !== to) return; // something else was set meanwhile
        const part = clamp((now - began) / 350, 0, 1);
        t = part * part * (3 - 2 * part);
        draw();
        if (t < 1) requestAnimationFrame(on);
      });
    }
    const change = (changes, glide) => { set(changes, glide); say(); };

    /** Let a number run to where it starts, once and for a few seconds; whoever takes hold of anything, stops it. */
    function play({ key, from: first, seconds, by = 1 }) {
      const began = performance.now(), to = state[key];
      requestAnimationFrame(function on(now) {
        if (touched) return;
        const part = clamp((now - began) / (1000 * seconds), 0, 1);
        const value = Math.round(mix(first, to, part) / by) * by;
        if (value !== state[key]) {
          state = from = { ...state, [key]: value };
          tell();
          draw();
        }
        if (part < 1) requestAnimationFrame(on);
      });
    }

    /** Let a handle be dragged and moved with the arrow keys. */
    function hold(element, handle) {
      let shift = null;
      const place = (event) => {
        const box = stage.getBoundingClientRect();
        return { x: event.clientX - box.left, y: event.clientY - box.top };
      };
      element.addEventListener("pointerdown", (event) => {
        const at = handle.at(state, width, blend), from = place(event);
        shift = { x: at.x - from.x, y: at.y - from.y };
        element.setPointerCapture(event.pointerId);
        element.focus({ preventScroll: true });
      });
      element.addEventListener("pointermove", (event) => {
        if (!shift) return;
        const to = place(event);
        change(handle.to(state, to.x + shift.x, to.y + shift.y, width));
      });
      // What goes up and down too isn't to scroll the page; browsers don't ask CSS about a part of a drawing.
      if (handle.along !== "x") element.addEventListener("touchstart", (e) => e.preventDefault(), { passive: false });
      for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => { shift = null; });
      element.addEventListener("keydown", (event) => {
        const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
        if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        change(handle.by(state, ...by));
      });
    }

    for (const control of figure.controls) control.listen(root, change);
    root.querySelector(".live-again").addEventListener("click", () => change(start, true));
    root.groundup = { set, state: () => state };
    const asked = askedFor(name);
    if (asked !== null) { state = read(figure, asked); touched = true; }
    tell();
    root.dataset.lives = "";
    if (figure.plays && !touched && !calm()) play(figure.plays);
    new ResizeObserver(lay).observe(stage);
  }

  /** What the page's address asks of a figure; null if nothing. */
  function askedFor(name) {
    const [id, text] = location.hash.slice(1).split("?");
    return id === idOf(name) && text !== undefined ? text : null;
  }

  /** Bring to life what comes near the window, and at once what the address asks for. */
  function watch() {
    const near = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) if (isIntersecting) start(target);
    }, { rootMargin: "100%" });
    function start(root) {
      near.unobserve(root);
      if (root.dataset.lives === undefined) (root.dataset.live ? begin : stepper)(root);
    }
    document.querySelectorAll("[data-live], .steps").forEach((root) => near.observe(root));
    const follow = (arriving) => {
      for (const root of document.querySelectorAll("[data-live]")) {
        const asked = askedFor(root.dataset.live);
        if (asked === null) continue;
        if (root.dataset.lives === undefined) start(root);
        else root.groundup.set(read(figures.get(root.dataset.live), asked));
        root.scrollIntoView({ block: arriving ? "center" : "nearest" });
      }
    };
    follow(true);
    addEventListener("hashchange", () => follow(false));
  }

  // ---- Steppers: pictures of one run, of which one is seen

  function stepper(root) {
    root.dataset.lives = "";
    const stills = [...root.querySelectorAll(":scope > figure")];
    const bar = document.createElement("div");
    bar.className = "step-bar";
    bar.innerHTML =
      '<button type="button" aria-label="Step back">‹</button>'
      + `<input type="range" min="1" max="${stills.length}" value="1" aria-label="Step" autocomplete="off">`
      + '<button type="button" aria-label="Step on">›</button>'
      + '<span class="step-count"></span>'
      + '<p class="live-unseen" role="status"></p>';
    const [back, range, on, count, said] = bar.children;
    let saying = 0;
    function show(number, loud = true) {
      const now = clamp(number, 1, stills.length);
      stills.forEach((figure, i) => figure.toggleAttribute("data-shown", i === now - 1));
      range.value = now;
      range.setAttribute("aria-valuetext", `${now} of ${stills.length}`);
      count.textContent = `${now} / ${stills.length}`;
      back.setAttribute("aria-disabled", now === 1);
      on.setAttribute("aria-disabled", now === stills.length);
      clearTimeout(saying);
      const caption = stills[now - 1].querySelector("figcaption").textContent.trim();
      if (loud) saying = setTimeout(() => { said.textContent = `${now} of ${stills.length}: ${caption}`; }, 600);
    }
    back.addEventListener("click", () => show(Number(range.value) - 1));
    on.addEventListener("click", () => show(Number(range.value) + 1));
    range.addEventListener("input", () => show(Number(range.value)));
    root.append(bar);
    root.tabIndex = -1;
    show(1, false);
  }

  globalThis.groundup ??= {};
  globalThis.groundup.live = {
    nn: { activations, losses, forward, outputs, loss, gradients, step },
    INK, MUTED, GRID, GROUND, SERIES, axes, tag, label, variable, number, clamp, round, mix, grip, slider, choice, movable, html,
    /**
     * A figure of the book: its `height` in px; the state that it has at `start`; its `controls`; the `formula` above
     * the picture, as HTML; `draw(state, width, blend)`, the picture as SVG, where `blend(f)` is f(state), or between
     * two states while it changes; what it `says` of a state to a screen reader; its `task`: words, goals as pairs of
     * words and a test of the state, and what is said when it's `found`. It may have `handles` that can be dragged:
     * each has a name, a shape (a grip), may go only `along` "x", says where it is `at(state, width, blend)`, what
     * changes when it's dragged `to(state, x, y, width)` or moved `by(state, right, up)` with keys, and its
     * `value(state)`: now, min, max, text. If it `plays`, a number (its key) runs `from` a value to its start, `by` so much at a time, in so
     * many seconds as soon as the figure is there, but for readers who don't want motion.
     */
    figure: (name, parts) => { figures.set(name, parts); },
    takes: (name, take) => { takers.set(name, take); }, // a network's file, which calls weights
    weights: (name, ...file) => takers.get(name)(...file),
    parts: (name) => figures.get(name),
  };
  if (globalThis.document) document.addEventListener("DOMContentLoaded", watch);
})();
