"""Pooling: smaller images that keep what matters."""

import numpy as np

from groundup.nn.fused import pooling as loops
from groundup.nn.layers.layer import Layer
from groundup.nn.layers.windows import Windows, of_an_image, pair


class Pooling2D(Layer):
    """What both kinds of pooling by windows share.

    Args:
        pool_size: height and width of a window, or one number for both.
        strides: how far it moves at a time; None is as far as it is large.
        padding: ``"valid"``, windows stay inside; ``"same"``, they may reach over the border.

    Shapes:
        (m, height, width, channels) -> (m, places down, places across, channels).

    Raises:
        ValueError: a size isn't positive, the padding is another, or a window is larger than an image.
    """

    def __init__(self, pool_size, strides=None, padding: str = "valid"):
        name = type(self).__name__
        self.pool_size = pair(pool_size, name, "pool_size")
        self.strides = pair(self.pool_size if strides is None else strides, name, "strides")
        self.padding = padding
        self.windows = Windows(self.pool_size, self.strides, padding)

    def build(self, input_shape):
        self.blocks = {}
        return (*self.windows.build(input_shape), input_shape[-1])


class MaxPooling2D(Pooling2D):
    """The largest value in each window.

    On the way back all of a gradient goes to the entry that was largest; the first, if several were.
    Arguments, shapes and errors are those of ``Pooling2D``.

    Example:
        >>> from groundup import nn
        >>> image = np.arange(16.0).reshape(1, 4, 4, 1)
        >>> layer = nn.MaxPooling2D()
        >>> layer.build((4, 4, 1))
        (2, 2, 1)
        >>> layer.forward(image)[0, :, :, 0]
        array([[ 5.,  7.],
               [13., 15.]])
    """

    outputs = "as inputs"

    def __init__(self, pool_size=(2, 2), strides=None, padding: str = "valid"):
        super().__init__(pool_size, strides, padding)

    def forward(self, X):
        """The largest of each window, :eq:`max-pooling`."""
        (_, A), *others = self.windows.views(self.windows.pad(X, value=-np.inf))
        # The number of each window's largest entry, in as few bits as will do.
        self.largest = np.zeros(A.shape, np.min_scalar_type(len(others)))
        for number, (_, seen) in enumerate(others, start=1):
            # Numbers rise, so the largest of them is that of the last entry that was larger.
            larger = (seen > A).astype(self.largest.dtype)
            np.maximum(self.largest, number * larger, out=self.largest)
            A = np.maximum(A, seen)
        return A

    def input_gradient(self, dZ):
        dX = self.windows.pad(np.zeros((len(dZ), *self.windows.input_shape), dZ.dtype))
        for number, (_, d_seen) in enumerate(self.windows.views(dX)):
            d_seen += dZ * (self.largest == number)
        return self.windows.crop(dX)

    forms = ((forward, loops.forward), (input_gradient, loops.input_gradient))


class AveragePooling2D(Pooling2D):
    """The mean of each window; entries beyond the border don't count.

    Arguments, shapes and errors are those of ``Pooling2D``.
    """

    outputs = "as inputs"

    def build(self, input_shape):
        output_shape = super().build(input_shape)
        inside = self.windows.pad(np.ones((1, *input_shape), np.float32))
        self.counts = sum(seen for _, seen in self.windows.views(inside))
        return output_shape

    def forward(self, X):
        X = self.windows.pad(X)
        return sum(seen for _, seen in self.windows.views(X)) / self.counts

    def input_gradient(self, dZ):
        dX = self.windows.pad(np.zeros((len(dZ), *self.windows.input_shape), dZ.dtype))
        share = dZ / self.counts
        for _, d_seen in self.windows.views(dX):
            d_seen += share
        return self.windows.crop(dX)


class GlobalAveragePooling2D(Layer):
    """The mean of each channel over the whole image.

    Shapes:
        (m, height, width, channels) -> (m, channels).

    Raises:
        ValueError: an example isn't an image.
    """

    outputs = "as inputs"

    def build(self, input_shape):
        self.blocks = {}
        self.input_shape = of_an_image(input_shape)
        return input_shape[-1:]

    def forward(self, X):
        return X.mean(axis=(1, 2))

    def input_gradient(self, dZ):
        height, width, channels = self.input_shape
        share = dZ[:, None, None, :] / (height * width)
        return np.broadcast_to(share, (len(dZ), height, width, channels))
