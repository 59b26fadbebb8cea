"""Convolution: one small set of weights at every place of an image."""

import numpy as np

from groundup.nn import activations, initializers, regularizers
from groundup.nn.arguments import flag, size
from groundup.nn.fused import convolution as loops
from groundup.nn.layers.layer import Block, Layer, bias_block
from groundup.nn.layers.windows import Windows, pair


class Conv2D(Layer):
    """Moves filters over images; each output says how well a filter fits at a place (LeCun and others,
    1998).

    What is computed is the cross-correlation: filters aren't turned round. Each place's patch of the
    image is a row of the matrix ``patches``, (m · down · across, height · width · channels), so that
    convolution is a matrix product.

    Args:
        filters: how many filters there are, the channels of the output.
        kernel_size: height and width of a filter, or one number for both.
        strides: how far it moves at a time.
        padding: ``"valid"``, it stays inside; ``"same"``, the image gets a margin of zeros.
        dilation_rate: the distance between neighbouring entries of a filter.
        activation: what is applied to ``Z``: a name such as ``"relu"``, or None.
        use_bias: whether there is a ``b``.
        kernel_initializer: the first values of ``W``, (height, width, channels, filters).
        bias_initializer: the first values of ``b``.
        kernel_regularizer: a penalty on ``W``, or None.

    Shapes:
        (m, height, width, channels) -> (m, places down, places across, filters).

    Raises:
        ValueError: a size isn't positive, the padding is another, or a filter is larger than an image,
            or an example isn't an image.

    Example:
        >>> from groundup import nn
        >>> nn.Sequential([nn.Input((28, 28, 1)), nn.Conv2D(32, 3)]).output_shape
        (26, 26, 32)
        >>> halving = nn.Conv2D(32, 3, strides=2, padding="same", activation="relu")
        >>> model = nn.Sequential([nn.Input((28, 28, 1)), halving])
        >>> model.output_shape, model.count_params()
        ((14, 14, 32), 320)
    """

    b, db = 0.0, None  # without a bias
    outputs = "anywhere"

    def __init__(
        self,
        filters: int,
        kernel_size,
        strides=(1, 1),
        padding: str = "valid",
        *,
        dilation_rate=(1, 1),
        activation=None,
        use_bias: bool = True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        kernel_regularizer=None,
    ):
        self.filters = size(filters, "Conv2D", "filters")
        self.kernel_size = pair(kernel_size, "Conv2D", "kernel_size")
        self.strides = pair(strides, "Conv2D", "strides")
        self.padding = padding
        self.dilation_rate = pair(dilation_rate, "Conv2D", "dilation_rate")
        self.windows = Windows(self.kernel_size, self.strides, padding, self.dilation_rate)
        self.activation = activations.get(activation)
        self.use_bias = flag(use_bias, "Conv2D expected use_bias")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)

    def build(self, input_shape):
        """Asks for ``W`` and ``b``, with :eq:`convolution-parameters` numbers; returns the shape of an
        output. A forward pass takes :eq:`convolution-multiplications` multiplications an image.
        """
        places = self.windows.build(input_shape)
        shape = (*self.kernel_size, input_shape[-1], self.filters)
        self.blocks = {
            "W": Block(shape, self.kernel_initializer, self.kernel_regularizer),
            **bias_block(self, self.filters),
        }
        return (*places, self.filters)

    def forward(self, X):
        """``Z``, by :eq:`cross-correlation`."""
        X = self.windows.pad(X)
        m, (down, across), channels = len(X), self.windows.places, X.shape[-1]
        patches = np.empty((m, down, across, *self.kernel_size, channels), X.dtype)
        for (i, j), seen in self.windows.views(X):
            patches[:, :, :, i, j] = seen
        self.patches = patches.reshape(m * down * across, -1)
        Z = self.patches @ self.W.reshape(-1, self.filters)
        Z += self.b
        return Z.reshape(m, down, across, self.filters)

    def backward(self, dZ):
        """``dW`` and ``db``, by :eq:`convolution-filter-gradient` and :eq:`convolution-bias-gradient`,
        added up over the batch.
        """
        dW = self.dW.reshape(-1, self.filters)
        np.matmul(self.patches.T, dZ.reshape(-1, self.filters), out=dW)
        dZ.sum(axis=0).sum(axis=(0, 1), out=self.db)  # the batch first: faster, and rounds less

    def input_gradient(self, dZ):
        """``dX``, by :eq:`convolution-picture-gradient`: the gradient of each patch, added where the
        patch was taken from; patches overlap.
        """
        d_patches = dZ.reshape(-1, self.filters) @ self.W.reshape(-1, self.filters).T
        d_patches = d_patches.reshape(*dZ.shape[:3], *self.W.shape[:3])
        dX = self.windows.pad(np.zeros((len(dZ), *self.windows.input_shape), dZ.dtype))
        for (i, j), d_seen in self.windows.views(dX):
            d_seen += d_patches[:, :, :, i, j]
        return self.windows.crop(dX)

    forms = (
        (forward, loops.forward),
        (backward, loops.backward),
        (input_gradient, loops.input_gradient),
    )
