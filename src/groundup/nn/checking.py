"""Checking gradients: what backpropagation says against what the loss does."""

import dataclasses

import numpy as np

from groundup.nn import random
from groundup.nn.arguments import number, whole
from groundup.nn.console import printable
from groundup.nn.model import Sequential


@dataclasses.dataclass(frozen=True)
class GradientReport:
    """How far analytic and numeric gradients are apart, block by block.

    Args:
        errors: for each block of parameters, ‖analytic − numeric‖ / (‖analytic‖ + ‖numeric‖), from 0 to
            1; 0 where both are too small to tell from rounding.
    """

    errors: dict[str, float]

    @property
    def worst(self) -> str:
        """The name of the block with the largest error."""
        return max(self.errors, key=self.errors.get)

    def __str__(self) -> str:
        width = max(map(len, self.errors))
        lines = [
            f"{name:<{width}}  {error:.1e}{'  ← worst' * (name == self.worst)}"
            for name, error in self.errors.items()
        ]
        return printable("\n".join(lines))


def gradient_check(
    model: Sequential,
    X: np.ndarray,
    y: np.ndarray,
    *,
    step: float = 1e-5,
    samples: int | None = None,
    sample_weight: np.ndarray | None = None,
) -> GradientReport:
    """Compare the gradient of every block of parameters with central differences.

    A double-precision copy of the model is checked, as while training: dropout's mask is the same for
    every difference, and batch normalization takes its averages from the batch. Near a kink, such as that
    of ReLU at zero, differences say nothing. Frozen layers aren't checked, for they have no gradient.

    Args:
        model: a compiled model; it's built if it isn't yet.
        X: a few examples, (m, …).
        y: their targets.
        step: how far each parameter is moved, up and down.
        samples: how many entries of each block are checked, drawn at random, the same each time; None
            is all.
        sample_weight: a weight for each example, (m,).

    Returns:
        The error of each block; below 1e-6 is right, above 1e-3 hardly ever is.

    Raises:
        RuntimeError: the model isn't compiled.
        TypeError: it's no ``Sequential``, or step or samples are no numbers.
        ValueError: examples or targets don't fit the model, step or samples make no sense, or every
            layer is frozen.

    Example:
        >>> from groundup import nn
        >>> nn.set_random_seed(0)
        >>> model = nn.Sequential([nn.Dense(4, activation="tanh"), nn.Dense(1)])
        >>> model.compile("sgd", loss="mse")
        >>> report = nn.gradient_check(model, np.array([[0.5, -1.0]]), np.array([2.0]))
        >>> list(report.errors)
        ['dense/W', 'dense/b', 'dense_1/W', 'dense_1/b']
        >>> report.errors[report.worst] < 1e-6
        True
    """
    if not isinstance(model, Sequential):
        raise TypeError(f"expected a Sequential model, got {model!r}")
    if samples is not None:
        samples = whole(samples, "expected a number of samples of each block", least=1)
    if not 1e-9 < number(step, "expected a step") < 0.1:
        raise ValueError(f"expected a step between 1e-9 and 0.1, got {step}")
    if model.parameters is None:
        model._prepare(X, y, sample_weight)
    generator = random.generator
    before = generator.bit_generator.state
    chooser = np.random.default_rng(0)
    copy = model.astype(np.float64)

    def loss() -> float:
        generator.bit_generator.state = before
        return copy.training_loss(X, y, sample_weight)

    try:
        noise = 10 * np.finfo(float).eps * max(abs(loss()), 1) / step  # rounding, in a difference
        generator.bit_generator.state = before
        copy.gradients(X, y, sample_weight)
        errors = {}
        for name, values, gradient in copy.blocks():
            if gradient is None:
                continue
            values, analytic = values.reshape(-1), gradient.reshape(-1).copy()
            count = values.size if samples is None else min(samples, values.size)
            entries = np.sort(chooser.choice(values.size, count, replace=False))
            numeric = np.array([_difference(loss, values, entry, step) for entry in entries])
            errors[name] = _error(analytic[entries], numeric, noise)
    finally:
        generator.bit_generator.state = before
    if not errors:
        raise ValueError("expected parameters that aren't frozen, or there is no gradient to check")
    return GradientReport(errors)


def _difference(loss, values: np.ndarray, entry: int, step: float) -> float:
    value = values[entry]
    values[entry] = value + step
    above = loss()
    values[entry] = value - step
    below = loss()
    values[entry] = value
    return (above - below) / (2 * step)


def _error(analytic: np.ndarray, numeric: np.ndarray, noise: float) -> float:
    """:eq:`backprop-relative-error`; where differences show nothing but rounding, nothing but rounding
    will do.
    """
    size = np.linalg.norm(analytic) + np.linalg.norm(numeric)
    if size <= noise * np.sqrt(analytic.size):
        return 0.0
    return float(np.linalg.norm(analytic - numeric) / size)
