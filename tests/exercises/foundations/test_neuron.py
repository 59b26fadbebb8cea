"""The checks of the chapter on one neuron: right answers pass, likely mistakes get their hints."""

from fractions import Fraction

import numpy as np
import pytest

from groundup.exercises.foundations import neuron as checks


def line(x, y):
    return (*np.polyfit(x, y, 1), np.polyfit(x, y, 1, full=True)[1][0] / len(x))


def slope(of):
    """A weight by a formula, the bias that belongs to it, and the loss there."""

    def solve(x, y):
        w = of(x, y)
        b = y.mean() - w * x.mean()
        return w, b, np.mean((w * x + b - y) ** 2)

    return solve


def changed(**others):
    """The line, but for some of its three numbers."""

    def solve(x, y):
        right = dict(zip(("w", "b", "loss"), line(x, y), strict=True))
        return list((right | {name: of(x, y) for name, of in others.items()}).values())

    return solve


def mean_of_squares(x):
    return np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1]])


def limit(x, times=2.0, which=-1, factor=2.0):
    return times / np.linalg.eigvalsh(factor * mean_of_squares(x))[which]


def eigenvalue(of):
    """Two divided by some number of the matrix of second derivatives."""
    return lambda x: 2 / of(2 * mean_of_squares(x))


CELSIUS = np.random.default_rng(0).uniform(-40, 100, size=50)
FAHRENHEIT = 1.8 * CELSIUS + 32
KELVIN = CELSIUS + 273.15


def steps(inputs):
    """Steps from zero until the loss is below 1, by the eigenvectors: no step is taken."""
    H = 2 * mean_of_squares(inputs)
    curvatures, directions = np.linalg.eigh(H)
    away = directions.T @ -np.polyfit(inputs, FAHRENHEIT, 1)
    factors = 1 - curvatures / curvatures[-1]
    n = np.arange(100_000)[:, None]
    return int(np.argmax((curvatures / 2 * (away * factors**n) ** 2).sum(axis=1) <= 1))


CENTRED, DIVIDED = steps(KELVIN - KELVIN.mean()), steps(KELVIN / KELVIN.std())


def counts(centred=CENTRED, divided=DIVIDED):
    return [centred, divided, CELSIUS, FAHRENHEIT]


def learned(x, y, scale=None, steps=60, back=True):
    """A line by gradient descent from scaled inputs."""
    mu, s = (x.mean(), x.std()) if scale is None else scale
    w = b = 0.0
    for _ in range(steps):
        error = w * (x - mu) / s + b - y
        w, b = w - 0.6 * np.mean(error * (x - mu) / s), b - 0.6 * np.mean(error)
    return (w / s, b - w * mu / s) if back else (w, b)


def one_shape(x, Y, w, b):
    error = w * x + b - Y[:, 0]
    return 2 * np.mean(error * x), 2 * np.mean(error)


def from_errors(error_of):
    """Both derivatives by the formulas, whatever shape the errors have."""

    def gradient(x, Y, w, b):
        error = error_of(w * x + b, Y)
        return 2 * np.mean(error * x), 2 * np.mean(error)

    return gradient


