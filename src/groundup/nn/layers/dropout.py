"""Dropout: a network that can rely on none of its parts."""

import numpy as np

from groundup.nn import random
from groundup.nn.arguments import fraction
from groundup.nn.layers.layer import Layer


class Dropout(Layer):
    """While training, sets each entry to zero with probability ``rate`` and scales the others up, by
    :eq:`dropout`, so that the expected value stays, :eq:`dropout-mean`; otherwise does nothing
    (Srivastava and others, 2014).

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
    outputs = "as inputs"
    step_by_step = True

    def __init__(self, rate: float):
        self.rate = fraction(rate, "Dropout expected a rate")

    def build(self, input_shape):
        self.blocks = {}
        return input_shape

    def forward(self, X):
        self.mask = 1.0  # so that the way back is that of this way forward
        return X

    def training_forward(self, X):
        kept = random.generator.random(X.shape, dtype=np.float32) >= self.rate
        self.mask = kept.astype(X.dtype) / (1 - self.rate)
        return X * self.mask

    def input_gradient(self, dZ):
        return dZ * self.mask
