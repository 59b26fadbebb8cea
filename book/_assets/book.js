// What scrolls sideways can be reached with the keyboard. The theme sees to that when a page has loaded, measures
// everything for it, and so has thousands of elements laid out that nobody sees yet. Here each can be reached until
// it's near and measured.
const add = window.addEventListener;
window.addEventListener = function (type, ...rest) {
  if (type !== "load") add.call(window, type, ...rest);
};
document.addEventListener("DOMContentLoaded", () => {
  window.addEventListener = add; // the theme's script has run
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
  });
  const wide = "article :is(pre, .katex-display, .pst-scrollable-table-container)";
  for (const element of document.querySelectorAll(wide)) {
    element.tabIndex = 0;
    sizes.observe(element);
  }
});

// Paper is light.
let theme;
add.call(window, "beforeprint", () => {
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
add.call(window, "afterprint", () => {
  document.documentElement.dataset.theme = theme;
});

// What came out of the cells right below a question, and words that a comparison holds right below these, wait for the
// guess, or for who asks for them.
const waitForGuess = (question) => {
  const waiting = [];
  let next = question.nextElementSibling;
  for (; next?.matches(".cell"); next = next.nextElementSibling) {
    if (next.querySelector(".cell_output > *")) waiting.push(next.querySelector(".cell_output"));
  }
  if (!waiting.length) return;
  for (; next?.matches("p:has(> .claimed:first-child)"); next = next.nextElementSibling) waiting.push(next);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn waits";
  button.textContent = "Show what comes out";
  const show = () => {
    for (const element of waiting) element.hidden = false;
    button.remove();
  };
  for (const element of waiting) element.hidden = true;
  waiting[0].before(button);
  button.addEventListener("click", show);
  question.addEventListener("guess", show);
  question.querySelector(".answer").addEventListener("toggle", show);
};

// A guess is answered in the page, by what else stands folded below the question.
document.querySelectorAll(".question").forEach((question) => {
  waitForGuess(question);
  const button = question.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", () => {
    if (question.querySelector("input").reportValidity()) question.dispatchEvent(new Event("guess"));
  });
  question.addEventListener("keydown", ({ key, target }) => key === "Enter" && target.matches("input") && button.click());
  question.addEventListener("guess", () => {
    const { right, value, tolerance, shown } = question.dataset;
    const given = +question.querySelector("input:checked, input[type=number]").value;
    const off = given - value;
    const by = +Math.abs(off).toPrecision(3);
    const hit = shown ? Math.abs(off) <= tolerance : given == right;
    const verdict = document.createElement("strong");
    verdict.textContent = !shown
      ? hit ? "Right." : "Not this one."
      : `${hit ? (off ? `Right, off by ${by}` : "Right") : `Too ${off > 0 ? "high" : "low"} by ${by}`}: it’s ${shown}.`;
    const item = question.querySelectorAll(".replies > li")[shown ? 0 : given].cloneNode(true);
    item.firstElementChild.replaceChildren(verdict);
    const note = question.querySelector(".not-checked");
    question.querySelector(".reply").replaceChildren(...item.childNodes, ...(note ? [note.cloneNode(true)] : []));
  });
});

// A link to what is folded opens it.
const unfold = () => {
  const target = document.querySelector(":target");
  for (let fold; (fold = target?.closest("details:not([open])")); target.scrollIntoView()) fold.open = true;
};
add.call(window, "hashchange", unfold);
document.addEventListener("DOMContentLoaded", () => location.hash && unfold());
