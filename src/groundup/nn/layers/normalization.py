"""Normalization: of a batch, or of each example by itself."""

import warnings

import numpy as np

from groundup.nn import initializers
from groundup.nn.arguments import at_least_zero, fraction
from groundup.nn.fused import normalization as loops
from groundup.nn.layers.layer import Block, Layer, rows


class BatchNormalization(Layer):
    """Gives every feature mean zero and variance one, then a scale and a shift that are learned
    (Ioffe and Szegedy, 2015).

    While training, mean and variance are those of the batch; otherwise, moving averages of these. A batch
    with a single value of a feature has no variance: there is a warning then. In a layer that is frozen,
    by ``trainable = False``, the averages are used in training too, and don't move.
    A feature is an entry of the last axis: of images, a channel. On the way back, with the deviation σ,
    ``dX = γ / σ ⊙ (dZ − mean(dZ) − X̂ ⊙ mean(dZ ⊙ X̂))``.

    Args:
        momentum: how much of the moving averages stays with each batch, from 0 to below 1.
        epsilon: added to the variance, so that it can be divided by.

    Shapes:
        (m, …, n) -> the same.

    Raises:
        ValueError: the momentum isn't from 0 to below 1, or epsilon isn't positive.
    """

    settable = ("trainable", "momentum", "epsilon")
    outputs = "anywhere"

    def __init__(self, *, momentum: float = 0.99, epsilon: float = 0.001):
        self.momentum = fraction(momentum, "BatchNormalization expected a momentum")
        self.epsilon = above_zero(epsilon, "BatchNormalization")

    def build(self, input_shape):
        shape = (input_shape[-1],)
        zeros, ones = initializers.Zeros(), initializers.Ones()
        self.blocks = {
            "gamma": Block(shape, ones),
            "beta": Block(shape, zeros),
            "moving_mean": Block(shape, zeros, trainable=False),
            "moving_variance": Block(shape, ones, trainable=False),
        }
        return input_shape

    def forward(self, X):
        self.X_hat = None
        return (X - self.moving_mean) * self._scale() + self.beta

    def _scale(self) -> np.ndarray:
        return self.gamma / np.sqrt(self.moving_variance + self.epsilon)

    def training_forward(self, X):
        if not self.trainable:
            return self.forward(X)
        batch = rows(X)
        if len(batch) == 1:
            warnings.warn(
                "BatchNormalization expected more than one example while training, got one: less its own "
                "mean, it is zero; choose a batch size that leaves no batch of one",
                stacklevel=2,
            )
        mean, variance = batch.mean(axis=0), batch.var(axis=0)
        self.moving_mean += (1 - self.momentum) * (mean - self.moving_mean)
        self.moving_variance += (1 - self.momentum) * (variance - self.moving_variance)
        self.deviation = np.sqrt(variance + self.epsilon)
        self.X_hat = (batch - mean) / self.deviation
        return (self.X_hat * self.gamma + self.beta).reshape(X.shape)

    def backward(self, dZ):
        if not self.trainable:
            return
        if self.X_hat is None:
            raise RuntimeError(
                "BatchNormalization expected the way forward of training before the way back; "
                "gradients takes both"
            )
        dZ = dZ.reshape(self.X_hat.shape)
        (dZ * self.X_hat).sum(axis=0, out=self.dgamma)
        dZ.sum(axis=0, out=self.dbeta)

    def input_gradient(self, dZ):
        if not self.trainable:
            return dZ * self._scale()
        # dbeta is the sum of dZ over the rows, dgamma that of dZ ⊙ X̂: by the number of rows, the means.
        m, shape = len(self.X_hat), dZ.shape
        dZ = dZ.reshape(self.X_hat.shape)
        dX = dZ - (self.dbeta + self.X_hat * self.dgamma) / m
        return (dX * (self.gamma / self.deviation)).reshape(shape)

    forms = (
        (training_forward, loops.training_forward),
        (backward, loops.backward),
        (input_gradient, loops.input_gradient),
    )


class LayerNormalization(Layer):
    """Gives the features of each example, or of each place of it, mean zero and variance one, then a
    scale and a shift that are learned (Ba and others, 2016).

    Other than in batch normalization no example knows of another, and training computes what is computed
    later, :eq:`layer-norm`. The features are the last axis. On the way back, with the deviation σ and
    dX̂ = γ ⊙ dZ, ``dX = (dX̂ − mean(dX̂) − X̂ ⊙ mean(dX̂ ⊙ X̂)) / σ``, the means over the features,
    :eq:`layer-norm-back`.

    Args:
        epsilon: added to the variance, so that it can be divided by.

    Shapes:
        (m, …, n) -> the same.

    Raises:
        ValueError: epsilon isn't positive.
    """

    settable = ("trainable", "epsilon")
    outputs = "anywhere"
    step_by_step = True

    def __init__(self, *, epsilon: float = 0.001):
        self.epsilon = above_zero(epsilon, "LayerNormalization")

    def build(self, input_shape):
        shape = (input_shape[-1],)
        ones, zeros = initializers.Ones(), initializers.Zeros()
        self.blocks = {"gamma": Block(shape, ones), "beta": Block(shape, zeros)}
        return input_shape

    def forward(self, X):
        centred = X - X.mean(axis=-1, keepdims=True)
        variance = (centred**2).mean(axis=-1, keepdims=True)
        self.deviation = np.sqrt(variance + self.epsilon)
        self.X_hat = centred / self.deviation
        return self.gamma * self.X_hat + self.beta

    def backward(self, dZ):
        rows(dZ * self.X_hat).sum(axis=0, out=self.dgamma)
        rows(dZ).sum(axis=0, out=self.dbeta)

    def input_gradient(self, dZ):
        dX_hat = self.gamma * dZ
        mean = dX_hat.mean(axis=-1, keepdims=True)
        along = (dX_hat * self.X_hat).mean(axis=-1, keepdims=True)
        return (dX_hat - mean - self.X_hat * along) / self.deviation

    forms = (
        (forward, loops.layer_forward),
        (backward, loops.layer_backward),
        (input_gradient, loops.layer_input_gradient),
    )


def above_zero(epsilon, layer: str) -> float:
    """What is added to a layer's variance.

    Raises:
        TypeError, ValueError: it isn't a positive number.
    """
    epsilon = at_least_zero(epsilon, f"{layer} expected an epsilon")
    if not epsilon:
        raise ValueError(f"{layer} expected a positive epsilon, got 0")
    return epsilon
