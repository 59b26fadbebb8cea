"""Losses: one number that says how wrong the predictions of a batch are, and its gradient."""

import numpy as np

from groundup.nn import activations
from groundup.nn.arrays import numbers
from groundup.nn.config import Configured, lookup

SMALLEST_PROBABILITY = 1e-7


class Loss(Configured):
    """The mean over the examples of how wrong each prediction is. What it's made of is the logarithm of
    a probability, :eq:`negative-log-likelihood`, but for the hinge losses.

    ``canonical`` is the activation that belongs to the loss, set where a detour through probabilities
    would lose digits. A network that ends in it takes its loss from the scores ``Z``, by
    ``of_scores(Y, Z)``, and the gradient with respect to these is ``output_error(Y, Y_hat)``,
    :eq:`output-error`.
    """

    canonical: type[activations.ActivationFunction] | None = None

    def encode(self, y, output_shape: tuple[int, ...], dtype) -> np.ndarray:
        """The targets as the loss compares them with predictions: (m, ``*output_shape``).

        Raises:
            TypeError: they aren't real numbers.
            ValueError: the shape is another, or a target is one that the loss doesn't know.
        """
        Y = numbers(y, "targets", dtype)
        Y = Y[:, None] if Y.ndim == 1 and output_shape == (1,) else Y
        if Y.shape[1:] != output_shape:
            shape = ", ".join(map(str, ["examples", *output_shape]))
            raise ValueError(
                f"{type(self).__name__} expected targets of shape ({shape}), got {np.shape(y)}"
            )
        return Y

    def forward(self, Y: np.ndarray, Y_hat: np.ndarray) -> float:
        """The loss of a batch."""
        raise NotImplementedError

    def backward(self, Y: np.ndarray, Y_hat: np.ndarray) -> np.ndarray:
        """The gradient with respect to the predictions, of their shape."""
        raise NotImplementedError


class MeanSquaredError(Loss):
    """The mean of the squared differences, :eq:`mean-squared-error`.

    Shapes:
        targets and predictions (m, k).
    """

    def forward(self, Y, Y_hat):
        return float(np.mean((Y_hat - Y) ** 2))

    def backward(self, Y, Y_hat):
        """:eq:`linear-output-error`, if the output has no activation."""
        return 2 * (Y_hat - Y) / Y.size


class MeanAbsoluteError(Loss):
    """The mean of the absolute differences; where one is zero, so is its gradient.

    Shapes:
        targets and predictions (m, k).
    """

    def forward(self, Y, Y_hat):
        return float(np.mean(np.abs(Y_hat - Y)))

    def backward(self, Y, Y_hat):
        return np.sign(Y_hat - Y) / Y.size


class CrossEntropy(Loss):
    """What the two cross-entropies share.

    Of targets and probabilities, each gives ``of_probabilities``, the loss, and ``probability_gradient``;
    of targets and scores, ``of_scores``, which no score is too large for; of targets and the
    probabilities that scores became, ``output_error``, the gradient with respect to the scores.

    Probabilities are clipped to between 1e-7 and 1 − 1e-7, so that the logarithm is finite; a clipped one
    has gradient zero.

    Args:
        from_logits: whether predictions are scores ``Z``, and not yet probabilities.
    """

    score_activation: type[activations.ActivationFunction]

    def __init__(self, from_logits: bool = False):
        self.from_logits = bool(from_logits)
        own = type(self).forward, type(self).backward  # of a subclass that has others, these count
        joins = own == (CrossEntropy.forward, CrossEntropy.backward) and not from_logits
        self.canonical = self.score_activation if joins else None

    def encode(self, y, output_shape, dtype):
        Y = super().encode(y, output_shape, dtype)
        if Y.size and not (Y.min() >= 0 and Y.max() <= 1):
            raise ValueError(
                f"{type(self).__name__} expected targets from 0 to 1, got targets from {Y.min()} "
                f"to {Y.max()}"
            )
        return Y

    def forward(self, Y, Y_hat):
        return self.of_scores(Y, Y_hat) if self.from_logits else self.of_probabilities(Y, Y_hat)

    def backward(self, Y, Y_hat):
        if self.from_logits:
            return self.output_error(Y, self.score_activation().forward(Y_hat))
        return self.probability_gradient(Y, Y_hat)


class BinaryCrossentropy(CrossEntropy):
    """How surprised the predicted probabilities are by what is true, for outputs that are yes or no,
    :eq:`binary-cross-entropy`.

    ``−y log p − (1 − y) log(1 − p)``, the mean over all outputs; from scores, ``log(1 + e^z) − y z``,
    written so that nothing overflows and no digits are lost.

    Shapes:
        targets (m,) if there is one output, or (m, k), from 0 to 1; predictions (m, k).
    """

    score_activation = activations.Sigmoid

    def of_probabilities(self, Y, P):
        P = clipped(P)
        return float(-np.mean(Y * np.log(P) + (1 - Y) * np.log1p(-P)))

    def probability_gradient(self, Y, P):
        Q = clipped(P)
        return (Q - Y) / (Q * (1 - Q)) * (Q == P) / Y.size

    def of_scores(self, Y, Z):
        """The loss from scores, by :eq:`binary-cross-entropy-scores`; of one output,
        :eq:`logistic-loss`."""
        return float(np.mean(np.maximum(Z, 0) - Y * Z + np.log1p(np.exp(-np.abs(Z)))))

    def output_error(self, Y, P):
        """The gradient with respect to the scores, :eq:`sigmoid-output-error`; of one output,
        :eq:`logistic-error`."""
        return (P - Y) / Y.size


