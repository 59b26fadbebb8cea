"""Metrics: what people want to know, which a gradient can't descend."""

from collections.abc import Callable

import numpy as np


def accuracy(Y: np.ndarray, Y_hat: np.ndarray) -> float:
    """The share of examples whose largest prediction is at the true class.

    Shapes:
        one-hot targets and predictions (m, k), with k ≥ 2.

    Raises:
        ValueError: there is only one output, so no class to choose.
    """
    if Y_hat.shape[1] < 2:
        raise ValueError("accuracy expected an output for each class, got a single output")
    return float(np.mean(Y.argmax(axis=1) == Y_hat.argmax(axis=1)))


def get(identifier: str) -> Callable[[np.ndarray, np.ndarray], float]:
    """The metric of that name."""
    names = {"accuracy": accuracy}
    if identifier not in names:
        raise ValueError(f"unknown metric {identifier!r}; expected one of {', '.join(names)}")
    return names[identifier]
