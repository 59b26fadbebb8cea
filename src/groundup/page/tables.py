"""Tables of results."""

import itertools
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Protocol

import numpy as np
from IPython.display import display

from groundup.page.numbers import Kind, number
from groundup.page.shown import Shown

SEED = "seed"  # the axis over which means are taken
UNIT = re.compile("(%|[\u202f ](×|s|percentage points))$")


class Grid(Protocol):
    """What a table needs of runs that lie on a grid, see ``runs.grid``."""

    axes: Mapping[str, Sequence]
    measures: Mapping[str, np.ndarray]
    diverged: np.ndarray

    def mean(self, measure: str) -> np.ndarray: ...

    def spread(self, measure: str) -> np.ndarray: ...


def table(
    results: Mapping[str, Sequence] | Grid,
    caption: str,
    *,
    across: str | None = None,
    **measures: Kind | tuple[Kind, int],
) -> None:
    """Show a table; its first column names the rows.

    Args:
        results: the cells of each column by its heading, as text or whole numbers. Or what
            ``runs.grid`` gives: a row for each combination of its values, with the mean over the seeds
            and, of at least two, their standard deviation. Where it's no number, since training diverged,
            the cell says so, and for how many of the seeds.
        caption: what the table shows; a grid adds of how many seeds its means are.
        across: an axis of the grid whose values stand side by side, as columns.
        measures: which measures of the grid, and how they are written, as in ``val_accuracy="percent"``
            or ``loss=("decimal", 4)``, see ``number``. One that is true or false has no spread: it's a
            share or, as ``"count"``, 12 of 20.

    Raises:
        ValueError: the columns aren't equally long, there are no rows, or a cell says nothing; or the
            grid has no such measure or axis.
        TypeError: measures are chosen, and the results aren't a grid; or none are, and they are.
    """
    if isinstance(results, Mapping):
        if measures or across:
            raise TypeError(
                "a table of columns expected no measures and no axis, they are a grid's"
            )
        columns = results
    else:
        columns, caption = _of_grid(results, across, measures, caption)
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


def _of_grid(grid: Grid, across: str | None, measures: dict, caption: str) -> tuple[dict, str]:
    """The columns of a grid, and the caption with what the numbers are."""
    if not measures:
        raise TypeError("a table of a grid expected a measure and its kind, as in loss='decimal'")
    axes = {name: [*map(_text, labels)] for name, labels in grid.axes.items() if name != SEED}
    if across is not None and (across not in axes or len(axes) < 2):
        raise ValueError(
            "a table expected an axis across, and another one that names its rows, among "
            f"{', '.join(axes) or 'none'}; got {across!r}"
        )
    rows = [*itertools.product(*(texts for name, texts in axes.items() if name != across))]
    heads = [_heading(name) for name in axes if name != across]
    columns = dict(zip(heads, zip(*rows, strict=True), strict=True))
    for measure, kind in measures.items():
        cells = _cells(grid, measure, (kind,) if isinstance(kind, str) else kind)
        if across is None:
            columns[_heading(measure)] = [*cells.flat]
            continue
        cells = np.moveaxis(cells, [*axes].index(across), 0)
        for label, column in zip(axes[across], cells, strict=True):
            head = f"{_heading(across)} {label}"
            columns[f"{_heading(measure)}, {head}" if len(measures) > 1 else head] = [*column.flat]
    seeds = len(grid.axes.get(SEED, "1"))
    if not axes:
        columns = {"runs": [str(seeds)], **columns}
    if seeds > 1 and not all(_is_true_or_false(grid, measure) for measure in measures):
        caption += f" (means of {seeds} seeds ± standard deviation)"
    return columns, caption


def _cells(grid: Grid, measure: str, kind: tuple) -> np.ndarray:
    """A measure's mean over the seeds and its spread, as text, with the other axes."""
    means, seeds = np.asarray(grid.mean(measure)), len(grid.axes.get(SEED, "1"))
    counted = _is_true_or_false(grid, measure)
    spread = np.asarray(grid.spread(measure)) if seeds > 1 and not counted else None
    diverged = np.asarray(grid.diverged)
    if SEED in grid.axes:
        diverged = diverged.sum(axis=[*grid.axes].index(SEED))
    texts = np.empty(means.shape, object)
    for place in np.ndindex(means.shape):
        try:
            if np.isnan(means[place]) and diverged[place]:
                texts[place] = (
                    "diverged" if seeds == 1 else f"{diverged[place]} of {seeds} diverged"
                )
            elif counted and kind == ("count",):
                texts[place] = f"{round(means[place] * seeds)} of {seeds}"
            else:
                texts[place] = number(means[place], *kind)
                if spread is not None:
                    texts[place] = _with_spread(texts[place], number(spread[place], *kind))
        except ValueError as error:
            raise ValueError(f"{measure}, at place {place} of the grid: {error}") from None
    return texts


def _is_true_or_false(grid: Grid, measure: str) -> bool:
    return np.asarray(grid.measures[measure]).dtype == bool


def _with_spread(mean: str, spread: str) -> str:
    """Both in a cell, with their unit once."""
    units = [UNIT.search(text) for text in (mean, spread)]
    if all(units) and units[0][0] == units[1][0]:
        mean = mean[: units[0].start()]
    return f"{mean} ± {spread}"


def _heading(name: str) -> str:
    return re.sub("^val_", "validation ", name).replace("_", " ")


def _text(label) -> str:
    return (", ".join(map(str, label)) or "none") if isinstance(label, tuple) else str(label)


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
