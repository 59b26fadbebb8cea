"""Losses: one number that says how wrong the predictions of a batch are, and its gradient."""

import numpy as np

from groundup.nn.activations import Activation, Softmax
from groundup.nn.config import Configured, lookup

SMALLEST_PROBABILITY = 1e-7  # so that its logarithm is finite


class Loss(Configured):
    """The mean over the examples of how wrong each prediction is.

    ``canonical`` is the activation whose backward pass joins with the loss's into
    :eq:`output-error`; a network that ends in it never computes the two apart.
    """

    canonical: type[Activation] | None = None

    def encode(self, y: np.ndarray, outputs: int, dtype) -> np.ndarray:
        """The targets as the loss compares them with predictions: (m, outputs)."""
        Y = np.asarray(y, dtype=dtype)
        Y = Y[:, None] if Y.ndim == 1 else Y
        if Y.ndim != 2 or Y.shape[1] != outputs:
            raise ValueError(
                f"{type(self).__name__} expected targets of shape (examples, {outputs}), "
                f"got {np.shape(y)}"
            )
        return Y

    def forward(self, Y: np.ndarray, Y_hat: np.ndarray) -> float:
        """The loss of a batch."""
        raise NotImplementedError

    def backward(self, Y: np.ndarray, Y_hat: np.ndarray) -> np.ndarray:
        """The gradient with respect to the predictions, (m, k)."""
        raise NotImplementedError


class MeanSquaredError(Loss):
    """The mean of the squared differences, :eq:`mean-squared-error`.

    Shapes:
        targets and predictions (m, k).
    """

    def forward(self, Y, Y_hat):
        return float(np.mean((Y_hat - Y) ** 2))

    def backward(self, Y, Y_hat):
        return 2 * (Y_hat - Y) / Y.size


class CategoricalCrossentropy(Loss):
    """How surprised the predicted probabilities are by the true class, :eq:`cross-entropy`.

    No probability counts as smaller than 1e-7.

    Shapes:
        targets (m, k), each row one-hot or itself a distribution; predictions (m, k), each row
        with sum one.
    """

    canonical = Softmax

    def forward(self, Y, Y_hat):
        P = np.maximum(Y_hat, SMALLEST_PROBABILITY)
        return float(-np.sum(Y * np.log(P)) / len(Y))

    def backward(self, Y, Y_hat):
        return -Y / np.maximum(Y_hat, SMALLEST_PROBABILITY) / len(Y)


class SparseCategoricalCrossentropy(CategoricalCrossentropy):
    """Cross-entropy for targets that are labels, not one-hot rows.

    Shapes:
        targets (m,) or (m, 1), whole numbers from 0 to k − 1; predictions (m, k).
    """

    def encode(self, y, outputs, dtype):
        labels = np.asarray(y)
        if not (labels.ndim == 1 or (labels.ndim == 2 and labels.shape[1] == 1)):
            raise ValueError(f"expected labels of shape (examples,), got {labels.shape}")
        labels = labels.reshape(-1)
        if not np.issubdtype(labels.dtype, np.integer):
            raise TypeError(f"expected labels that are whole numbers, got dtype {labels.dtype}")
        if labels.size and not (labels.min() >= 0 and labels.max() < outputs):
            raise ValueError(
                f"expected labels from 0 to {outputs - 1} for {outputs} outputs, "
                f"got labels from {labels.min()} to {labels.max()}"
            )
        return np.eye(outputs, dtype=dtype)[labels]


def get(identifier: str | Loss) -> Loss:
    """The loss of that name."""
    names = {
        "mean_squared_error": MeanSquaredError,
        "mse": MeanSquaredError,
        "categorical_crossentropy": CategoricalCrossentropy,
        "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
    }
    return lookup(Loss, identifier, names)
