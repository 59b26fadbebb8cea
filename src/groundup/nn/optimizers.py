"""Optimizers: how a gradient becomes a step.

The update rules have Keras's form; a textbook's may differ in where the learning rate or epsilon stands.
"""

import math

import numpy as np

from groundup.nn.arguments import at_least_zero, flag, fraction
from groundup.nn.config import lookup
from groundup.nn.fused import optimizers as loops
from groundup.nn.optimizer import Optimizer


class SGD(Optimizer):
    """Stochastic gradient descent: a step against the gradient, if wanted with momentum (Polyak, 1964) or
    Nesterov's (1983).

    Args:
        learning_rate: the length of the step for a gradient of length one, η; or a schedule.
        momentum: how much of the velocity is kept at each step, from 0 to below 1.
        nesterov: whether each step is by the gradient and, with the momentum, the new velocity.
        clipnorm, clipvalue, global_clipnorm: as for every ``Optimizer``.

    Raises:
        ValueError: the learning rate is negative, or the momentum isn't from 0 to below 1.

    Example:
        >>> from groundup import nn
        >>> w, dw = np.array([1.0, 2.0]), np.array([10.0, 0.0])
        >>> nn.SGD(learning_rate=0.1).apply(dw, w)
        >>> w
        array([0., 2.])
    """

    def __init__(
        self, learning_rate=0.01, momentum: float = 0.0, nesterov: bool = False,
        *, clipnorm=None, clipvalue=None, global_clipnorm=None,
    ):  # fmt: skip
        super().__init__(learning_rate, clipnorm, clipvalue, global_clipnorm)
        self.momentum = fraction(momentum, "expected a momentum")
        self.nesterov = flag(nesterov, "SGD expected nesterov")
        self.remembers = ("velocity",) if self.momentum else ()

    def update(self, w, dw, learning_rate, velocity=None):
        """:eq:`gradient-descent`, of each layer :eq:`backprop-update`; :eq:`momentum`; :eq:`nesterov`."""
        step = -learning_rate * dw
        if self.momentum:
            velocity *= self.momentum
            velocity += step
            step = self.momentum * velocity + step if self.nesterov else velocity
        w += step

    forms = ((update, loops.sgd),)


class RMSprop(Optimizer):
    """Divides each step by the root of a moving average of the squared gradient, :eq:`rmsprop` (Tieleman
    and Hinton, 2012). Epsilon stands inside the root, as in Keras.

    Args:
        learning_rate: η, or a schedule.
        rho: how much of the average is kept at each step, from 0 to below 1.
        epsilon: added to the average, so that it can be divided by.
        clipnorm, clipvalue, global_clipnorm: as for every ``Optimizer``.

    Raises:
        ValueError: one of these isn't what it has to be.
    """

    remembers = ("v",)

    def __init__(
        self, learning_rate=0.001, rho: float = 0.9, *, epsilon: float = 1e-7,
        clipnorm=None, clipvalue=None, global_clipnorm=None,
    ):  # fmt: skip
        super().__init__(learning_rate, clipnorm, clipvalue, global_clipnorm)
        self.rho, self.epsilon = (
            fraction(rho, "expected rho"),
            at_least_zero(epsilon, "expected epsilon"),
        )

    def update(self, w, dw, learning_rate, v):
        v += (1 - self.rho) * (dw * dw - v)
        w -= learning_rate * dw / np.sqrt(v + self.epsilon)

    forms = ((update, loops.rmsprop),)


class Adam(Optimizer):
    """Momentum divided by the root of the average square, both corrected for their start at zero
    (Kingma and Ba, 2015; epsilon is that paper's "epsilon hat", as in Keras).

    At step t: ``m ← β₁ m + (1 − β₁) dw``; ``v ← β₂ v + (1 − β₂) dw²``;
    ``w ← w − η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε)``.

    Args:
        learning_rate: η, or a schedule.
        beta_1: how much of the average gradient, m, is kept at each step, from 0 to below 1.
        beta_2: how much of the average squared gradient, v, is kept, from 0 to below 1.
        epsilon: added to the root, so that it can be divided by.
        clipnorm, clipvalue, global_clipnorm: as for every ``Optimizer``.

    Raises:
        ValueError: one of these isn't what it has to be.

    Example:
        The first step is as long as the learning rate, however large the gradient is.

        >>> from groundup import nn
        >>> w, dw = np.zeros(2), np.array([1000.0, -0.01])
        >>> nn.Adam(learning_rate=0.1).apply(dw, w)
        >>> w.round(3)
        array([-0.1,  0.1])
    """

    remembers = ("m", "v")

    def __init__(
        self, learning_rate=0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        *, clipnorm=None, clipvalue=None, global_clipnorm=None,
    ):  # fmt: skip
        super().__init__(learning_rate, clipnorm, clipvalue, global_clipnorm)
        self.beta_1, self.beta_2 = (
            fraction(beta_1, "expected beta_1"),
            fraction(beta_2, "expected beta_2"),
        )
        self.epsilon = at_least_zero(epsilon, "expected epsilon")

    def update(self, w, dw, learning_rate, m, v):
        t = int(self.variables["iterations"])
        correction = math.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)
        m *= self.beta_1
        m += (1 - self.beta_1) * dw
        v *= self.beta_2
        v += (1 - self.beta_2) * dw * dw
        w -= learning_rate * correction * m / (np.sqrt(v) + self.epsilon)

    forms = ((update, loops.adam),)


class AdamW(Adam):
    """Adam with weight decay beside the gradient, not in it: :eq:`adamw` (Loshchilov and Hutter, 2019).

    As in Keras, biases decay too.

    Args:
        learning_rate: η, or a schedule.
        weight_decay: the share, times the learning rate, of each parameter that a step takes away.
        beta_1: how much of the average gradient, m, is kept at each step, from 0 to below 1.
        beta_2: how much of the average squared gradient, v, is kept, from 0 to below 1.
        epsilon: added to the root, so that it can be divided by.
        clipnorm, clipvalue, global_clipnorm: as for every ``Optimizer``.

    Raises:
        ValueError: one of these isn't what it has to be.
    """

    def __init__(
        self, learning_rate=0.001, weight_decay: float = 0.004, beta_1: float = 0.9,
        beta_2: float = 0.999, epsilon: float = 1e-7,
        *, clipnorm=None, clipvalue=None, global_clipnorm=None,
    ):  # fmt: skip
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon,
            clipnorm=clipnorm, clipvalue=clipvalue, global_clipnorm=global_clipnorm,
        )  # fmt: skip
        self.weight_decay = at_least_zero(weight_decay, "expected a weight decay")

    def update(self, w, dw, learning_rate, m, v):
        w -= learning_rate * self.weight_decay * w
        super().update(w, dw, learning_rate, m, v)

    forms = ((update, loops.adamw),)


def get(identifier: str | Optimizer) -> Optimizer:
    """The optimizer of that name, with its default arguments."""
    names = {"sgd": SGD, "rmsprop": RMSprop, "adam": Adam, "adamw": AdamW}
    return lookup(Optimizer, "optimizer", identifier, names)
