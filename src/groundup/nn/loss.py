"""What every loss is: one number that says how wrong the predictions of a batch are, and its gradient."""

import numpy as np

from groundup.nn import activations
from groundup.nn.arrays import numbers
from groundup.nn.config import Configured


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
