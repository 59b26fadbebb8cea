"""Larger images out of smaller ones."""

import numpy as np

from groundup.nn import activations, initializers, regularizers
from groundup.nn.arguments import flag, size
from groundup.nn.layers.layer import Block, Layer, bias_block
from groundup.nn.layers.windows import Windows, of_an_image, pair


class Conv2DTranspose(Layer):
    """Puts a filter down at every place of a larger image, times what the smaller image has there, and
    adds up where filters overlap (Zeiler and others, 2010).

    It goes forward as ``Conv2D`` goes back, and back as that goes forward: their matrices are transposes
    of one another.

    Args:
        filters: the channels of the output.
        kernel_size: height and width of a filter, or one number for both.
        strides: how far apart the places are in the larger image.
        padding: ``"valid"``, every filter lies in the larger image as a whole; ``"same"``, that image is
            exactly ``strides`` times as large, and what reaches over its border is left out.
        activation: what is applied to ``Z``: a name such as ``"relu"``, or None.
        use_bias: whether there is a ``b``.
        kernel_initializer: the first values of ``W``, (height, width, filters, channels of the input).
        bias_initializer: the first values of ``b``.
        kernel_regularizer: a penalty on ``W``, or None.

    Shapes:
        (m, height, width, channels) -> (m, new height, new width, filters), with the new sizes
        ``strides`` times the old, for ``"valid"`` and filters larger than these by what is more.

    Raises:
        ValueError: a size isn't positive, the padding is another, or an example isn't an image.

    Example:
        >>> from groundup import nn
        >>> doubling = nn.Conv2DTranspose(8, 4, strides=2, padding="same")
        >>> nn.Sequential([nn.Input((7, 7, 16)), doubling]).output_shape
        (14, 14, 8)
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
        activation=None,
        use_bias: bool = True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        kernel_regularizer=None,
    ):
        self.filters = size(filters, "Conv2DTranspose", "filters")
        self.kernel_size = pair(kernel_size, "Conv2DTranspose", "kernel_size")
        self.strides = pair(strides, "Conv2DTranspose", "strides")
        self.padding = padding
        self.windows = Windows(self.kernel_size, self.strides, padding)
        self.activation = activations.get(activation)
        self.use_bias = flag(use_bias, "Conv2DTranspose expected use_bias")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)

    def build(self, input_shape):
        *places, channels = of_an_image(input_shape)
        larger = tuple(
            n * stride + (max(entries - stride, 0) if self.padding == "valid" else 0)
            for n, stride, entries in zip(places, self.strides, self.kernel_size, strict=True)
        )
        self.windows.build((*larger, self.filters))
        shape = (*self.kernel_size, self.filters, channels)
        self.blocks = {
            "W": Block(shape, self.kernel_initializer, self.kernel_regularizer),
            **bias_block(self, self.filters),
        }
        return (*larger, self.filters)

    def forward(self, X):
        self.X = X
        patches = np.tensordot(X, self.W, axes=(3, 3))  # (m, down, across, height, width, filters)
        Z = self.windows.pad(np.zeros((len(X), *self.windows.input_shape), X.dtype))
        for (i, j), seen in self.windows.views(Z):
            seen += patches[:, :, :, i, j]
        return self.windows.crop(Z) + self.b

    def backward(self, dZ):
        seen = [seen for _, seen in self.windows.views(self.windows.pad(dZ))]
        d_patches = np.stack(seen, axis=3).reshape(*self.X.shape[:3], *self.W.shape[:3])
        self.dW[...] = np.tensordot(d_patches, self.X, axes=((0, 1, 2), (0, 1, 2)))
        dZ.sum(axis=(0, 1, 2), out=self.db)
        self.d_patches = d_patches

    def input_gradient(self, dZ):
        return np.tensordot(self.d_patches, self.W, axes=((3, 4, 5), (0, 1, 2)))


class UpSampling2D(Layer):
    """Repeats every pixel, down and across.

    Args:
        size: how often, down and across, or one number for both.

    Shapes:
        (m, height, width, channels) -> (m, times down · height, times across · width, channels).

    Raises:
        ValueError: a number isn't positive, or an example isn't an image.
    """

    outputs = "as inputs"

    def __init__(self, size=(2, 2)):
        self.size = pair(size, "UpSampling2D", "size")

    def build(self, input_shape):
        self.blocks = {}
        height, width, channels = of_an_image(input_shape)
        return (self.size[0] * height, self.size[1] * width, channels)

    def forward(self, X):
        return X.repeat(self.size[0], axis=1).repeat(self.size[1], axis=2)

    def input_gradient(self, dZ):
        """The sum over all places to which a pixel went."""
        (down, across), (m, height, width, channels) = self.size, dZ.shape
        blocks = dZ.reshape(m, height // down, down, width // across, across, channels)
        return blocks.sum(axis=(2, 4))