class CategoricalCrossentropy(CrossEntropy):
    """How surprised the predicted probabilities are by the true class, :eq:`cross-entropy`.

    Shapes:
        targets (m, k), each row one-hot or itself a distribution; predictions (m, k), each row divided
        by its sum unless they are scores.

    Raises:
        ValueError: there is a single output, so no class to choose; a row's sum isn't one.

    Example:
        >>> from groundup import nn
        >>> Y = np.array([[0.0, 1.0], [1.0, 0.0]])
        >>> unsure, wrong = np.full((2, 2), 0.5), np.array([[0.9, 0.1], [0.1, 0.9]])
        >>> loss = nn.CategoricalCrossentropy()
        >>> round(loss.forward(Y, unsure), 3), round(loss.forward(Y, wrong), 3)
        (0.693, 2.303)
    """

    score_activation = activations.Softmax

    def encode(self, y, output_shape, dtype):
        _expect_classes(self, output_shape)
        Y = super().encode(y, output_shape, dtype)
        sums = Y.sum(axis=-1)
        if not np.allclose(sums, 1, atol=1e-3):
            raise ValueError(
                f"{type(self).__name__} expected rows of targets with sum one, got one with sum "
                f"{sums.flat[np.abs(sums - 1).argmax()]}"
            )
        return Y

    def of_probabilities(self, Y, P):
        P = clipped(_normalized(P)[0])
        return -float(np.vdot(Y, np.log(P))) / rows(Y)

    def probability_gradient(self, Y, P):
        P, sums = _normalized(P)
        dP = -Y / clipped(P) * (clipped(P) == P) / rows(Y)
        return (dP - (dP * P).sum(axis=-1, keepdims=True)) / sums

    def of_scores(self, Y, Z):
        """The loss from scores, by :eq:`log-softmax`."""
        Z = Z - Z.max(axis=-1, keepdims=True)
        log_P = Z - np.log(np.exp(Z).sum(axis=-1, keepdims=True))
        return -float(np.vdot(Y, log_P)) / rows(Y)

    def output_error(self, Y, P):
        """The gradient with respect to the scores, :eq:`output-error`."""
        return (P - Y) / rows(Y)


class SparseCategoricalCrossentropy(CategoricalCrossentropy):
    """Cross-entropy for targets that are labels, not one-hot rows.

    Shapes:
        targets (m,) or (m, 1), whole numbers from 0 to k − 1; predictions (m, k).

    Raises:
        ValueError: a label isn't one of these, or there is a single output.
        TypeError: the labels aren't whole numbers.

    Example:
        >>> from groundup import nn
        >>> nn.SparseCategoricalCrossentropy().encode([2, 0], output_shape=(3,), dtype=float)
        array([[0., 0., 1.],
               [1., 0., 0.]])
    """

    def encode(self, y, output_shape, dtype):
        _expect_classes(self, output_shape)
        labels = np.asarray(y)
        places = (len(labels), *output_shape[:-1])
        if labels.shape not in (places, (*places, 1)):
            raise ValueError(f"expected labels of shape (examples,), got {labels.shape}")
        if labels.dtype.kind not in "iu":
            raise TypeError(f"expected labels that are whole numbers, got dtype {labels.dtype}")
        k = output_shape[-1]
        if labels.size and not (labels.min() >= 0 and labels.max() < k):
            raise ValueError(
                f"expected labels from 0 to {k - 1} for {k} outputs, "
                f"got labels from {labels.min()} to {labels.max()}"
            )
        return np.eye(k, dtype=dtype)[labels.reshape(places)]


class Hinge(Loss):
    """``max(0, 1 − y z)``: right isn't enough, it has to be right by a margin of one.

    Shapes:
        targets (m,) or (m, k), each −1 or 1 (0 counts as −1); predictions (m, k), any numbers.

    Raises:
        ValueError: a target is another number.
    """

    margin = 1.0

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

    def forward(self, Y, Y_hat):
        return float(np.mean(np.maximum(self.margin - Y * Y_hat, 0)))

    def backward(self, Y, Y_hat):
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
        return np.where(Y * Y_hat <= 0, -Y, 0) / Y.size


def clipped(P: np.ndarray) -> np.ndarray:
    """Probabilities whose logarithm is finite."""
    return np.clip(P, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)


def _normalized(P: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows with sum one, and what their sums were; a row of zeros becomes NaN, and so does the loss."""
    sums = P.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return P / sums, sums


def rows(Y: np.ndarray) -> int:
    """How many distributions there are: one for each example, or each place of it."""
    return Y.size // Y.shape[-1]


def _expect_classes(loss: Loss, output_shape: tuple[int, ...]) -> None:
    if output_shape[-1] < 2:
        raise ValueError(
            f"{type(loss).__name__} expected an output for each class, got a single output; "
            "for yes or no there is BinaryCrossentropy"
        )


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
