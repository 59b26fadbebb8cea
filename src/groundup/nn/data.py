"""Data: examples with their targets and weights, in parts and in batches."""

from collections.abc import Iterator
from typing import NamedTuple, Self

import numpy as np

from groundup.nn import arrays
from groundup.nn.arguments import at_least_zero, size


class Data(NamedTuple):
    """Examples as a model learns from them.

    Args:
        X: the examples, (m, …).
        Y: their targets, as ``Loss.compact`` gives them.
        sample_weight: a weight for each, (m,), or None.
    """

    X: np.ndarray
    Y: np.ndarray
    sample_weight: np.ndarray | None = None

    def part(self, which: slice | np.ndarray) -> Self:
        """Some of the examples, with what belongs to them."""
        return type(self)(*(None if array is None else array[which] for array in self))

    def batches(self, batch_size: int, order: np.ndarray | None = None) -> Iterator[Self]:
        """All examples, so many at a time; the last batch takes what is left.

        Args:
            batch_size: how many.
            order: their places, in the order to take them in; None is as they come.
        """
        for start in range(0, len(self.X), batch_size):
            batch = slice(start, start + batch_size)
            yield self.part(batch if order is None else order[batch])

    def steps(self, batch_size: int) -> int:
        """How many batches there are."""
        return -(-len(self.X) // batch_size)

    def split(self, validation_split: float) -> tuple[Self, Self]:
        """The first examples, and the last ones, which are this share of all, to rounding as in Keras.

        Raises:
            ValueError: there would be none of one kind.
        """
        first = int(len(self.X) * (1 - validation_split))
        if first in (0, len(self.X)):
            raise ValueError(
                "expected a validation_split that leaves examples on both sides, got "
                f"{validation_split} of {len(self.X)} examples"
            )
        return self.part(slice(first)), self.part(slice(first, None))

    def weighted_by_class(self, class_weight: dict[int, float], outputs: tuple[int, ...]) -> Self:
        """The same examples, each with the weight of its class; 1 if that isn't named.

        Args:
            class_weight: the weights by class, which is that of the output that is to be largest; of a
                single output, 1 is yes and 0 or −1 is no.
            outputs: the shape of an output.

        Raises:
            TypeError: it's no dictionary of numbers.
            ValueError: the targets aren't classes, there is no such class, or a weight is negative.
        """
        if not isinstance(class_weight, dict) or not class_weight:
            raise TypeError(
                f"expected class_weight, a dictionary with a weight for each class, got {class_weight!r}"
            )
        classes = _classes(self.Y, outputs)
        known = (-1, 0, 1) if outputs == (1,) else range(*outputs)
        if {-1, 0} <= class_weight.keys():
            raise ValueError("expected class_weight with one weight for no, got both 0 and -1")
        weights = np.ones(len(classes), self.X.dtype)
        for name, weight in class_weight.items():
            if name not in known:
                raise ValueError(f"expected class_weight of classes {[*known]}, got {name!r}")
            weight = at_least_zero(weight, f"expected class_weight with a weight of {name}")
            weights[classes == max(name, 0)] = weight
        return self._replace(sample_weight=weights)


def batch_size_or(default: int, batch_size: int | None) -> int:
    """How many examples there are to be in a batch; of what isn't said, the default."""
    return default if batch_size is None else size(batch_size, "the model", "batch_size")


def example_weights(sample_weight, places: tuple[int, ...], dtype) -> np.ndarray:
    """A weight for each example, or for each place of an output, in the precision of a model.

    Args:
        sample_weight: the weights.
        places: how many examples there are, and the places of an output: (m, steps).
        dtype: the precision.

    Raises:
        TypeError: they aren't an array of real numbers.
        ValueError: there isn't one for each, or one is negative or not finite.
    """
    weights = arrays.numbers(sample_weight, "sample_weight", dtype)
    if weights.shape not in (places[:1], places):
        of_places = f", or {places}, for each step" if len(places) > 1 else ""
        raise ValueError(
            f"expected sample_weight of shape {places[:1]}, a weight for each example{of_places}, got "
            f"{weights.shape}"
        )
    if weights.min() < 0:  # with which no loss would be too small
        raise ValueError(f"expected sample_weight of at least 0, got {weights.min()}")
    return weights


def _classes(Y: np.ndarray, outputs: tuple[int, ...]) -> np.ndarray:
    """The class of each example, a whole number; of a single output 0 or 1."""
    if len(outputs) == 1 and Y.dtype.kind != "f":
        return Y
    if outputs == (1,) and np.isin(Y, (-1, 0, 1)).all():
        return (Y[:, 0] > 0).astype(int)
    if len(outputs) == 1 and np.isin(Y, (-1, 0, 1)).all() and ((Y == 1).sum(axis=1) == 1).all():
        return Y.argmax(axis=1)
    raise ValueError(
        f"with class_weight, expected targets with one class for each example, got others, such as {Y[0]}"
    )
