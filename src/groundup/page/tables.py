"""Tables of results."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from IPython.display import display

from groundup.page.shown import Shown


def table(columns: Mapping[str, Sequence], caption: str) -> None:
    """Show a table; its first column names the rows.

    Args:
        columns: the cells of each column by its heading, as text or whole numbers.
        caption: what the table shows.

    Raises:
        ValueError: the columns aren't equally long, there are no rows, or a cell says nothing.
    """
    lengths = {name: len(cells) for name, cells in columns.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"a table expected columns of one length, got {lengths}")
    for name, cells in columns.items():
        if not len(cells) or any(map(_says_nothing, cells)):
            raise ValueError(
                f"a table expected text or whole numbers in {name!r}, got {list(cells)}"
            )
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    rows = "".join(
        f'<tr><th scope="row">{escape(str(first))}</th>'
        + "".join(f"<td>{escape(str(cell))}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in zip(*columns.values(), strict=True)
    )
    html = (
        f'<div class="results" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
    display(Shown(html, _plain(columns, caption)))


def _says_nothing(cell) -> bool:
    """Whether a cell has no value: none at all, or a number that isn't finite."""
    number = isinstance(cell, float | np.floating)
    return cell is None or cell is np.ma.masked or (number and not np.isfinite(cell))


def _plain(columns: Mapping[str, Sequence], caption: str) -> str:
    """The table where there is no HTML."""
    texts = [[name, *map(str, cells)] for name, cells in columns.items()]
    widths = [max(map(len, column)) for column in texts]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in zip(*texts, strict=True)
    )
    return "\n".join([caption, *lines])
