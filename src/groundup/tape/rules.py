"""What else a network needs of the tape: entries, windows, other orders, joins, with their ways back."""

import itertools
import math
from collections.abc import Sequence

import numpy as np

from groundup.tape.core import Value, constant


def take(x: Value, index) -> Value:
    """``x[index]``: slices, or the entries that arrays of whole numbers name, some several times.

    Args:
        x: an array.
        index: whatever NumPy takes for one.
    """

    def back(g):
        dx = np.zeros(x.data.shape)
        np.add.at(dx, index, g)
        return dx

    return Value(x.data[index], (x, back))


def reshape(x: Value, shape: tuple[int, ...]) -> Value:
    """The same entries in another shape of the same size."""
    return Value(x.data.reshape(shape), (x, lambda g: g.reshape(x.data.shape)))


def transpose(x: Value, axes: Sequence[int]) -> Value:
    """The axes in this order."""
    return Value(x.data.transpose(axes), (x, lambda g: g.transpose(np.argsort(axes))))


def join(parts: Sequence[Value], axis: int) -> Value:
    """Arrays one after the other, along an axis that they have."""
    parts = [constant(part) for part in parts]
    ends = [0, *itertools.accumulate(part.data.shape[axis] for part in parts)]

    def share(start, end):
        return lambda g: g.take(range(start, end), axis)

    shares = itertools.starmap(share, itertools.pairwise(ends))
    joined = np.concatenate([part.data for part in parts], axis)
    return Value(joined, *zip(parts, shares, strict=True))


def stack(parts: Sequence[Value], axis: int = 0) -> Value:
    """Arrays of one shape, one after the other along a new axis."""
    parts = [constant(part) for part in parts]
    return join([reshape(p, np.expand_dims(p.data, axis).shape) for p in parts], axis)


def pad(x: Value, margins: Sequence[tuple[int, int]], value: float = 0.0) -> Value:
    """An array with a margin of one number: how much before and after it, axis by axis."""
    inside = tuple(
        slice(before, before + n) for (before, _), n in zip(margins, x.data.shape, strict=True)
    )
    return Value(np.pad(x.data, margins, constant_values=value), (x, lambda g: g[inside]))


def windows(x: Value, size: Sequence[int], axes: Sequence[int]) -> Value:
    """All places of a window that moves entry by entry along some axes: the entries it meets stand along
    new axes, the last ones, in the order of ``axes``.
    """
    numbers = np.arange(x.data.size).reshape(x.data.shape)
    places = np.lib.stride_tricks.sliding_window_view(numbers, size, axes)
    return take(reshape(x, (-1,)), places)


def largest(x: Value, axis: int) -> Value:
    """The largest entry along an axis, which stays, of size one; of several, the first."""
    places = np.expand_dims(x.data.argmax(axis), axis)

    def back(g):
        dx = np.zeros(x.data.shape)
        np.put_along_axis(dx, places, g, axis)
        return dx

    return Value(np.take_along_axis(x.data, places, axis), (x, back))


def where(condition: np.ndarray, a, b) -> Value:
    """Entries of one where a condition holds, of the other elsewhere."""
    a, b = constant(a), constant(b)
    return Value(
        np.where(condition, a.data, b.data),
        (a, lambda g: np.where(condition, g, 0)),
        (b, lambda g: np.where(condition, 0, g)),
    )


def erf(x: Value) -> Value:
    """The error function, twice the normal distribution between 0 and ``x √2``."""
    y = np.vectorize(math.erf, otypes=[float])(x.data)
    return Value(y, (x, lambda g: g * 2 / math.sqrt(math.pi) * np.exp(-(x.data**2))))
