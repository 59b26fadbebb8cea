"""Pictures that several chapters draw. They take plain arrays and histories."""

import warnings
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator

from groundup.figures.figure import WIDTH, axes
from groundup.figures.palette import INK, SERIES

SIGNED = LinearSegmentedColormap.from_list("signed", [SERIES[1], "#f4f4f2", SERIES[0]])


def curves(
    ax: Axes, series: Mapping[str, Sequence[Sequence[float]]], x: str, y: str, label: bool = True
) -> None:
    """A line for each name: the mean of its runs, with the range between them.

    Each line is named at its end, in its own colour and with its own dashes.

    Args:
        ax: where to draw.
        series: for each name its runs, each with one value an epoch.
        x, y: what the axes show, with units.
        label: whether the lines are named.

    Raises:
        ValueError: there are more names than the palette has colours.
    """
    if len(series) > len(SERIES):
        raise ValueError(f"curves expected at most {len(SERIES)} series, got {len(series)}")
    dashes = ["-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (5, 2, 1, 2))]
    ends = []
    for (name, runs), colour, dash in zip(series.items(), SERIES, dashes, strict=False):
        values = np.array(runs, dtype=float)
        epochs = np.arange(1, values.shape[1] + 1)
        ax.plot(epochs, values.mean(axis=0), color=colour, linestyle=dash)
        if len(values) > 1:
            ax.fill_between(
                epochs, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.2, lw=0
            )
        ends.append([values[:, -1].mean(), name, colour])
    ax.set(xlabel=x, ylabel=y)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if label:
        low, high = ax.get_ylim()
        apart, place = 0.07 * (high - low), -np.inf
        for end, name, colour in sorted(ends):
            place = max(end, place + apart)
            ax.annotate(
                name,
                (epochs[-1], place),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                color=colour,
                annotation_clip=False,
            )


def regions(
    ax: Axes,
    score: Callable[[np.ndarray], np.ndarray],
    X: np.ndarray,
    y: np.ndarray,
    *,
    threshold: float = 0.0,
    names: Sequence[str] = (),
    margin: float = 0.15,
) -> None:
    """Where a classifier of points in the plane says what: one colour where its score is above the
    threshold, another below, and a line between them; the examples lie on top.

    Args:
        ax: where to draw.
        score: (n, 2) -> (n,), as a model gives it.
        X: the examples, (m, 2).
        y: their classes, (m,): 1 for the one, 0 or −1 for the other.
        threshold: the score of the boundary, 0.5 for a probability.
        names: what the two classes are called, the upper one last; empty for no legend.
        margin: how far the picture goes beyond the examples, as a share of their range.
    """
    low, high = X.min(axis=0), X.max(axis=0)
    low, high = low - margin * (high - low), high + margin * (high - low)
    across, up = (np.linspace(low[i], high[i], 150) for i in (0, 1))
    places = np.stack(np.meshgrid(across, up), axis=-1)
    scores = np.reshape(score(places.reshape(-1, 2)), places.shape[:2])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "No contour levels were found")  # all of one class
        ax.contourf(
            across, up, scores, [-np.inf, threshold, np.inf], colors=SERIES[1::-1], alpha=0.16
        )
        ax.contour(across, up, scores, [threshold], colors=INK, linewidths=1.5)
    of_upper = np.asarray(y) > 0
    for upper, colour, mark in ((False, SERIES[1], "s"), (True, SERIES[0], "o")):
        chosen = X[of_upper == upper]
        label = names[int(upper)] if names else None
        ax.scatter(*chosen.T, s=18, color=colour, marker=mark, lw=0, label=label)
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xlabel="x₁", ylabel="x₂")
    ax.grid(visible=False)
    if names:
        ax.legend()


def images(pictures: np.ndarray, titles: Sequence[str] | None = None, columns: int = 10):
    """Grey pictures side by side, dark ink on light paper.

    Args:
        pictures: (n, height, width), from 0 for paper to the largest value for ink.
        titles: what to write above each.
        columns: how many in a row.

    Returns:
        The array of axes.
    """
    return _tiles(pictures, titles, columns, cmap="gray_r", vmin=0, vmax=np.max(pictures))


def weights(pictures: np.ndarray, titles: Sequence[str] | None = None, columns: int = 5):
    """Weights as pictures: negative in one colour, positive in the other, zero between them.

    Args:
        pictures: (n, height, width).
        titles: what to write above each.
        columns: how many in a row.

    Returns:
        The array of axes.
    """
    limit = np.abs(pictures).max()
    return _tiles(pictures, titles, columns, cmap=SIGNED, vmin=-limit, vmax=limit)


def _tiles(pictures, titles, columns: int, **colours):
    rows = -(-len(pictures) // columns)
    tile = WIDTH / columns
    height = rows * (tile + (0.25 if titles is not None else 0))
    grid = axes(columns, rows, height, squeeze=False)
    for ax in grid.flat:
        ax.set_axis_off()
    for i, (ax, picture) in enumerate(zip(grid.flat, pictures, strict=False)):
        ax.imshow(picture, interpolation="nearest", **colours)
        if titles is not None:
            ax.set_title(titles[i])
    return grid


def confusion(ax: Axes, counts: np.ndarray, names: Sequence[str]) -> None:
    """How often each class was taken for each: rows are true, columns predicted.

    Args:
        ax: where to draw.
        counts: (k, k).
        names: the k classes.
    """
    wrong = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    shades = LinearSegmentedColormap.from_list("counts", ["#ffffff00", SERIES[1]])
    ax.imshow(wrong, cmap=shades, interpolation="nearest")
    for row, column in np.ndindex(counts.shape):
        if counts[row, column]:
            strong = row != column and wrong[row, column] > 0.6 * wrong.max()
            ax.text(
                column,
                row,
                f"{counts[row, column]:,}",
                ha="center",
                va="center",
                fontsize=8.5,
                fontweight="bold" if row == column else "normal",
                color="white" if strong else INK,
            )
    ax.set(xticks=range(len(names)), yticks=range(len(names)), xlabel="predicted", ylabel="true")
    ax.set(xticklabels=names, yticklabels=names)
    ax.grid(visible=False)
