"""Making a figure and showing it."""

import io
from html import escape

import matplotlib
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from groundup.figures.palette import STYLE

matplotlib.rcParams.update(STYLE)

WIDTH = 6.6  # inches, the width of the text; a phone shows it smaller


def axes(columns: int = 1, rows: int = 1, height: float = 3.2, **options):
    """Empty axes in a figure as wide as the text.

    Args:
        columns, rows: how many axes.
        height: the figure's height in inches.
        options: what else ``Figure.subplots`` takes, such as ``sharey=True``.

    Returns:
        One ``Axes``, or an array of them if there are several.
    """
    return Figure(figsize=(WIDTH, height), layout="constrained").subplots(rows, columns, **options)


def svg(figure: Figure) -> str:
    """A figure as SVG; the same figure always gives the same text."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def show(drawn: Axes | Figure, caption: str, words: str | None = None) -> None:
    """Show a figure on the page, with its caption below it.

    Args:
        drawn: the figure, or any of its axes.
        caption: one sentence that everybody reads: what there is to see, with numbers formatted from
            values.
        words: what the figure shows, with its numbers, for those who don't see it. A text that stands
            alone is these words, and the figure has no caption; the build accepts that in the few old
            chapters that it lists.

    Raises:
        ValueError: there are no words, the caption is no sentence, or both say the same.
    """
    if words is None:
        caption, words = None, caption
    if not words.strip():
        raise ValueError("a figure expected words that say what it shows, got none")
    if caption is not None:
        caption = " ".join(caption.split())
        if not caption.endswith((".", "?", "!")):
            raise ValueError(f"a figure expected a sentence as its caption, got {caption!r}")
        if caption == words.strip():
            raise ValueError("a figure expected words that say more than its caption, got the same")
    figure = drawn if isinstance(drawn, Figure) else drawn.get_figure()
    width, height = (round(inches * 96) for inches in figure.get_size_inches())
    facts = {"alt": words, "width": width, "height": height}
    display(
        {
            "image/svg+xml": svg(figure),
            "text/plain": "\n".join(filter(None, (caption, words))),
        },
        raw=True,
        metadata={"image/svg+xml": facts | ({"caption": caption} if caption else {})},
    )
    if caption:  # once more for notebooks, which show a picture alone; pages leave it out
        display(
            {"text/html": f"<p>{escape(caption)}</p>", "text/plain": caption},
            raw=True,
            metadata={"text/html": {"caption": caption}},
        )
