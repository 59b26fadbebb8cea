"""The fully connected layer."""

import numpy as np

from groundup.nn import activations, initializers, regularizers
from groundup.nn.arguments import flag, size
from groundup.nn.fused import dense as loops
from groundup.nn.layers.layer import Block, Layer, bias_block, rows


class Dense(Layer):
    """Fully connected layer: every output looks at every input.

    Args:
        units: the number of outputs, n.
        activation: what is applied to ``Z``: a name such as ``"relu"``, or None.
        use_bias: whether there is a ``b``.
        kernel_initializer: the first values of ``W``.
        bias_initializer: the first values of ``b``.
        kernel_regularizer: a penalty on ``W``, or None.

    Shapes:
        (m, d) -> (m, n), for m examples of d features; also (m, …, d) -> (m, …, n), such as sequences:
        each row by itself.

    Raises:
        ValueError: the number of units isn't positive.

    Example:
        >>> from groundup import nn
        >>> layer = nn.Dense(2)
        >>> model = nn.Sequential([nn.Input((3,)), layer])
        >>> layer.W.shape, layer.b.shape
        ((3, 2), (2,))
        >>> model.predict(np.ones((5, 3))).shape
        (5, 2)
    """

    b, db = 0.0, None  # without a bias
    outputs = "anywhere"
    step_by_step = True

    def __init__(
        self,
        units: int,
        activation=None,
        use_bias: bool = True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        kernel_regularizer=None,
    ):
        self.units = size(units, "Dense", "units")
        self.activation = activations.get(activation)
        self.use_bias = flag(use_bias, "Dense expected use_bias")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)

    def build(self, input_shape):
        *places, features = input_shape
        self.blocks = {
            "W": Block((features, self.units), self.kernel_initializer, self.kernel_regularizer),
            **bias_block(self, self.units),
        }
        return (*places, self.units)

    def forward(self, X):
        """``Z``, by :eq:`dense-forward`; of one unit and one feature, :eq:`neuron`."""
        self.X = X
        return X @ self.W + self.b

    def backward(self, dZ):
        """``dW`` and ``db``, by :eq:`dense-backward-weights` and :eq:`dense-backward-bias`."""
        X, dZ = rows(self.X), rows(dZ)
        np.matmul(X.T, dZ, out=self.dW)
        dZ.sum(axis=0, out=self.db)

    def input_gradient(self, dZ):
        """``dX``, by :eq:`dense-backward-input`."""
        return dZ @ self.W.T

    forms = (
        (forward, loops.forward),
        (backward, loops.backward),
        (input_gradient, loops.input_gradient),
    )
