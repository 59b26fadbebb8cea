"""Layers: what is between the input and the output."""

import numpy as np

from groundup.nn import activations, initializers
from groundup.nn.config import Configured


class Input(Configured):
    """Says the shape of one example, so that a model knows its size before it sees data.

    Args:
        shape: the shape of one example, without the batch: ``(784,)``.
    """

    def __init__(self, shape: tuple[int, ...]):
        self.shape = tuple(shape)


class Layer(Configured):
    """One step of a network, forward and back, without its activation.

    A layer says in ``build`` which parameters it has: ``blocks`` maps the name of each to its shape and
    its initializer. The model then gives the layer each parameter and its gradient, ``W`` and ``dW``, as
    views into two flat vectors. The model also applies ``activation`` after ``forward``, and its
    derivative before ``backward``.
    """

    activation: activations.Activation = activations.Linear()
    blocks: dict[str, tuple[tuple[int, ...], initializers.Initializer]] | None = None

    def build(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Take the shape of one example; set ``self.blocks``; return the shape of one output."""
        raise NotImplementedError

    def forward(self, X: np.ndarray) -> np.ndarray:
        """The pre-activation ``Z`` for a batch; keeps what the way back needs."""
        raise NotImplementedError

    def backward(self, dZ: np.ndarray) -> np.ndarray:
        """Fill the parameters' gradients; return the gradient with respect to the layer's input."""
        raise NotImplementedError


class Dense(Layer):
    """Fully connected layer: every output looks at every input.

    Forward :eq:`dense-forward`; backward :eq:`dense-backward-weights`, :eq:`dense-backward-bias`,
    :eq:`dense-backward-input`.

    Args:
        units: the number of outputs, n.
        activation: what is applied to ``Z``: a name such as ``"softmax"``, or None.
        kernel_initializer: the first values of ``W``.
        bias_initializer: the first values of ``b``.

    Shapes:
        (m, d) -> (m, n), for m examples of d features.

    Raises:
        ValueError: the number of units isn't positive, or an example isn't one row of features.
    """

    def __init__(
        self,
        units: int,
        activation=None,
        *,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
    ):
        if units < 1:
            raise ValueError(f"Dense expected at least one unit, got units={units}")
        self.units = units
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)

    def build(self, input_shape):
        if len(input_shape) != 1:
            raise ValueError(
                f"Dense expected examples of shape (features,), got examples of shape {input_shape}"
            )
        (features,) = input_shape
        self.blocks = {
            "W": ((features, self.units), self.kernel_initializer),
            "b": ((self.units,), self.bias_initializer),
        }
        return (self.units,)

    def forward(self, X):
        self.X = X
        return X @ self.W + self.b

    def backward(self, dZ):
        np.matmul(self.X.T, dZ, out=self.dW)
        np.sum(dZ, axis=0, out=self.db)
        return dZ @ self.W.T
