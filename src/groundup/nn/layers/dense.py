"""The fully connected layer."""

import numpy as np

from groundup.nn import activations, initializers, regularizers
from groundup.nn.arguments import flag, size
from groundup.nn.fused import dense as loops
from groundup.nn.layers.layer import Block, Layer, bias_block


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
        (m, d) -> (m, n), for m examples of d features.

    Raises:
        ValueError: the number of units isn't positive, or an example isn't one row of features.

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
        if len(input_shape) != 1:
            raise ValueError(
                f"Dense expected examples of shape (features,), got examples of shape {input_shape}; "
                "a Flatten layer before it makes them so"
            )
        (features,) = input_shape
        self.blocks = {
            "W": Block((features, self.units), self.kernel_initializer, self.kernel_regularizer),
            **bias_block(self, self.units),
        }
        return (self.units,)

    def forward(self, X):
        """``Z``, by :eq:`dense-forward`; of one unit and one feature, :eq:`neuron`."""
        self.X = X
        return X @ self.W + self.b

    def backward(self, dZ):
        """``dW`` and ``db``, by :eq:`dense-backward-weights` and :eq:`dense-backward-bias`."""
        np.matmul(self.X.T, dZ, out=self.dW)
        dZ.sum(axis=0, out=self.db)

    def input_gradient(self, dZ):
        """``dX``, by :eq:`dense-backward-input`."""
        return dZ @ self.W.T

    forms = (
        (forward, loops.forward),
        (backward, loops.backward),
        (input_gradient, loops.input_gradient),
    )
