"""Learning rates that change while training: functions of the number of steps taken."""

import bisect
import itertools
import math

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
        ValueError: their numbers don't fit, or the boundaries don't rise.
    """

    def __init__(self, boundaries: list[int], values: list[float]):
        if len(values) != len(boundaries) + 1:
            raise ValueError(
                f"expected one value more than boundaries, got {len(values)} values for "
                f"{len(boundaries)} boundaries"
            )
        boundaries = [int(boundary) for boundary in boundaries]
        if any(a >= b for a, b in itertools.pairwise(boundaries)):
            raise ValueError(f"expected boundaries that rise, got {boundaries}")
        self.boundaries, self.values = boundaries, [float(value) for value in values]

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
        ValueError: the number of steps isn't positive.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
    ):
        decay_steps = _steps(decay_steps)
        self.initial_learning_rate = float(initial_learning_rate)
        self.decay_steps, self.decay_rate = decay_steps, float(decay_rate)
        self.staircase = staircase

    def __call__(self, step):
        times = step // self.decay_steps if self.staircase else step / self.decay_steps
        return self.initial_learning_rate * self.decay_rate**times


class CosineDecay(LearningRateSchedule):
    """Half a cosine, from the highest learning rate down (Loshchilov and Hutter, 2017), if wanted after
    a warm-up that rises to it.

    Args:
        initial_learning_rate: the learning rate of the first step.
        decay_steps: how many steps it falls for.
        alpha: where it ends, as a share of where it falls from.
        warmup_target: the highest rate, where the warm-up ends; None is no warm-up.
        warmup_steps: how many steps the warm-up takes.

    Raises:
        ValueError: the number of steps isn't positive, or that of the warm-up is negative.

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
        decay_steps = _steps(decay_steps)
        if not warmup_steps >= 0:
            raise ValueError(f"expected a warm-up of at least 0 steps, got {warmup_steps}")
        self.initial_learning_rate, self.decay_steps = (
            float(initial_learning_rate),
            decay_steps,
        )
        self.alpha, self.warmup_steps = float(alpha), int(warmup_steps)
        self.warmup_target = None if warmup_target is None else float(warmup_target)

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


def _steps(decay_steps: int) -> int:
    if not int(decay_steps) > 0:
        raise ValueError(f"expected a positive number of steps, got decay_steps={decay_steps}")
    return int(decay_steps)
