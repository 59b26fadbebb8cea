"""What ``load`` gives: arrays, and what there is to say about them."""

import dataclasses
from typing import Literal, Self

import numpy as np

# So many examples of each class has a small data set, for training and for testing.
SMALL = 200, 100
# So many characters has a small text.
SMALL_TEXT = 20_000, 5_000

Origin = Literal["mirror", "original source", "stand-in", "made by code", "kept in the code"]


@dataclasses.dataclass(frozen=True)
class Description:
    """What a data set is.

    Args:
        name: what ``load`` calls it.
        title: what people call it.
        source: where it was published.
        licence: as its source states it.
        citation: the paper to cite, or what to cite instead.
        sha256: the checksum of the original file; None where there is no file.
        classes: what the classes are called, in the order of their labels, where they have names.
    """

    name: str
    title: str
    source: str
    licence: str
    citation: str
    sha256: str | None = None
    classes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A training set and a test set, with their description.

    Args:
        description: what these arrays are: of a stand-in, the stand-in.
        origin: where these arrays come from.
        x_train, y_train: the training set, examples as rows.
        x_test, y_test: the test set.
        notes: why better sources were passed over, a sentence each.
    """

    description: Description
    origin: Origin
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def is_stand_in(self) -> bool:
        """Whether other data stand in for the original."""
        return self.origin == "stand-in"

    def small(self) -> Self:
        """The first 200 training examples and the first 100 test examples of each class.

        They keep their order, so a small data set is always the same one. Where a class has fewer, all of
        them are taken. Of a text, whose examples are characters with the next character as their target,
        it's the first 20,000 to train and the first 5,000 to test. A data set whose targets are no
        classes is small already, and stays as it is.
        """
        if not np.issubdtype(self.y_train.dtype, np.integer):
            return self
        if np.array_equal(self.x_train[1:], self.y_train[:-1]):
            train, test = map(slice, SMALL_TEXT)
        else:
            train, test = map(_first_of_each_class, (self.y_train, self.y_test), SMALL)
        return dataclasses.replace(
            self,
            x_train=self.x_train[train],
            y_train=self.y_train[train],
            x_test=self.x_test[test],
            y_test=self.y_test[test],
        )

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each array by its name."""
        names = ("x_train", "y_train", "x_test", "y_test")
        return {name: getattr(self, name).shape for name in names}


def _first_of_each_class(labels: np.ndarray, count: int) -> np.ndarray:
    """Where the first so many examples of each class are, in order."""
    of_each = [np.flatnonzero(labels.ravel() == label)[:count] for label in np.unique(labels)]
    return np.sort(np.concatenate(of_each))
