"""Layers: what is between the input and the output."""

import numbers

import numpy as np

from groundup.nn import activations, initializers, random, regularizers
from groundup.nn.config import fraction
from groundup.nn.layer import Block, Layer, size


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
        self.use_bias = bool(use_bias)
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


class Activation(Layer):
    """An activation as a layer of its own.

    Args:
        activation: a name such as ``"relu"``, or an activation.

    Shapes:
        (m, …) -> the same.
    """

    def __init__(self, activation):
        self.activation = activations.get(activation)

    def build(self, input_shape):
        self.blocks = {}
        return input_shape

    def forward(self, X):
        return X  # the model applies the activation

    def input_gradient(self, dZ):
        return dZ


class Dropout(Layer):
    """While training, sets each entry to zero with probability ``rate`` and scales the others up, so that
    the expected value stays; otherwise does nothing (Srivastava and others, 2014).

    Args:
        rate: the probability, from 0 to below 1.

    Shapes:
        (m, …) -> the same.

    Raises:
        ValueError: the rate isn't from 0 to below 1.

    Example:
        >>> from groundup import nn
        >>> nn.set_random_seed(6)
        >>> nn.Dropout(0.5).training_forward(np.ones((2, 4)))
        array([[0., 2., 2., 0.],
               [2., 0., 2., 0.]])
    """

    settable = ("trainable", "rate")

    def __init__(self, rate: float):
        self.rate = fraction(rate, "Dropout expected a rate")

    def build(self, input_shape):
        self.blocks = {}
        return input_shape

    def forward(self, X):
        return X

    def training_forward(self, X):
        kept = random.generator.random(X.shape, dtype=np.float32) >= self.rate
        self.mask = kept.astype(X.dtype) / (1 - self.rate)
        return X * self.mask

    def input_gradient(self, dZ):
        return dZ * self.mask


class Reshape(Layer):
    """Gives each example another shape of the same size.

    Args:
        target_shape: the new shape of one example; one size may be −1, which means what is left.

    Shapes:
        (m, …) -> (m, ``*target_shape``).

    Raises:
        ValueError: an example doesn't have as many entries.
    """

    def __init__(self, target_shape: tuple[int, ...]):
        if not all(n == -1 or (isinstance(n, numbers.Integral) and n > 0) for n in target_shape):
            raise ValueError(f"Reshape expected positive whole numbers or −1, got {target_shape}")
        self.target_shape = tuple(int(n) for n in target_shape)

    def build(self, input_shape):
        self.blocks = {}
        self.input_shape = input_shape
        try:
            return np.empty(input_shape).reshape(self.target_shape).shape
        except ValueError:
            raise ValueError(
                f"{self!r} expected examples with as many entries, got examples of shape {input_shape}"
            ) from None

    def forward(self, X):
        return X.reshape(len(X), *self.target_shape)

    def input_gradient(self, dZ):
        return dZ.reshape(len(dZ), *self.input_shape)


class Flatten(Reshape):
    """Makes each example one row.

    Shapes:
        (m, …) -> (m, d).
    """

    def __init__(self):
        super().__init__((-1,))


def bias_block(layer: Layer, outputs: int) -> dict[str, Block]:
    """The block ``b`` of a layer that has one.

    Without a bias the class's ``b``, 0, and ``db``, None, stay, so that forward and backward need no
    ``if``.
    """
    return {"b": Block((outputs,), layer.bias_initializer)} if layer.use_bias else {}
