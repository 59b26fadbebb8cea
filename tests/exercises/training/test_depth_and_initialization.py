"""The chapter on depth and initialization: right answers pass, likely mistakes get their hints."""

import numpy as np
import pytest

from groundup.exercises.training import depth_and_initialization as checks


def by_rounding(W, b):
    return np.unique(np.vstack([W, b]).round(5), axis=1).shape[1]


def by_pairs(W, b):
    """Unit by unit, those that none before is like."""
    units = np.vstack([W, b]).T
    return sum(
        not any(np.allclose(unit, other, atol=1e-5) for other in units[:k])
        for k, unit in enumerate(units)
    )


def root(inside):
    return lambda n: np.sqrt(inside / n)


def normal(scale):
    return lambda rng, shape: rng.normal(scale=scale(*shape), size=shape)


def even(rng, shape):
    r = np.sqrt(6 / shape[0])
    return rng.uniform(-r, r, size=shape)


def one_by_one(model, X, size=lambda Z: np.sqrt(np.mean(Z**2)), layers=slice(-1)):
    """Level the layers, the lowest first."""
    A = X
    for layer in model.layers[layers]:
        layer.W /= size(layer.forward(A))
        A = layer.activation.forward(layer.forward(A))


def by_variances(model, X):
    """The same: the mean square is the variance and the square of the mean."""
    one_by_one(model, X, lambda Z: np.hypot(Z.std(), Z.mean()))


def all_at_once(model, X):
    A, sizes = X, []
    for layer in model.layers[:-1]:
        Z = layer.forward(A)
        sizes.append(np.sqrt(np.mean(Z**2)))
        A = layer.activation.forward(Z)
    for layer, size in zip(model.layers, sizes, strict=False):
        layer.W /= size


def unit_by_unit(model, X):
    one_by_one(model, X, lambda Z: np.sqrt(np.mean(Z**2, axis=0)))


def nothing(model, X):
    pass


RIGHT = [
    (checks.kinds, [by_rounding, [8, 8, 8]]),
    (checks.kinds, [by_pairs, np.full(3, 8.0)]),
    (checks.uniform, [root(6)]),
    (checks.uniform, [lambda n: (6 / n) ** 0.5]),
    (checks.repaired, [normal(lambda inputs, units: np.sqrt(2 / inputs))]),
    (checks.repaired, [even]),
    (checks.measured, [one_by_one, 1e-8]),
    (checks.measured, [by_variances, "1e-7"]),
    (checks.thirds, [[3, -6, 6], 64, 81]),
    (checks.thirds, [np.array([3.0, -6, 6]), 2**6, 3**4]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


WRONG = [
    (checks.kinds, [lambda W, b: ..., ...], "put your answer"),
    (
        checks.kinds,
        [lambda W, b: np.unique(np.vstack([W, b]), axis=1).shape[1], [8, 8, 8]],
        "rounding",
    ),
    (
        checks.kinds,
        [lambda W, b: np.unique(W.round(5), axis=1).shape[1], [8, 8, 8]],
        "other biases",
    ),
    (checks.kinds, [lambda W, b: len(b), [8, 8, 8]], "only 3 differ"),
    (checks.kinds, [lambda W, b: 1, [8, 8, 8]], "the function gives 1"),
    (checks.kinds, [lambda W, b: None, [8, 8, 8]], "is None"),
    (checks.kinds, [by_rounding, [1, 1, 1]], "all arrays alike"),
    (checks.kinds, [by_rounding, [8, 1, 8]], "the output's weights random, 1"),
    (checks.kinds, [by_rounding, [8, 8]], "of shape (3,)"),
    (checks.uniform, [lambda n: ...], "put your answer"),
    (checks.uniform, [lambda n: 6 / n], "this is r²"),
    (checks.uniform, [lambda n: 2 / n], "this is the variance"),
    (checks.uniform, [root(2)], "the root of the variance"),
    (checks.uniform, [root(3)], "without ReLU"),
    (checks.uniform, [root(24)], "half of the whole range"),
    (checks.uniform, [root(12)], "divide it by the length"),
    (checks.uniform, [root(1)], "gives a variance of 0.01042"),
    (checks.repaired, [lambda rng, shape: ...], "put your answer"),
    (checks.repaired, [normal(lambda inputs, units: 2 / units)], "as it was"),
    (checks.repaired, [normal(lambda inputs, units: np.sqrt(2 / units))], "are the inputs"),
    (checks.repaired, [normal(lambda inputs, units: 2 / inputs)], "the root of the variance"),
    (checks.repaired, [normal(lambda inputs, units: np.sqrt(1 / inputs))], "the 2 is missing"),
    (checks.repaired, [normal(lambda inputs, units: 2 / np.sqrt(inputs))], "belongs to the 2"),
    (checks.repaired, [normal(lambda inputs, units: np.sqrt(2 / (inputs + units)))], "Glorot"),
    (checks.repaired, [normal(lambda inputs, units: 0.05)], "the variance should be 0.005"),
    (checks.repaired, [lambda rng, shape: np.abs(even(rng, shape))], "the mean isn't zero"),
    (checks.repaired, [lambda rng, shape: even(rng, shape).T], "of shape (400, 100)"),
    (checks.measured, [nothing, ...], "put your answer"),
    (checks.measured, [nothing, 1e-8], "as they were"),
    (checks.measured, [all_at_once, 1e-8], "before the layers below it were changed"),
    (checks.measured, [lambda m, X: one_by_one(m, X, np.std), 1e-8], "the square of the mean"),
    (
        checks.measured,
        [lambda m, X: one_by_one(m, X, lambda Z: np.mean(Z**2)), 1e-8],
        "the root of the mean square",
    ),
    (checks.measured, [unit_by_unit, 1e-8], "by one number"),
    (
        checks.measured,
        [lambda m, X: one_by_one(m, X, layers=slice(None)), 1e-8],
        "the hidden layers only",
    ),
    (checks.measured, [one_by_one, 0.5], "a quarter at most"),
    (checks.measured, [one_by_one, 1e-14], "the mean of the first column"),
    (checks.thirds, [..., 64, 81], "put your answer"),
    (checks.thirds, [[3, -3, 3], 64, 81], "the slopes of the three pieces"),
    (checks.thirds, [[1, -2, 2], 64, 81], "at x = 1/3 the sum is 0.3333"),
    (checks.thirds, [[3, -4, 2], 64, 81], "at x = 2/3 the sum is 0.6667"),
    (checks.thirds, [[3, -6, 3], 64, 81], "at x = 1 the sum is 0"),
    (checks.thirds, [[3, -6, 6], 12, 81], "it doesn't add two"),
    (checks.thirds, [[3, -6, 6], 32, 81], "there are six"),
    (checks.thirds, [[3, -6, 6], 64, 12], "it doesn't add three"),
    (checks.thirds, [[3, -6, 6], 64, 27], "triples the pieces"),
]


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint
