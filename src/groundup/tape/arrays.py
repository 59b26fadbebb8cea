"""Arrays as the tape wants them: real numbers, and gradients of the right shape."""

import itertools

import numpy as np

numbers = itertools.count()  # each value takes the next one


def real(data) -> np.ndarray:
    """Real numbers in double precision, in an array of their own."""
    data = np.asarray(data)
    if data.dtype.kind not in "biuf":
        raise TypeError(f"expected real numbers, got {data!r}")
    return data.astype(np.float64)


def alike(gradient, data: np.ndarray):
    """A gradient, if it has the shape of what it is the gradient with respect to."""
    if np.shape(gradient) != data.shape:
        raise ValueError(f"expected {data.shape} for a gradient, got {np.shape(gradient)}")
    return gradient


def unstretched(gradient: np.ndarray, value) -> np.ndarray:
    """The sum over all places to which broadcasting took an entry of a value."""
    shape = value.data.shape
    if gradient.shape == shape:
        return gradient
    added = gradient.ndim - len(shape)  # axes in front
    gradient = gradient.sum(axis=tuple(range(added)))
    stretched = np.less(shape, gradient.shape)  # from one entry
    axes = tuple(np.flatnonzero(stretched))
    return gradient.sum(axis=axes, keepdims=True)
