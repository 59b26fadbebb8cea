"""Cross-entropy: how surprised predicted probabilities are by what is true."""

import numpy as np

from groundup.nn import activations
from groundup.nn.arguments import flag, fraction
from groundup.nn.arrays import real, underflow_is_zero
from groundup.nn.fused import crossentropy as loops
from groundup.nn.loss import Loss, batch_shape, mean, of_places

SMALLEST_PROBABILITY = 1e-7


class CrossEntropy(Loss):
    """What the two cross-entropies share.

    Of targets and probabilities, each gives ``of_probabilities``, the loss, and ``probability_gradient``;
    of targets and scores, ``of_scores``, which no score is too large for; of targets and the
    probabilities that scores became, ``output_error``, the gradient with respect to the scores.

    Probabilities are clipped to between 1e-7 and 1 − 1e-7, so that the logarithm is finite; a clipped one
    has gradient zero.

    Args:
        from_logits: whether predictions are scores ``Z``, and not yet probabilities.
        label_smoothing: the share of each target, from 0 to below 1, that goes to all outcomes alike
            (Szegedy et al., 2016), so that no prediction has to be certain; with 0.1, a one of ten
            classes becomes 0.91 and a zero 0.01. Metrics count the targets as they are.
    """

    score_activation: type[activations.ActivationFunction]

    def __init__(self, from_logits: bool = False, label_smoothing: float = 0.0):
        self.from_logits = flag(from_logits, f"{type(self).__name__} expected from_logits")
        self.label_smoothing = fraction(label_smoothing, "expected label_smoothing")
        self.threshold = 0.0 if from_logits else 0.5
        # Of a subclass with a formula of its own for probabilities, that one counts.
        formulas = ("forward", "backward", "of_probabilities", "probability_gradient")
        ours = all(getattr(type(self), name).__module__ == __name__ for name in formulas)
        self.canonical = self.score_activation if ours and not from_logits else None

    def outcomes(self, Y: np.ndarray) -> int:
        """How many outcomes a target shares probability among."""
        raise NotImplementedError

    def encode(self, y, output_shape, dtype):
        Y = super().encode(y, output_shape, dtype)
        if Y.size and not (Y.min() >= 0 and Y.max() <= 1):
            raise ValueError(
                f"{type(self).__name__} expected targets from 0 to 1, got targets from {Y.min()} "
                f"to {Y.max()}"
            )
        return Y

    def pair(self, Y, Y_hat):
        """As that of every loss, but the targets are smoothed: so never what it gave already."""
        Y, Y_hat = super().pair(Y, Y_hat)
        if self.label_smoothing:
            Y = (1 - self.label_smoothing) * Y + self.label_smoothing / self.outcomes(Y)
        return Y, Y_hat

    def forward(self, Y, Y_hat, sample_weight=None):
        of = self.of_scores if self.from_logits else self.of_probabilities
        return of(Y, Y_hat, sample_weight)

    def backward(self, Y, Y_hat):
        if self.from_logits:
            _, Z = self.pair(Y, Y_hat)
            with underflow_is_zero():
                return self.output_error(Y, self.score_activation().forward(Z))
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

    def outcomes(self, Y):
        return 2

    def of_probabilities(self, Y, P, sample_weight=None):
        Y, P = self.pair(Y, P)
        P = clipped(P)
        return mean(-(Y * np.log(P) + (1 - Y) * np.log1p(-P)), sample_weight)

    def probability_gradient(self, Y, P):
        Y, P = self.pair(Y, P)
        Q = clipped(P)
        return (Q - Y) / (Q * (1 - Q)) * (Q == P) / Y.size

    def of_scores(self, Y, Z, sample_weight=None):
        """The loss from scores, by :eq:`binary-cross-entropy-scores`; of one output,
        :eq:`logistic-loss`."""
        Y, Z = self.pair(Y, Z)
        with underflow_is_zero():
            return mean(np.maximum(Z, 0) - Y * Z + np.log1p(np.exp(-np.abs(Z))), sample_weight)

    def output_error(self, Y, P):
        """The gradient with respect to the scores, :eq:`sigmoid-output-error`; of one output,
        :eq:`logistic-error`."""
        Y, P = self.pair(Y, P)
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

    def outcomes(self, Y):
        return Y.shape[-1]

    def encode(self, y, output_shape, dtype):
        _expect_classes(self, output_shape)
        y = real(y, "targets")
        if y.shape[1:] in (output_shape[:-1], (*output_shape[:-1], 1)):
            raise ValueError(
                f"{type(self).__name__} expected targets of shape {batch_shape(output_shape)}, "
                f"got {y.shape}; for labels there is SparseCategoricalCrossentropy"
            )
        Y = super().encode(y, output_shape, dtype)
        sums = Y.sum(axis=-1)
        if not np.allclose(sums, 1, atol=1e-3):
            raise ValueError(
                f"{type(self).__name__} expected rows of targets with sum one, got one with sum "
                f"{sums.flat[np.abs(sums - 1).argmax()]}"
            )
        return Y

    def of_probabilities(self, Y, P, sample_weight=None):
        Y, P = self.pair(Y, P)
        P = clipped(_normalized(P)[0])
        with underflow_is_zero():
            return mean(-(Y * np.log(P)).sum(axis=-1), sample_weight)

    def probability_gradient(self, Y, P):
        Y, P = self.pair(Y, P)
        P, sums = _normalized(P)
        dP = -Y / clipped(P) * (clipped(P) == P) / rows(Y)
        return (dP - (dP * P).sum(axis=-1, keepdims=True)) / sums

    def of_scores(self, Y, Z, sample_weight=None):
        """The loss from scores, by :eq:`log-softmax`."""
        Y, Z = self.pair(Y, Z)
        Z = Z - Z.max(axis=-1, keepdims=True)
        with underflow_is_zero():
            log_P = Z - np.log(np.exp(Z).sum(axis=-1, keepdims=True))
            return mean(-(Y * log_P).sum(axis=-1), sample_weight)

    def output_error(self, Y, P):
        """The gradient with respect to the scores, :eq:`output-error`, of targets whose rows have sum
        one."""
        Y, P = self.pair(Y, P)
        return (P - Y) / rows(Y)

    forms = ((of_scores, loops.of_scores),)


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

    def __init__(self, from_logits: bool = False):  # as in Keras, without label_smoothing
        super().__init__(from_logits)

    def encode(self, y, output_shape, dtype):
        return _one_hot(self._labels(y, output_shape), output_shape, dtype)

    def compact(self, y, output_shape, dtype):
        """Labels stay labels."""
        if type(self).encode is not SparseCategoricalCrossentropy.encode:
            return self.encode(y, output_shape, dtype)  # that of a subclass counts
        return self._labels(y, output_shape)

    def expanded(self, targets, output_shape, dtype):
        """One-hot rows."""
        if targets.dtype.kind == "f":
            return targets
        return _one_hot(targets, output_shape, dtype)

    def pair(self, Y, Y_hat):
        if type(Y) is type(Y_hat) is np.ndarray and Y.shape == Y_hat.shape:
            return super().pair(Y, Y_hat)
        Y = real(Y, f"{type(self).__name__}'s targets")
        Y_hat = real(Y_hat, f"{type(self).__name__}'s predictions")
        if Y.shape != Y_hat.shape:
            if Y_hat.ndim < 2:
                raise ValueError(
                    f"{type(self).__name__} expected predictions of shape (examples, classes), "
                    f"got {Y_hat.shape}"
                )
            dtype = Y_hat.dtype if Y_hat.dtype.kind == "f" else np.float64
            Y = self.encode(Y, Y_hat.shape[1:], dtype)
        return super().pair(Y, Y_hat)

    def _labels(self, y, output_shape: tuple[int, ...]) -> np.ndarray:
        _expect_classes(self, output_shape)
        labels = real(y, "labels")
        places = (*labels.shape[:1], *output_shape[:-1])
        if labels.ndim == 0 or labels.shape not in (places, (*places, 1)):
            one_hot = labels.shape[1:] == output_shape
            raise ValueError(
                f"expected labels of shape {batch_shape(output_shape[:-1])}, got {labels.shape}"
                + of_places(labels, output_shape)
                + "; for one-hot rows there is CategoricalCrossentropy" * one_hot
            )
        if labels.dtype.kind not in "iu":
            raise TypeError(f"expected labels that are whole numbers, got dtype {labels.dtype}")
        k = output_shape[-1]
        if labels.size and not (labels.min() >= 0 and labels.max() < k):
            raise ValueError(
                f"expected labels from 0 to {k - 1} for {k} outputs, "
                f"got labels from {labels.min()} to {labels.max()}"
            )
        return labels.reshape(places)


def _one_hot(labels: np.ndarray, output_shape: tuple[int, ...], dtype) -> np.ndarray:
    return (labels[..., None] == np.arange(output_shape[-1])).astype(dtype)


def clipped(P: np.ndarray) -> np.ndarray:
    """Probabilities whose logarithm is finite."""
    return np.clip(P, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)


def _normalized(P: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows with sum one, and what their sums were; a row of zeros becomes NaN, and so does the loss."""
    sums = P.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore", under="ignore"):
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
