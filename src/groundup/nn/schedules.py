"""Learning rates that change while training: functions of the number of steps taken."""

import bisect
import itertools
import math

from groundup.nn.arguments import at_least_zero, flag, whole
from groundup.nn.config import Configured


class LearningRateSchedule(Configured):
    """Called with the number of steps taken so far, gives the learning rate of the next."""

    def __call__(self, step: int) -> float:
        raise NotImplementedError


class PiecewiseConstantDecay(LearningRateSchedule):
    """Falls in steps.

    Args:
        boundaries: the last step, counted from 0, of each value but the last; rising, as in Keras.
        values: the learning rates, one more than there are boundaries.

    Raises:
        TypeError: they aren't lists of numbers.
        ValueError: their numbers don't fit, the boundaries aren't whole or don't rise, or a value is
            negative.
    """

    def __init__(self, boundaries: list[int], values: list[float]):
        for given in (boundaries, values):
            if not isinstance(given, list | tuple):
                raise TypeError(f"expected lists of boundaries and values, got {given!r}")
        if len(values) != len(boundaries) + 1:
            raise ValueError(
                f"expected one value more than boundaries, got {len(values)} values for "
                f"{len(boundaries)} boundaries"
            )
        boundaries = [whole(step, "expected a boundary") for step in boundaries]
        if any(a >= b for a, b in itertools.pairwise(boundaries)):
            raise ValueError(f"expected boundaries that rise, got {boundaries}")
        self.boundaries = boundaries
        self.values = [at_least_zero(value, "expected a learning rate") for value in values]

    def __call__(self, step):
        return self.values[bisect.bisect_left(self.boundaries, step)]


class ExponentialDecay(LearningRateSchedule):
    """``initial_learning_rate · decay_rate^(step / decay_steps)``.

    Args:
        initial_learning_rate: the learning rate of the first step.
        decay_steps: in how many steps it falls by the factor ``decay_rate``.
        decay_rate: that factor.
        staircase: whether the exponent is rounded down, so that the rate falls in steps.

    Raises:
        TypeError: an argument is of another kind.
        ValueError: one is negative, or the number of steps isn't a positive whole one.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
    ):
        self.initial_learning_rate = at_least_zero(
            initial_learning_rate, "expected a learning rate"
        )
        self.decay_steps = whole(decay_steps, "expected decay_steps", least=1)
        self.decay_rate = at_least_zero(decay_rate, "expected a decay_rate")
        self.staircase = flag(staircase, "ExponentialDecay expected staircase")

    def __call__(self, step):
        times = step // self.decay_steps if self.staircase else step / self.decay_steps
        return self.initial_learning_rate * self.decay_rate**times


class CosineDecay(LearningRateSchedule):
    """Half a cosine, from the highest learning rate down, :eq:`cosine-decay` (Loshchilov and Hutter,
    2017), if wanted after a warm-up that rises to it.

    Args:
        initial_learning_rate: the learning rate of the first step.
        decay_steps: how many steps it falls for.
        alpha: where it ends, as a share of where it falls from.
        warmup_target: the highest rate, where the warm-up ends; None is no warm-up.
        warmup_steps: how many steps the warm-up takes.

    Raises:
        TypeError: an argument is of another kind.
        ValueError: one is negative, or a number of steps isn't whole, or that of the decay not positive.

    Example:
        >>> from groundup import nn
        >>> schedule = nn.CosineDecay(0.1, decay_steps=100)
        >>> [round(schedule(step), 3) for step in (0, 25, 50, 75, 100)]
        [0.1, 0.085, 0.05, 0.015, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        *,
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ):
        self.initial_learning_rate = at_least_zero(
            initial_learning_rate, "expected a learning rate"
        )
        self.decay_steps = whole(decay_steps, "expected decay_steps", least=1)
        self.alpha = at_least_zero(alpha, "CosineDecay expected an alpha")
        self.warmup_target = warmup_target
        if warmup_target is not None:
            self.warmup_target = at_least_zero(warmup_target, "expected a warmup_target")
        self.warmup_steps = whole(warmup_steps, "expected warmup_steps")

    def __call__(self, step):
        highest = self.initial_learning_rate
        if self.warmup_target is not None:
            highest = self.warmup_target
            if step < self.warmup_steps:
                rise = highest - self.initial_learning_rate
                return self.initial_learning_rate + rise * step / self.warmup_steps
            step -= self.warmup_steps
        done = min(step / self.decay_steps, 1)
        cosine = (1 + math.cos(math.pi * done)) / 2
        return highest * (self.alpha + (1 - self.alpha) * cosine)