RIGHT = [
    (checks.by_hand, [8 / 3, 80 / 3, 0, 1.92, 30]),
    (checks.by_hand, [2.67, 26.67, 0.0, [1.92], 30.0]),
    (checks.one_step, [0.5]),
    (checks.one_step, [np.array([1 / 2], "float32")]),
    (checks.largest_rate, [limit]),
    (checks.largest_rate, [lambda x: 1 / np.linalg.eigvalsh(mean_of_squares(x))[-1]]),
    (checks.lowest_point, [line]),
    (checks.lowest_point, [slope(lambda x, y: np.cov(x, y, ddof=0)[0, 1] / np.var(x))]),
    (checks.lowest_point, [lambda x, y: np.array(line(x, y))[:, None].T[0]]),
    (checks.by_hand, [2.67, 26.7, 0, 1.92, 30]),
    (checks.by_hand, ["2.667", [26.667], -0.0, np.float32(1.92), 30]),
    (checks.one_step, ["0.5"]),
    (checks.one_step, [Fraction(1, 2)]),
    (checks.largest_rate, [eigenvalue(lambda H: np.linalg.norm(H, 2))]),
    (checks.largest_rate, [eigenvalue(lambda H: max(np.linalg.eigvals(H)))]),
    (checks.largest_rate, [lambda x: np.float32(limit(x))]),
    (checks.lowest_point, [lambda x, y: tuple(float(part) for part in line(x, y))]),
    (checks.lowest_point, [slope(lambda x, y: np.corrcoef(x, y)[0, 1] * y.std() / x.std())]),
    (checks.kelvin, counts()),
    (checks.kelvin, counts(CENTRED + 1, [DIVIDED - 1])),
    (checks.kelvin, counts(str(CENTRED), np.float32(DIVIDED))),
    (checks.turned_round, [learned]),
    (checks.turned_round, [lambda x, y: np.array(learned(x, y, steps=200))]),
    (checks.turned_round, [lambda x, y: [part.item() for part in learned(x, y)]]),
    (checks.repaired, [one_shape]),
    (checks.repaired, [from_errors(lambda p, Y: p - Y.T)]),
    (checks.repaired, [from_errors(lambda p, Y: p - np.squeeze(Y))]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


WRONG = [
    (checks.by_hand, [8, 80 / 3, 0, 1.92, 30], "this is their sum"),
    (checks.by_hand, [0, 80 / 3, 0, 1.92, 30], "their squares don't"),
    (checks.by_hand, [4, 80 / 3, 0, 1.92, 30], "the mean of the squared errors"),
    (checks.by_hand, [8 / 3, 40 / 3, 0, 1.92, 30], "dw, except for the factor of two"),
    (checks.by_hand, [8 / 3, -80 / 3, 0, 1.92, 30], "dw, except for its sign"),
    (checks.by_hand, [8 / 3, 80, 0, 1.92, 30], "over the three examples, this the sum"),
    (checks.by_hand, [8 / 3, 20, 0, 1.92, 30], "each multiplied by its input, and this is 20"),
    (checks.by_hand, [8 / 3, 80 / 3, 4, 1.92, 30], "three errors, and this is 4"),
    (checks.by_hand, [8 / 3, 80 / 3, 0, 2.08, 30], "the new w is a step up"),
    (checks.by_hand, [8 / 3, 80 / 3, 0, 1.5, 30], "the new w is 2 minus 0.003 times"),
    (checks.by_hand, [8 / 3, 80 / 3, 0, 1.92, 29], "the new b is 30 minus 0.003 times"),
    (checks.by_hand, [8 / 3, ..., 0, 1.92, 30], "put your answer in place of"),
    (checks.largest_rate, [lambda x: limit(x, which=0)], "the flat direction"),
    (checks.largest_rate, [lambda x: limit(x, times=1)], "it may be larger"),
    (checks.largest_rate, [lambda x: limit(x, factor=1)], "the factor of two missing in H"),
    (checks.largest_rate, [lambda x: limit(x, factor=80)], "not the sum"),
    (checks.largest_rate, [lambda x: 1 / np.mean(x * x)], "for the weight alone"),
    (checks.largest_rate, [lambda x: 2 / limit(x)], "this is the larger curvature"),
    (checks.largest_rate, [lambda x: 1], "two divided by the larger eigenvalue"),
    (checks.one_step, [1], "this is the limit"),
    (checks.one_step, [2], "this is the curvature"),
    (checks.one_step, [-0.5], "a learning rate is positive"),
    (checks.one_step, [0.3], "multiplies the distance by 1 - 2η = 0.4"),
    (checks.one_step, [0.49], "multiplies the distance by 1 - 2η = 0.02"),
    (checks.lowest_point, [lambda x, y: line(x, y)[:2]], "it gave 2 of them"),
    (checks.lowest_point, [lambda x, y: (1.8, 32, 25)], "this is the rule without noise"),
    (checks.lowest_point, [slope(lambda x, y: (x * y).mean() / (x * x).mean())], "the origin"),
    (checks.lowest_point, [slope(lambda x, y: np.cov(x, y)[0, 1] / np.var(x))], "np.cov"),
    (checks.lowest_point, [changed(b=lambda x, y: y.mean())], "b is the mean of y only"),
    (checks.lowest_point, [changed(b=lambda x, y: 32)], "now set the derivative with respect to b"),
    (checks.lowest_point, [changed(w=lambda x, y: 1.7)], "the loss can be as low as"),
    (checks.lowest_point, [changed(loss=lambda x, y: 50 * line(x, y)[2])], "their sum"),
    (checks.lowest_point, [changed(loss=lambda x, y: line(x, y)[2] ** 0.5)], "square root"),
    (checks.lowest_point, [changed(loss=lambda x, y: 25)], "the loss there isn't 25"),
    (checks.by_hand, [2.7, 80 / 3, 0, 1.92, 30], "the mean of the squared errors"),
    (checks.by_hand, [2.672, 80 / 3, 0, 1.92, 30], "the mean of the squared errors"),
    (checks.by_hand, [8 / 3, 26.6, 0, 1.92, 30], "each multiplied by its input"),
    (checks.by_hand, [8 / 3, 80 / 3, 0.1, 1.92, 30], "three errors, and this is 0.1"),
    (checks.by_hand, [8 / 3, 80 / 3, 0, 1.926, 30], "the new w is 2 minus"),
    (checks.by_hand, [8 / 3, 80 / 3, 0, 1.92, 30.006], "the new b is 30 minus"),
    (checks.by_hand, [8 / 3, 80 / 3, 0, 1.9, 30], "the new w is 2 minus"),
    (checks.one_step, [0.500001], "multiplies the distance"),
    (checks.one_step, [0.25], "multiplies the distance by 1 - 2η = 0.5"),
    (checks.largest_rate, [eigenvalue(lambda H: np.linalg.eigvals(H)[0])], "the flat direction"),
    (checks.largest_rate, [eigenvalue(lambda H: np.linalg.eigvals(H)[-1])], "the flat direction"),
    (checks.largest_rate, [eigenvalue(np.trace)], "two divided by the larger eigenvalue"),
    (checks.largest_rate, [eigenvalue(np.linalg.norm)], "two divided by the larger eigenvalue"),
    (checks.largest_rate, [eigenvalue(lambda H: H.max())], "for the weight alone"),
    (checks.largest_rate, [eigenvalue(lambda H: np.linalg.eigvals(H))], "to be of shape ()"),
    (checks.largest_rate, [lambda x: limit(x) * len(x) / 40], "for 25 inputs"),
    (
        checks.lowest_point,
        [lambda x, y: (line(x, y)[1], line(x, y)[0], line(x, y)[2])],
        "changed places",
    ),
    (
        checks.lowest_point,
        [changed(loss=lambda x, y: line(x, y)[2] * len(x) / (len(x) - 2))],
        "there isn't",
    ),
    (checks.lowest_point, [lambda x, y: line(x[:8], y[:8])], "the loss can be as low as"),
    (
        checks.lowest_point,
        [slope(lambda x, y: np.polyfit(y, x, 1)[0])],
        "the loss can be as low as",
    ),
    (checks.lowest_point, [lambda x, y: line(x, y)[0]], "it gave a float64"),
    (checks.kelvin, [..., ..., CELSIUS, FAHRENHEIT], "put your answer"),
    (checks.kelvin, counts(DIVIDED, CENTRED), "changed places"),
    (checks.kelvin, counts(1, 1), "a single step is what the two changes give together"),
    (checks.kelvin, counts(CENTRED, steps(CELSIUS / CELSIUS.std())), "for degrees Celsius"),
    (checks.kelvin, counts(CENTRED, DIVIDED + 2), "the first count is right"),
    (checks.kelvin, counts(CENTRED - 2), "the second count is right"),
    (checks.kelvin, counts(10_000, 20_000), "the inputs in kelvin, minus their mean"),
    (checks.kelvin, counts("most", 3), "made of numbers"),
    (checks.turned_round, [lambda x, y: (..., ...)], "put your answer"),
    (checks.turned_round, [lambda x, y: (5 / 9, -160 / 9)], "does the function use anything"),
    (checks.turned_round, [lambda x, y: (1.8, 32)], "the line from targets to inputs"),
    (checks.turned_round, [lambda x, y: learned(x, y, back=False)], "for scaled inputs; go back"),
    (
        checks.turned_round,
        [lambda x, y: (learned(x, y)[0], learned(x, y, back=False)[1])],
        "b is the one for scaled inputs",
    ),
    (checks.turned_round, [lambda x, y: (learned(x, y)[0], 0.0)], "but the mean error is"),
    (checks.turned_round, [lambda x, y: learned(x, y, (35.0, 43.0), 20)], "its *own* mean and s"),
    (checks.turned_round, [lambda x, y: learned(x, y, steps=3)], "take enough steps"),
    (checks.turned_round, [lambda x, y: learned(x, y, steps=6)], "so nearly there"),
    (checks.turned_round, [lambda x, y: learned(x, y)[0]], "it gave a float64"),
    (checks.turned_round, [lambda x, y: (np.nan, np.inf)], "isn't finite"),
    (checks.repaired, [lambda x, Y, w, b: (..., ...)], "put your answer"),
    (checks.repaired, [from_errors(lambda p, Y: p - Y)], "9 times 9 entries"),
    (checks.repaired, [from_errors(lambda p, Y: p - Y.mean())], "9 times 9 entries"),
    (checks.repaired, [from_errors(lambda p, Y: Y[:, 0] - p)], "not the other way round"),
    (checks.repaired, [from_errors(lambda p, Y: p[:, None] - Y)], "need the same shape"),
    (checks.repaired, [from_errors(lambda p, Y: p)], "nothing but the error's shape"),
    (checks.repaired, [lambda x, Y, w, b: np.mean(Y)], "two things"),
    (checks.repaired, [lambda x, Y, w, b: one_shape(x, Y, w, b) * 2], "it gave 4 of them"),
]


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint


COMPUTED = [
    (checks.largest_rate, limit, 1),
    (checks.lowest_point, line, 3),
    (checks.repaired, one_shape, 2),
]


@pytest.mark.parametrize(("check", "answer", "things"), COMPUTED)
def test_what_is_computed_may_differ_by_rounding_only(check, answer, things):
    for part in range(things):
        for by, passes in ((5e-6, True), (2e-5, False)):

            def changed(*given, part=part, by=by):
                found = np.array(answer(*given), float, ndmin=1)
                found[part] *= 1 + by
                return found if things > 1 else found[0]

            assert check(changed).passed == passes, f"part {part}, larger by {by:g}"
