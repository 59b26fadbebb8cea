"""Losses: those of differences and of margins, and all of them by name."""

import numpy as np

from groundup.nn.arrays import underflow_is_zero
from groundup.nn.config import lookup
from groundup.nn.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from groundup.nn.loss import Loss, mean


class MeanSquaredError(Loss):
    """The mean of the squared differences, :eq:`mean-squared-error`.

    Shapes:
        targets and predictions (m, k).
    """

    def forward(self, Y, Y_hat, sample_weight=None):
        Y, Y_hat = self.pair(Y, Y_hat)
        with underflow_is_zero():
            return mean((Y_hat - Y) ** 2, sample_weight)

    def backward(self, Y, Y_hat):
        """:eq:`linear-output-error`, if the output has no activation."""
        Y, Y_hat = self.pair(Y, Y_hat)
        return 2 * (Y_hat - Y) / Y.size


class MeanAbsoluteError(Loss):
    """The mean of the absolute differences; where one is zero, so is its gradient.

    Shapes:
        targets and predictions (m, k).
    """

    def forward(self, Y, Y_hat, sample_weight=None):
        Y, Y_hat = self.pair(Y, Y_hat)
        return mean(np.abs(Y_hat - Y), sample_weight)

    def backward(self, Y, Y_hat):
        Y, Y_hat = self.pair(Y, Y_hat)
        return np.sign(Y_hat - Y) / Y.size


class Hinge(Loss):
    """``max(0, 1 − y z)``: right isn't enough, it has to be right by a margin of one.

    Shapes:
        targets (m,) or (m, k), each −1 or 1 (0 counts as −1); predictions (m, k), any numbers.

    Raises:
        ValueError: a target is another number.
    """

    margin = 1.0
    threshold = 0.0

    def encode(self, y, output_shape, dtype):
        Y = super().encode(y, output_shape, dtype)
        if np.isin(Y, (0, 1)).all():
            return 2 * Y - 1
        if not np.isin(Y, (-1, 1)).all():
            raise ValueError(
                f"{type(self).__name__} expected targets −1 and 1, or 0 and 1; got "
                f"{', '.join(map(str, np.unique(Y)[:5]))}"
            )
        return Y

    def pair(self, Y, Y_hat):
        Y, Y_hat = super().pair(Y, Y_hat)
        if np.count_nonzero(Y) == Y.size:
            return Y, Y_hat
        return self.encode(Y, Y.shape[1:], Y.dtype), Y_hat  # zeros count as −1

    def forward(self, Y, Y_hat, sample_weight=None):
        Y, Y_hat = self.pair(Y, Y_hat)
        return mean(np.maximum(self.margin - Y * Y_hat, 0), sample_weight)

    def backward(self, Y, Y_hat):
        Y, Y_hat = self.pair(Y, Y_hat)
        return np.where(Y * Y_hat < self.margin, -Y, 0) / Y.size


class PerceptronLoss(Hinge):
    """``max(0, −y z)``, :eq:`perceptron-loss`: how far a wrong score is from the right side.

    A step against its gradient, :eq:`perceptron-gradient-weight` and :eq:`perceptron-gradient-bias`, for
    one example is Rosenblatt's rule, :eq:`perceptron-update`. At a score of exactly zero the gradient is
    that of the wrong side, or nothing would ever start from weights of zero.

    Shapes:
        as ``Hinge``.
    """

    margin = 0.0

    def backward(self, Y, Y_hat):
        Y, Y_hat = self.pair(Y, Y_hat)
        return np.where(Y * Y_hat <= 0, -Y, 0) / Y.size


def get(identifier: str | Loss) -> Loss:
    """The loss of that name."""
    if identifier is None:
        raise ValueError("expected a loss, such as 'mean_squared_error', got None")
    names = {
        "mean_squared_error": MeanSquaredError,
        "mse": MeanSquaredError,
        "mean_absolute_error": MeanAbsoluteError,
        "mae": MeanAbsoluteError,
        "binary_crossentropy": BinaryCrossentropy,
        "categorical_crossentropy": CategoricalCrossentropy,
        "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
        "hinge": Hinge,
        "perceptron": PerceptronLoss,
    }
    return lookup(Loss, "loss", identifier, names)
