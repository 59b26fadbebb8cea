"""The core: arrays that remember what they were computed from, and the sweep back through it all."""

import numpy as np

from groundup.tape.operators import Operators


class Value(Operators):
    """Real numbers, and the values that they were computed from, each with the way back to it."""

    __array_ufunc__ = None  # so that array + value is ours

    def __init__(self, data, *parents):
        if (data := np.asarray(data)).dtype.kind not in "biuf":
            raise TypeError(f"expected real numbers, got {data!r}")
        self.data, self.parents = data.astype(np.float64), parents
        self.step = 1 + max((p.step for p, _ in parents), default=0)

    def backward(self, gradient=1.0) -> None:
        """Set ``gradient`` on all that this was computed from, given that with respect to this."""
        if np.shape(gradient) != self.data.shape:
            raise ValueError(f"expected {self.data.shape} for a gradient, got {np.shape(gradient)}")
        values = new = {self}
        while new:
            new = {p for value in new for p, _ in value.parents} - values
            values = values | new
        for value in values:
            value.gradient = np.zeros(value.data.shape)
        self.gradient += gradient
        for value in sorted(values, key=lambda value: -value.step):
            for parent, back in value.parents:  # of an earlier step
                parent.gradient += unstretched(back(value.gradient), parent)

    def __add__(self, other):
        a, b = self, constant(other)
        return Value(a.data + b.data, (a, lambda g: g), (b, lambda g: g))

    def __mul__(self, other):
        a, b = self, constant(other)
        x, y = a.data, b.data
        return Value(x * y, (a, lambda g: g * y), (b, lambda g: g * x))

    def __matmul__(self, other):
        a, b = self, constant(other)
        y, aT, bT = a.data @ b.data, a.data.mT, b.data.mT
        return Value(y, (a, lambda g: g @ bT), (b, lambda g: aT @ g))

    def sum(self, axis=None):
        """The sum along an axis, or several, or all; these stay, of size one."""
        y, shape = self.data.sum(axis, keepdims=True), self.data.shape
        return Value(y, (self, lambda g: np.broadcast_to(g, shape)))

    def exp(self):
        return Value(y := np.exp(self.data), (self, lambda g: g * y))

    def log(self):
        return Value(np.log(self.data), (self, lambda g: g / self.data))

    def tanh(self):
        y = np.tanh(self.data)
        return Value(y, (self, lambda g: g * (1 - y**2)))

    def maximum(self, other):
        """The larger, entry by entry; this one, where they are equal."""
        a, b = self, constant(other)
        y, mine = np.maximum(a.data, b.data), a.data >= b.data
        return Value(y, (a, lambda g: g * mine), (b, lambda g: g * ~mine))


def constant(x) -> Value:
    """A number or an array as a value."""
    return x if isinstance(x, Value) else Value(x)


def unstretched(gradient: np.ndarray, value: Value) -> np.ndarray:
    """The sum over all places to which broadcasting took an entry of a value."""
    shape = value.data.shape
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    axes = tuple(i for i, n in enumerate(shape) if n < gradient.shape[i])
    return gradient.sum(axis=axes, keepdims=True)
