"""Making a figure and showing it."""

import io

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


def show(drawn: Axes | Figure, words: str) -> None:
    """Show a figure on the page.

    Args:
        drawn: the figure, or any of its axes.
        words: what the figure shows, with its numbers, for those who don't see it.

    Raises:
        ValueError: there are no words.
    """
    if not words.strip():
        raise ValueError("a figure expected words that say what it shows, got none")
    figure = drawn if isinstance(drawn, Figure) else drawn.get_figure()
    width, height = (round(inches * 96) for inches in figure.get_size_inches())
    display(
        {"image/svg+xml": svg(figure), "text/plain": words},
        raw=True,
        metadata={"image/svg+xml": {"alt": words, "width": width, "height": height}},
    )
