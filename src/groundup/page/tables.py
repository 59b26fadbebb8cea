"""Tables of results."""

from collections.abc import Mapping, Sequence
from html import escape

from IPython.display import HTML, display


def table(columns: Mapping[str, Sequence], caption: str) -> None:
    """Show a table; its first column names the rows.

    Args:
        columns: the cells of each column by its heading, as text or whole numbers.
        caption: what the table shows.

    Raises:
        ValueError: the columns aren't equally long.
    """
    lengths = {name: len(cells) for name, cells in columns.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"a table expected columns of one length, got {lengths}")
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    rows = "".join(
        f'<tr><th scope="row">{escape(str(first))}</th>'
        + "".join(f"<td>{escape(str(cell))}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in zip(*columns.values(), strict=True)
    )
    display(
        HTML(
            f'<div class="results" tabindex="0" role="region" aria-label="{escape(caption)}">'
            f'<table class="table"><caption>{escape(caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        )
    )
