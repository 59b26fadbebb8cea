"""Parts of models of one's own, with all that decides what they compute."""

import keras
import numpy as np

from groundup import nn


class Scale(nn.Layer):
    """A layer that computes with attributes of its class, its constructor and its build."""

    factor = 2.0

    def __init__(self, offset=0.0):
        self.offset = offset
        self.settings = {"power": 1}

    def build(self, shape):
        self.blocks = {}
        self.width = shape[0]
        return shape

    def forward(self, X):
        self.seen = X
        return X * self.factor + self.offset

    def input_gradient(self, dZ):
        return dZ * self.factor


class Counting(Scale):
    """A layer that keeps a state of its own, which no record holds."""

    def training_forward(self, X):
        self.settings["power"] += 1
        return self.forward(X)


class Halved(nn.Initializer):
    """First values of one's own."""

    def __call__(self, shape):
        return np.full(shape, 0.5)


class Tilt(keras.layers.Layer):
    """A layer of Keras with an attribute that its config doesn't tell."""

    factor = 2.0

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.tilt = 1.0
        self._hidden = (1, 2)

    def call(self, x):
        return x * self.factor * self.tilt
