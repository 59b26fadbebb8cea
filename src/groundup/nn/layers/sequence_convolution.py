"""Convolution and pooling along sequences."""

import numpy as np

from groundup.nn import activations, initializers, regularizers
from groundup.nn.arguments import choice, flag, size
from groundup.nn.layers.layer import Block, Layer, bias_block


class Conv1D(Layer):
    """Moves filters along sequences; each output says how well a filter fits at a place.

    As in ``Conv2D``, filters aren't turned round. ``patches``, (m, places, kernel_size, channels), has
    what a filter meets at each place.

    Args:
        filters: how many filters there are, the channels of the output.
        kernel_size: how many steps a filter sees.
        strides: how far it moves at a time.
        padding: ``"valid"``, it stays inside; ``"same"``, the sequence gets a margin of zeros at both
            ends, so that there are ⌈steps / stride⌉ places; ``"causal"``, all of the margin stands before
            the sequence, so that no output sees a later step.
        dilation_rate: the distance between neighbouring entries of a filter.
        activation: what is applied to ``Z``: a name such as ``"relu"``, or None.
        use_bias: whether there is a ``b``.
        kernel_initializer: the first values of ``W``, (kernel_size, channels, filters).
        bias_initializer: the first values of ``b``.
        kernel_regularizer: a penalty on ``W``, or None.

    Shapes:
        (m, steps, channels) -> (m, places, filters).

    Raises:
        ValueError: a size isn't positive, the padding is another, a filter is longer than a sequence, or
            an example isn't a sequence.

    Example:
        >>> from groundup import nn
        >>> nn.Sequential([nn.Input((64, 32)), nn.Conv1D(16, 5)]).output_shape
        (60, 16)
    """

    b, db = 0.0, None  # without a bias
    outputs = "anywhere"

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        strides: int = 1,
        padding: str = "valid",
        *,
        dilation_rate: int = 1,
        activation=None,
        use_bias: bool = True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        kernel_regularizer=None,
    ):
        self.filters = size(filters, "Conv1D", "filters")
        self.kernel_size = size(kernel_size, "Conv1D", "kernel_size")
        self.strides = size(strides, "Conv1D", "strides")
        self.padding = choice(padding, ("valid", "same", "causal"), "expected padding")
        self.dilation_rate = size(dilation_rate, "Conv1D", "dilation_rate")
        self.activation = activations.get(activation)
        self.use_bias = flag(use_bias, "Conv1D expected use_bias")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)

    def build(self, input_shape):
        self.steps, channels = of_a_sequence(input_shape)
        extent = (self.kernel_size - 1) * self.dilation_rate + 1
        before, after = 0, 0
        if self.padding == "causal":
            before = extent - 1
        elif self.padding == "same":
            places = -(-self.steps // self.strides)
            missing = max((places - 1) * self.strides + extent - self.steps, 0)
            before, after = missing // 2, missing - missing // 2
        self.margins = ((0, 0), (before, after), (0, 0))
        self.places = (before + self.steps + after - extent) // self.strides + 1
        if self.places < 1:
            raise ValueError(
                f"{self!r} expected sequences of {extent} steps or more, got {self.steps}"
            )
        shape = (self.kernel_size, channels, self.filters)
        self.blocks = {
            "W": Block(shape, self.kernel_initializer, self.kernel_regularizer),
            **bias_block(self, self.filters),
        }
        return (self.places, self.filters)

    def views(self, X: np.ndarray) -> list[np.ndarray]:
        """For each entry of a filter, what it meets at all places of sequences with their margins."""
        reach = (self.places - 1) * self.strides + 1
        starts = range(0, self.kernel_size * self.dilation_rate, self.dilation_rate)
        return [X[:, start : start + reach : self.strides] for start in starts]

    def forward(self, X):
        self.patches = np.stack(self.views(np.pad(X, self.margins)), axis=2)
        return np.tensordot(self.patches, self.W, axes=2) + self.b

    def backward(self, dZ):
        self.dW[...] = np.tensordot(self.patches, dZ, axes=((0, 1), (0, 1)))
        dZ.sum(axis=(0, 1), out=self.db)

    def input_gradient(self, dZ):
        """The gradient of each patch, added where the patch was taken from; patches overlap."""
        d_patches = np.tensordot(dZ, self.W, axes=(2, 2))
        (_, (before, after), _), channels = self.margins, self.W.shape[1]
        dX = np.zeros((len(dZ), before + self.steps + after, channels), dZ.dtype)
        for entry, d_seen in enumerate(self.views(dX)):
            d_seen += d_patches[:, :, entry]
        return dX[:, before : before + self.steps]


class GlobalMaxPooling1D(Layer):
    """The largest value of each channel in the whole sequence.

    On the way back all of a gradient goes to the step that was largest; the first, if several were.

    Shapes:
        (m, steps, channels) -> (m, channels).

    Raises:
        ValueError: an example isn't a sequence.
    """

    outputs = "as inputs"

    def build(self, input_shape):
        self.blocks = {}
        self.steps, channels = of_a_sequence(input_shape)
        return (channels,)

    def forward(self, X):
        self.largest = X.argmax(axis=1)[:, None]
        return np.take_along_axis(X, self.largest, axis=1)[:, 0]

    def input_gradient(self, dZ):
        dX = np.zeros((len(dZ), self.steps, dZ.shape[1]), dZ.dtype)
        np.put_along_axis(dX, self.largest, dZ[:, None], axis=1)
        return dX


def of_a_sequence(input_shape: tuple[int, ...]) -> tuple[int, int]:
    """Steps and channels of an example.

    Raises:
        ValueError: it isn't a sequence.
    """
    if len(input_shape) != 2:
        raise ValueError(
            f"expected examples of shape (steps, channels), got examples of shape {input_shape}"
        )
    return input_shape
