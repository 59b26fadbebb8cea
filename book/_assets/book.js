// What scrolls sideways can be reached with the keyboard. The theme sees to that when a page has loaded, measures
// everything for it, and so has thousands of elements laid out that nobody sees yet. Here each waits until it's near.
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
  document.querySelectorAll(wide).forEach((element) => sizes.observe(element));
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
