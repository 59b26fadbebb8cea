"""A chapter that says all that a chapter can say to its readers, for a small book."""

from pathlib import Path

import pytest
from tests.book.small import Book, must_pass

FIGURE = "from groundup import figures\nax = figures.axes(height=2)\nax.plot([1, 2])\n"
CELLS = (
    FIGURE + "figures.show(ax, f'The line goes <up to {2.0:.1f}.', 'A line from 1 to 2.')",
    ":tags: [remove-input]\n\n"
    "from groundup import data, page\n"
    'mnist = data.load("mnist")\n'
    'page.glue("share", 0.9428, "percent")\n'
    "larger = page.larger([2, 2], 1, seeds=range(2))\n"
    'page.answer("most", {"Noise": False, "A few": larger, "About": False})\n'
    'page.answer("least", {"Sun": True, "Rain": False}, needs=mnist)\n'
    'page.answer("share", 0.9428, "percent", 1, needs=mnist)',
    ':tags: [remove-input]\n\npage.claim("One is <one>.", True)',
    ":tags: [remove-input]\n\n"
    'page.claim("It is good.", False, needs=mnist)\n'
    'page.claim("Two is more than one.", page.larger([2, 2], 1, seeds=range(2)))',
)
QUESTIONS = """Which of them is it?

:::{question} most
Which of these **falls** most?

- [ ] Noise on every pixel

  Noise cancels, so about $x^2$ of it is left.
- [x] A few chosen pixels

  All of them push one way.
- [ ] About 50%

  Half of what?
:::

:::{question} least
Which falls least?

- [ ] Sun

  It shines.
- [x] Rain

  It falls.
:::

:::{question} share
:tolerance: 5%

How many of the digits are read?

So many: {glue:text}`share`.
:::

"""
PROSE = """
```{margin}
A caveat in the margin, with $x$.
```

{originals}``Dropout reads {glue:text}`share`.`` It was ({eq}`line`),
({eq}`line`, {eq}`other` and {eq}`line`), and (see {eq}`other`).

```python
y = w * x + b  # :eq:`line`
```

```{originals}
A paragraph about the originals.
```

::::{derivation} Why it *is* so
First this, then

$$
y = w x + b
$$ (line)

and so on.
::::

$$
z = w x
$$ (other)

## The end

It was so.
"""


def make(folder: Path) -> Book:
    """The book, not built yet: chapter 8, and a page that refers to it."""
    book = Book(folder)
    book.cells(*CELLS, prose=PROSE, above=QUESTIONS)
    book.define("line")
    config = folder / "_config.yml"
    reason = "{line: it is a name"
    config.write_text(config.read_text().replace(reason, f"{reason}, other: it too"))
    number(book, 8)
    book.without_limits("book/chapter")
    book.write(
        "index", "# A small book\n\nSee {eq}`line`.\n\n```{status}\n```\n\n```{equations}\n```\n"
    )
    return book


def built(folder: Path) -> Book:
    """The book, built on stand-ins with a run store of its own, for all tests of a module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GROUNDUP_RUNS", str(folder / "runs"))
        patch.setenv("GROUNDUP_DATA", "stand-in")
        book = make(folder / "book")
        must_pass(book.build())
    return book


def number(book: Book, of_chapter: object, page: str = "chapter") -> None:
    """Give a chapter its number."""
    path = book.folder / "book" / f"{page}.md"
    text = path.read_text()
    path.write_text(text.replace("---\n", f"---\nchapter: {of_chapter}\n", 1))
