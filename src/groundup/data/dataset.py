"""What ``load`` gives: arrays, and what there is to say about them."""

import dataclasses
from typing import Literal

import numpy as np

Origin = Literal["mirror", "original source", "stand-in", "made by code"]


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
    """

    name: str
    title: str
    source: str
    licence: str
    citation: str
    sha256: str | None = None


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

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each array by its name."""
        names = ("x_train", "y_train", "x_test", "y_test")
        return {name: getattr(self, name).shape for name in names}
