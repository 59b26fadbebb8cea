"""The core: arrays that remember what they were computed from, and the sweep back through it all."""

import numpy as np

from groundup.tape.arrays import alike, numbers, real, unstretched
from groundup.tape.operators import Operators


class Value(Operators):
    """Real numbers, and the values that they were computed from, each with the way back to it."""

    def __init__(self, data, *parents):
        self.data, self.parents = real(data), parents
        self.number = next(numbers)  # so a parent's is smaller

    def backward(self, gradient=1.0) -> None:
        """Set ``gradient`` on all that this was computed from, given that with respect to this."""
        tape = self.recorded()
        for value in tape:
            value.gradient = np.zeros(value.data.shape)
        self.gradient += alike(gradient, self.data)
        for value in reversed(tape):
            for parent, back in value.parents:
                g = back(value.gradient)
                parent.gradient += unstretched(g, parent)

    def recorded(self) -> list:
        """This value and all that it was computed from, in the order in which they were made."""
        found, new = {self}, [self]
        while new:
            for parent, _ in new.pop().parents:
                if parent not in found:
                    found.add(parent)
                    new.append(parent)
        return sorted(found, key=lambda value: value.number)

    def __add__(self, other):
        a, b = self, constant(other)
        y = a.data + b.data
        return Value(y, (a, lambda g: g), (b, lambda g: g))

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
        y = np.exp(self.data)
        return Value(y, (self, lambda g: g * y))

    def log(self):
        return Value(np.log(self.data), (self, lambda g: g / self.data))

    def tanh(self):
        y = np.tanh(self.data)
        return Value(y, (self, lambda g: g * (1 - y**2)))

    def maximum(self, other):
        """The larger, entry by entry; this one, where they are equal."""
        a, b = self, constant(other)
        y = np.maximum(a.data, b.data)
        own, rest = a.data >= b.data, a.data < b.data
        return Value(y, (a, lambda g: g * own), (b, lambda g: g * rest))


def constant(x) -> Value:
    """A number or an array as a value."""
    return x if isinstance(x, Value) else Value(x)
