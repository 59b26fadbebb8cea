"""The NumPy engine: small enough to read from top to bottom.

Names, arguments, order and defaults are Keras's, only fewer. Examples are rows: ``X`` is (m, d) and a
layer computes ``Z = X W + b``.
"""

from groundup.nn.activations import Linear, Softmax
from groundup.nn.initializers import GlorotUniform, Zeros
from groundup.nn.layers import Dense, Input, Layer
from groundup.nn.losses import (
    CategoricalCrossentropy,
    Loss,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from groundup.nn.model import History, Sequential
from groundup.nn.optimizers import SGD, Optimizer
from groundup.nn.random import set_random_seed

__all__ = [
    "SGD",
    "CategoricalCrossentropy",
    "Dense",
    "GlorotUniform",
    "History",
    "Input",
    "Layer",
    "Linear",
    "Loss",
    "MeanSquaredError",
    "Optimizer",
    "Sequential",
    "Softmax",
    "SparseCategoricalCrossentropy",
    "Zeros",
    "set_random_seed",
]
