"""The same entries in another shape."""

import numbers

import numpy as np

from groundup.nn.layers.layer import Layer


class Reshape(Layer):
    """Gives each example another shape of the same size.

    Args:
        target_shape: the new shape of one example; one size may be −1, which means what is left.

    Shapes:
        (m, …) -> (m, ``*target_shape``).

    Raises:
        ValueError: an example doesn't have as many entries.
    """

    outputs = "as inputs"

    def __init__(self, target_shape: tuple[int, ...]):
        given = target_shape if isinstance(target_shape, tuple | list) else ()
        sizes = [n for n in given if isinstance(n, numbers.Integral) and (n > 0 or n == -1)]
        if not given or len(sizes) < len(given) or sizes.count(-1) > 1:
            raise ValueError(
                "Reshape expected a shape of positive whole numbers or −1, at most once, got "
                f"{target_shape!r}"
            )
        self.target_shape = tuple(map(int, sizes))

    def build(self, input_shape):
        self.blocks = {}
        self.input_shape = input_shape
        try:
            return np.empty(input_shape).reshape(self.target_shape).shape
        except ValueError:
            raise ValueError(
                f"{self!r} expected examples with as many entries, got examples of shape {input_shape}"
            ) from None

    def forward(self, X):
        return X.reshape(len(X), *self.target_shape)

    def input_gradient(self, dZ):
        return dZ.reshape(len(dZ), *self.input_shape)


class Flatten(Reshape):
    """Makes each example one row.

    Shapes:
        (m, …) -> (m, d).
    """

    def __init__(self):
        super().__init__((-1,))
