"""What every optimizer is: what it remembers between steps, and one step for all parameters."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from groundup.nn import fused
from groundup.nn.arguments import at_least_zero
from groundup.nn.arrays import changeable, real, underflow_is_zero
from groundup.nn.clipping import clipped, joined, limits
from groundup.nn.config import Configured
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
        compiled = update != self.update  # computes nothing on the way, and forgets by itself
        size = max(parameters.size, 1) if compiled else PIECE
        forgets = not compiled and self.variables["iterations"] % FORGET_EVERY == 0
        with underflow_is_zero():
            for first, end in joined(parts, parameters.size):
                for start in range(first, end, size):
                    piece = slice(start, min(start + size, end))
                    w, dw, *memory = [vector[piece] for vector in vectors]
                    update(w, dw, rate, *memory)
                    if forgets:
                        forget_denormals(dw, *memory)

    def update(self, w: np.ndarray, dw: np.ndarray, learning_rate: float, *remembered) -> None:
        """The rule, in place, for a piece of the parameters, their gradients and what is remembered of
        them."""
        raise NotImplementedError


def forget_denormals(dw: np.ndarray, *memory: np.ndarray) -> None:
    """Set what is remembered to zero where there is no gradient and nothing but a denormal is left; the
    averages of squares, which stand last, only where those of gradients are zero, for they divide these.
    """
    fading = dw == 0
    for vector in memory:
        fading &= np.abs(vector) < np.finfo(vector.dtype).tiny
        vector[fading] = 0
