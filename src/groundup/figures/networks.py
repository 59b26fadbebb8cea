"""A network as circles and lines, drawn from its sizes."""

import itertools
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from groundup.figures.palette import GRID, INK, MUTED, SERIES

RADIUS = 0.32


def network(
    ax: Axes,
    sizes: Sequence[int],
    names: Sequence[str] = (),
    *,
    weights: Sequence[np.ndarray] | None = None,
    units: Sequence[Sequence[str]] | None = None,
    most: int = 6,
) -> None:
    """A fully connected network: a column of units for each layer, a line for each weight.

    Args:
        ax: where to draw.
        sizes: how many units each layer has, the inputs first.
        names: what to write below each column.
        weights: a matrix (n_in, n_out) between each two columns: a line is as wide as its weight is
            large, in one colour where it's positive and dashed in the other where it's negative.
        units: what to write into each unit, column by column.
        most: of a layer with more units, this many are drawn, with dots between the last two.

    Raises:
        ValueError: there are fewer than two layers, or as many names, weights or units as don't fit.
    """
    if len(sizes) < 2:
        raise ValueError(f"network expected at least two layers, got sizes {tuple(sizes)}")
    for given, count in ((names, len(sizes)), (weights, len(sizes) - 1), (units, len(sizes))):
        if given is not None and len(given) not in (0, count):
            raise ValueError(f"network expected {count} of these for {tuple(sizes)}, got {given}")
    columns = [_heights(size, most) for size in sizes]
    apart = 2.4
    largest = max((np.abs(W).max() for W in weights or ()), default=1) or 1
    for layer, (left, right) in enumerate(itertools.pairwise(columns)):
        for i, y in left.items():
            for j, z in right.items():
                style = {"color": MUTED, "lw": 0.7, "alpha": 0.7}
                if weights is not None:
                    w = weights[layer][i, j]
                    style = {"color": SERIES[0], "lw": 0.3 + 3.2 * abs(w) / largest}
                    if w < 0:
                        style |= {"color": SERIES[1], "linestyle": (0, (3, 1.5))}
                ax.plot([layer * apart, (layer + 1) * apart], [y, z], zorder=1, **style)
    for layer, (column, size) in enumerate(zip(columns, sizes, strict=True)):
        for i, y in column.items():
            ax.add_patch(Circle((layer * apart, y), RADIUS, fc=GRID, ec=INK, lw=1.2, zorder=2))
            if units:
                ax.text(
                    layer * apart,
                    y,
                    units[layer][i],
                    ha="center",
                    va="center",
                    fontsize=9,
                    zorder=3,
                )
        if size > most:
            y = (column[most - 2] + column[size - 1]) / 2
            ax.text(layer * apart, y, "⋮", ha="center", va="center", fontsize=14)
    lowest = min(min(column.values()) for column in columns)
    for layer, name in enumerate(names):
        ax.text(layer * apart, lowest - 0.75, name, ha="center", va="top")
    highest = max(max(column.values()) for column in columns)
    ax.set(xlim=(-1, (len(sizes) - 1) * apart + 1), aspect="equal")
    ax.set_ylim(lowest - (1.6 if names else 0.6), highest + 0.6)
    ax.set_axis_off()


def _heights(size: int, most: int) -> dict[int, float]:
    """Where the units that are drawn stand, by their index; the first above, the middle at zero."""
    drawn = range(size) if size <= most else [*range(most - 1), size - 1]
    places = np.arange(len(drawn), dtype=float)
    if size > most:
        places[-1] += 0.6  # room for the dots
    return dict(zip(drawn, (places.mean() - places).tolist(), strict=True))
