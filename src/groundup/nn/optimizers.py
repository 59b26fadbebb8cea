"""Optimizers: how a gradient becomes a step.

The update rules have Keras's form; a textbook's may differ in where the learning rate or epsilon stands.
"""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from groundup.nn import fused
from groundup.nn.arguments import at_least_zero, flag, fraction
from groundup.nn.arrays import changeable, real, underflow_is_zero
from groundup.nn.clipping import clipped, joined, limits
from groundup.nn.config import Configured, lookup
from groundup.nn.fused import optimizers as loops
from groundup.nn.schedules import LearningRateSchedule

# Every so many steps, what has faded so far that it's denormal, below the smallest number of full
# precision, is forgotten: the processor computes with those 60 times slower.
FORGET_EVERY = 50
# So many parameters are changed at a time: few enough that what a rule computes for them on the way stays
# in the processor's cache.
PIECE = 32768


class Optimizer(Configured):
    """Changes all parameters of a model in one go, for they lie in one flat vector.

    ``variables`` holds what the optimizer remembers between steps, by name: how many there were
    (``iterations``), and vectors like that of the parameters, which ``remembers`` names.

    Args:
        learning_rate: a number of at least 0, or a schedule.
        clipnorm: how long the gradient of each array of parameters may be; a longer one is made so long.
        clipvalue: how large each number of the gradient may be.
        global_clipnorm: how long the whole gradient may be. At most one of the three is given.
    """

    settable = ("variables",)
    remembers: tuple[str, ...] = ()
    variables: Mapping[str, np.ndarray] = MappingProxyType({})

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.01,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
    ):
        if not isinstance(learning_rate, LearningRateSchedule):
            learning_rate = at_least_zero(learning_rate, "expected a learning rate")
        self.learning_rate = learning_rate
        self.clipnorm, self.clipvalue, self.global_clipnorm = limits(
            clipnorm=clipnorm, clipvalue=clipvalue, global_clipnorm=global_clipnorm
        )

    def build(self, parameters: np.ndarray) -> None:
        """Make the variables for a vector of parameters, unless they are made already."""
        made = {
            name: np.zeros_like(parameters) for name in self.remembers if name not in self.variables
        }
        if "iterations" not in self.variables:
            made["iterations"] = np.zeros((), np.int64)
        if made:
            self.variables = {**self.variables, **made}
        for name in self.remembers:
            if self.variables[name].shape != parameters.shape:
                raise ValueError(
                    f"the optimizer remembers {name} of shape {self.variables[name].shape}, from another "
                    f"model; this one has {parameters.size} parameters"
                )

    def rate(self) -> float:
        """The learning rate of the next step.

        Raises:
            ValueError: a schedule made it negative, or somebody did.
        """
        if isinstance(self.learning_rate, LearningRateSchedule):
            rate = self.learning_rate(int(self.variables.get("iterations", 0)))
        else:
            rate = self.learning_rate
        return at_least_zero(rate, "expected a learning rate")

    def apply(
        self,
        gradients: np.ndarray,
        parameters: np.ndarray,
        parts: Sequence[slice] = (slice(None),),
    ) -> None:
        """Take one step, in place.

        Args:
            gradients: the gradient with respect to each parameter.
            parameters: the parameters.
            parts: where in these vectors each array of parameters lies that takes the step; nothing else
                changes, nor what is remembered of it. Without this argument, all, as one array.

        Raises:
            TypeError: the gradients aren't real numbers, the parameters no array of floating-point
                numbers, or some numbers are masked.
            ValueError: the vectors have different shapes.
        """
        gradients = real(gradients, "gradients")
        parameters = changeable(parameters, "parameters")
        if not isinstance(parts, list | tuple) or not all(isinstance(p, slice) for p in parts):
            raise TypeError(f"expected a list of slices as parts, got {parts!r}")
        if gradients.shape != parameters.shape:
            raise ValueError(
                f"expected gradients of the parameters' shape {parameters.shape}, got {gradients.shape}"
            )
        self.build(parameters)
        rate = self.rate()
        gradients = clipped(gradients, parts, self.clipnorm, self.clipvalue, self.global_clipnorm)
        self.variables["iterations"] += 1  # the rate counts steps from 0, Adam's t from 1
        remembered = [self.variables[name] for name in self.remembers]
        vectors, update = [parameters, gradients, *remembered], fused.form(self.update)
        with underflow_is_zero():
            for first, end in joined(parts, parameters.size):
                for start in range(first, end, PIECE):
                    piece = slice(start, min(start + PIECE, end))
                    w, dw, *memory = [vector[piece] for vector in vectors]
                    update(w, dw, rate, *memory)
        if self.variables["iterations"] % FORGET_EVERY == 0:
            denormal, fading = np.finfo(parameters.dtype).tiny, gradients == 0
            for vector in remembered:  # squares only where nothing else is left
                fading &= np.abs(vector) < denormal
                vector[fading] = 0

    def update(self, w: np.ndarray, dw: np.ndarray, learning_rate: float, *remembered) -> None:
        """The rule, in place, for a piece of the parameters, their gradients and what is remembered of
        them."""
        raise NotImplementedError


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
        """:eq:`gradient-descent`, of each layer :eq:`backprop-update`; if wanted with momentum."""
        step = -learning_rate * dw
        if self.momentum:
            velocity *= self.momentum
            velocity += step
            step = self.momentum * velocity + step if self.nesterov else velocity
        w += step

    forms = ((update, loops.sgd),)


class RMSprop(Optimizer):
    """Divides each step by the root of a moving average of the squared gradient (Tieleman and Hinton,
    2012). Epsilon stands inside the root, as in Keras.

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
    """Adam with weight decay beside the gradient, not in it (Loshchilov and Hutter, 2019).

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
