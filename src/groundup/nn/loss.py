"""What every loss is: one number that says how wrong the predictions of a batch are, and its gradient."""

import numpy as np

from groundup.nn import activations
from groundup.nn.arrays import numbers, pairs, real, underflow_is_zero
from groundup.nn.config import Configured


class Loss(Configured):
    """The mean over the examples of how wrong each prediction is. What it's made of is the logarithm of
    a probability, :eq:`negative-log-likelihood`, but for the hinge losses.

    Examples can have weights: ``sample_weight``, (m,); or the steps of them, (m, steps). Then it's the
    sum of what each example adds times its weight, divided by the number of examples, as in Keras; and
    its gradient has the rows of ``backward``, each times its weight.

    ``canonical`` is the activation that belongs to the loss, set where a detour through probabilities
    would lose digits. A network that ends in it takes its loss from the scores ``Z``, by
    ``of_scores(Y, Z)``, and the gradient with respect to these is ``output_error(Y, Y_hat)``,
    :eq:`output-error`.

    ``threshold`` is what separates yes from no in predictions: a half of probabilities, zero of scores.
    """

    canonical: type[activations.ActivationFunction] | None = None
    threshold = 0.5

    def encode(self, y, output_shape: tuple[int, ...], dtype) -> np.ndarray:
        """The targets as the loss compares them with predictions: (m, ``*output_shape``).

        Raises:
            TypeError: they aren't real numbers.
            ValueError: the shape is another, or a target is one that the loss doesn't know.
        """
        Y = numbers(y, "targets", dtype)
        Y = Y[:, None] if Y.ndim == 1 and output_shape == (1,) else Y
        if Y.shape[1:] != output_shape:
            raise ValueError(
                f"{type(self).__name__} expected targets of shape {batch_shape(output_shape)}, "
                f"got {np.shape(y)}{of_places(y, output_shape)}"
            )
        return Y

    def compact(self, y, output_shape: tuple[int, ...], dtype) -> np.ndarray:
        """All targets, checked once, in a form that takes little memory; of a batch of them ``expanded``
        makes what ``encode`` gives.
        """
        return self.encode(y, output_shape, dtype)

    def expanded(self, targets: np.ndarray, output_shape: tuple[int, ...], dtype) -> np.ndarray:
        """A batch of compact targets as the loss compares them with predictions."""
        return targets

    def pair(self, Y, Y_hat) -> tuple[np.ndarray, np.ndarray]:
        """Targets and predictions as arrays of one shape, or an error that says what was expected."""
        return pairs(Y, Y_hat, type(self).__name__)

    def forward(
        self, Y: np.ndarray, Y_hat: np.ndarray, sample_weight: np.ndarray | None = None
    ) -> float:
        """The loss of a batch."""
        raise NotImplementedError

    def backward(self, Y: np.ndarray, Y_hat: np.ndarray) -> np.ndarray:
        """The gradient with respect to the predictions, of their shape; of examples without weights."""
        raise NotImplementedError


def mean(values: np.ndarray, sample_weight: np.ndarray | None) -> float:
    """The mean of what each example, or each output of it, adds to a loss: (m, …) -> a number."""
    return float(weighted(values, sample_weight).sum() / values.size)  # quicker than NumPy's mean


def weighted(values: np.ndarray, sample_weight: np.ndarray | None) -> np.ndarray:
    """The rows of an array, each times the weight of its example, or of its place in one; as they are if
    these have none.

    Raises:
        TypeError: the weights aren't an array of real numbers.
        ValueError: there isn't one for each row.
    """
    if sample_weight is None:
        return values
    sample_weight = real(sample_weight, "sample_weight")
    axes = sample_weight.ndim
    if sample_weight.shape != values.shape[:axes] or not axes:
        raise ValueError(
            f"expected sample_weight of shape {values.shape[:1]}, a weight for each example, got "
            f"{sample_weight.shape}"
        )
    with underflow_is_zero():
        return values * sample_weight.reshape(*sample_weight.shape, *[1] * (values.ndim - axes))


def unmasked(sample_weight: np.ndarray | None, mask: np.ndarray | None, dtype) -> np.ndarray | None:
    """The weights with which a loss is the mean over the steps that a mask says count.

    Args:
        sample_weight: a weight for each example, (m,), or for each step, (m, steps), or None.
        mask: which steps count, (m, steps), or None: all.
        dtype: the precision of the weights.
    """
    if mask is None:
        return sample_weight
    counted = mask * np.asarray(mask.size / max(np.count_nonzero(mask), 1), dtype)
    return counted if sample_weight is None else weighted(counted, sample_weight)


def batch_shape(sizes: tuple[int, ...]) -> str:
    """The shape of a batch of such examples, for an error."""
    return f"({', '.join(['examples', *map(str, sizes)])}{'' if sizes else ','})"


def of_places(y, output_shape: tuple[int, ...]) -> str:
    """What to say, in an error, of one target for each example where there is an output at each place."""
    if np.ndim(y) > 1 or len(output_shape) < 2:
        return ""
    return (
        f"; each of the {output_shape[0]} rows of an example has an output, which Flatten prevents"
    )
