"""Every check: right answers pass, and each likely mistake gets the hint that is meant for it."""

import copy
import importlib
import inspect
import itertools
import pkgutil
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy import special
from tests.exercises import handed_in

from groundup import exercises, nn
from groundup.exercises import checking
from groundup.exercises.convolution import features
from groundup.exercises.foundations import (
    activations,
    backpropagation,
    weights_and_bias,
)
from groundup.exercises.foundations import softmax_regression as softmax


def blind(shares=None, loss=None):
    """What is learned without looking, but for what is changed."""

    def solve(labels, k):
        right = np.bincount(labels, minlength=k) / len(labels)
        least = -np.mean(np.log(right[labels]))
        return (shares(right) if shares else right), (loss(right, least) if loss else least)

    return solve


def with_nothing_times_nothing(right, least):
    with np.errstate(divide="ignore", invalid="ignore"):
        return -np.sum(right * np.log(right))


def of_counts(z, y):
    return np.exp(z) - y * z


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def squared_runs(rates=(0.1, 10), epochs=20, loss="mean_squared_error"):
    return [
        handed_in.run(handed_in.network((3, 4), None, "softmax", loss, rate), epochs)
        for rate in rates
    ]


def compact(labels, k):
    """The shares of the classes that occur, without places for the others between them."""
    counts = np.unique(labels, return_counts=True)[1]
    return np.pad(counts, (0, k - len(counts))) / len(labels)


def softmax_of(z1, z2):
    return nn.Softmax().forward(np.stack([z1, z2], axis=1))[:, 0]


def swish(z, beta):
    return z * sigmoid(beta * z)


def swish_slope(z, beta):
    return sigmoid(beta * z) * (1 + beta * z * sigmoid(-beta * z))


def skip_backward(dA, X, W, b):
    dZ = dA / np.cosh(X @ W + b) ** 2
    return dZ @ W.T + dA, X.T @ dZ, dZ.sum(axis=0)


X = np.random.default_rng(0).normal(size=(200, 3)).astype("float32")
SLOW, FAST = squared_runs()
FAST.model.set_weights([np.random.default_rng(5).normal(size=(3, 4)), np.zeros(4)])
Y, WORSE = handed_in.labels_read(FAST.model, X, 0.9), handed_in.labels_read(SLOW.model, X, 0.95)
SQUARED = [SLOW, FAST], X, Y
ACCURACIES = [handed_in.accuracy(run.model, X, Y) for run in SQUARED[0]]


def halved(of=lambda P, labels: P.max(axis=1).mean(), times=60, low=1e-3, high=1e3):
    """A temperature found by halving, for what a network says in some sense."""

    def find(Z, labels):
        right, cold, hot = np.mean(Z.argmax(axis=1) == labels), low, high
        for _ in range(times):
            T = np.sqrt(cold * hot)
            cold, hot = (T, hot) if of(softmax_rows(Z / T), labels) > right else (cold, T)
        return T

    return find


def softmax_rows(Z):
    return nn.Softmax().forward(Z)


def tried(step):
    """The best of some temperatures."""

    def find(Z, labels):
        right, all_of = np.mean(Z.argmax(axis=1) == labels), np.exp(np.arange(-3, 4, step))
        return min(all_of, key=lambda T: abs(softmax_rows(Z / T).max(axis=1).mean() - right))

    return find


def tried_evenly(step):
    """The best of temperatures that lie equally far apart."""

    def find(Z, labels):
        right, all_of = np.mean(Z.argmax(axis=1) == labels), np.arange(0.1, 20, step)
        return min(all_of, key=lambda T: abs(softmax_rows(Z / T).max(axis=1).mean() - right))

    return find


RIGHT = [
    (softmax.temperature, [halved()]),
    (softmax.temperature, [tried(0.005)]),
    (softmax.temperature, [lambda Z, labels: np.array([halved()(Z, labels)])]),
    (softmax.temperature, [tried_evenly(0.01)]),
    (softmax.first_loss, [np.log(10)]),
    (softmax.first_loss, ["2.30"]),
    (softmax.by_hand, [[1 / 8, 1 / 4, 5 / 8], np.log(4), [1 / 8, -3 / 4, 5 / 8]]),
    (softmax.by_hand, [[0.125, 0.25, 0.63], 1.39, np.array([0.13, -0.75, 0.62])]),
    (softmax.two_classes, [lambda z1, z2: sigmoid(z1 - z2)]),
    (
        softmax.two_classes,
        [lambda z1, z2: [sigmoid(a - b) for a, b in zip(z1, z2, strict=True)]],
    ),
    (softmax.two_classes, [lambda z1, z2: sigmoid(np.float32(z1 - z2))]),
    (softmax.without_looking, [blind()]),
    (softmax.without_looking, [lambda labels, k: [*blind()(labels, k)]]),
    (softmax.counts, [lambda z, y: np.exp(z) - y * z, lambda z, y: np.exp(z) - y]),
    (
        softmax.counts,
        [lambda z, y: np.exp(z) - y * z + y**2, lambda z, y: list(np.exp(z) - y)],
    ),
    (softmax.squared_error, [50.0001, *ACCURACIES, *SQUARED]),
    (softmax.squared_error, [50.04, *np.round(ACCURACIES, 3), *SQUARED]),
    (softmax.first_loss, [2.3]),
    (softmax.first_loss, [-np.log(np.float32(0.1))]),
    (
        softmax.by_hand,
        [(0.12, 0.25, 0.62), "1.386", [Fraction(1, 8), Fraction(-3, 4), Fraction(5, 8)]],
    ),
    (softmax.two_classes, [lambda z1, z2: 0.5 + 0.5 * np.tanh((z1 - z2) / 2)]),
    (softmax.two_classes, [lambda z1, z2: 1 / (1 + np.exp(z2 - z1))]),
    (softmax.two_classes, [lambda z1, z2: nn.Sigmoid().forward(z1 - z2)]),
    (
        softmax.without_looking,
        [lambda y, k: (np.array([(y == j).mean() for j in range(k)]), blind()(y, k)[1])],
    ),
    (
        softmax.counts,
        [lambda z, y: np.float32(of_counts(z, y)), lambda z, y: np.float32(np.exp(z) - y)],
    ),
    (
        softmax.without_looking,
        [blind(lambda p: p + 9e-4 * (p == p.max()), lambda p, h: h * 1.0009)],
    ),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


WRONG = [
    (softmax.temperature, [lambda Z, labels: 1], "now look for the right T"),
    (softmax.temperature, [lambda Z, labels: 1 / halved()(Z, labels)], "this is 1 / T"),
    (softmax.temperature, [lambda Z, labels: -1], "a temperature is positive"),
    (softmax.temperature, [lambda Z, labels: 0.5 * halved()(Z, labels)], "so go up"),
    (softmax.temperature, [lambda Z, labels: 1.5 * halved()(Z, labels)], "so go down"),
    (softmax.temperature, [tried(1)], "what it says falls as the temperature rises"),
    (softmax.temperature, [halved(high=10)], "so go up"),
    (softmax.temperature, [halved(low=2)], "so go down"),
    (softmax.temperature, [lambda Z, labels: Z], "the temperature is to be"),
    (
        softmax.temperature,
        [halved(lambda P, labels: P[np.arange(len(P)), labels].mean())],
        "not that of the true class",
    ),
    (softmax.first_loss, [0.1], "this is the probability"),
    (softmax.first_loss, [1], "natural"),
    (softmax.first_loss, [3.3219], "natural"),
    (softmax.first_loss, [-2.3026], "mind the minus sign"),
    (softmax.first_loss, [23.026], "only the true class's term"),
    (softmax.first_loss, [2.31], "what probability does the true class get"),
    (softmax.by_hand, [[1, 2, 5], 1.39, [0, 0, 0]], "divide each by their sum"),
    (
        softmax.by_hand,
        [[0, 0.30, 0.70], 1.39, [0, 0, 0]],
        "first take their exponentials",
    ),
    (
        softmax.by_hand,
        [[0.1, 0.3, 0.6], 1.39, [0, 0, 0]],
        "the exponentials of the scores are",
    ),
    (softmax.by_hand, [[0.125, 0.25, 0.625], -1.39, [0, 0, 0]], "before the logarithm"),
    (softmax.by_hand, [[0.125, 0.25, 0.625], 2, [0, 0, 0]], "the natural logarithm"),
    (softmax.by_hand, [[0.125, 0.25, 0.625], 0.47, [0, 0, 0]], "of the true class"),
    (
        softmax.by_hand,
        [[0.125, 0.25, 0.625], 1.39, [-0.125, 0.75, -0.625]],
        "the wrong sign",
    ),
    (
        softmax.by_hand,
        [[0.125, 0.25, 0.625], 1.39, [0.125, 0.25, 0.625]],
        "the target is 1",
    ),
    (
        softmax.by_hand,
        [[0.125, 0.25, 0.625], 1.39, [0, -4, 0]],
        "with respect to the prob",
    ),
    (
        softmax.by_hand,
        [[0.125, 0.25, 0.625], 1.39, [0, 0, 0]],
        "prediction minus target, one for each",
    ),
    (softmax.by_hand, [[0.125, 0.25, 0.625], 1.39, [..., 0, 0]], "in place of"),
    (softmax.without_looking, [lambda labels, k: 1], "is to return two things"),
    (softmax.without_looking, [blind(lambda p: 0 * p + 1 / len(p))], "before training"),
    (
        softmax.without_looking,
        [lambda y, k: (np.bincount(y, minlength=k), 1)],
        "are counts",
    ),
    (softmax.without_looking, [blind(lambda p: p / 2)], "these add up to 0.5"),
    (
        softmax.without_looking,
        [blind(lambda p: p[::-1])],
        "prediction minus target zero?",
    ),
    (softmax.without_looking, [blind(loss=with_nothing_times_nothing)], "0 log 0"),
    (
        softmax.without_looking,
        [blind(loss=lambda p, h: h / np.log(2))],
        "the natural logarithm",
    ),
    (softmax.without_looking, [blind(loss=lambda p, h: h * 200)], "this is the sum"),
    (softmax.without_looking, [blind(loss=lambda p, h: -h)], "mind the minus sign"),
    (softmax.without_looking, [blind(loss=lambda p, h: 1)], "each label's class"),
    (softmax.counts, [lambda z, y: y * z - np.exp(z), of_counts], "the log-likelihood"),
    (softmax.counts, [lambda z, y: (1 - y) * np.exp(z), of_counts], "and log ŷ is z"),
    (softmax.counts, [lambda z, y: z - y, of_counts], "put e^z in the place of ŷ"),
    (softmax.counts, [of_counts, lambda z, y: y - np.exp(z)], "has the wrong sign"),
    (
        softmax.counts,
        [of_counts, lambda z, y: 1 - y / np.exp(z)],
        "the derivative by the mean",
    ),
    (softmax.counts, [of_counts, of_counts], "what is the derivative of e^z - y z"),
    (softmax.two_classes, [lambda z1, z2: sigmoid(z2 - z1)], "of the second class"),
    (softmax.two_classes, [lambda z1, z2: sigmoid(z1)], "this is σ(z₁)"),
    (softmax.two_classes, [lambda z1, z2: sigmoid(z2)], "this is σ(z₂)"),
    (softmax.two_classes, [lambda z1, z2: sigmoid(z1 + z2)], "this is σ(z₁ + z₂)"),
    (softmax.two_classes, [lambda z1, z2: z1 - z2], "between zero and one"),
    (
        softmax.two_classes,
        [lambda z1, z2: sigmoid(1.01 * (z1 - z2))],
        "divide the numerator",
    ),
    (
        softmax.two_classes,
        [lambda z1, z2: sigmoid(np.c_[z1, z2])],
        "ŷ₁ is to be of shape",
    ),
    (softmax.squared_error, [0.02, 0.90, 0.93, *SQUARED], "the other way round"),
    (
        softmax.squared_error,
        [10, 0.90, 0.93, *SQUARED],
        "the derivative of the mean of ten squares",
    ),
    (
        softmax.squared_error,
        [5, 0.90, 0.93, *SQUARED],
        "the derivative of softmax brings more",
    ),
    (softmax.squared_error, [100, 0.90, 0.93, *SQUARED], "a factor of two"),
    (softmax.squared_error, [49.9, 0.90, 0.93, *SQUARED], "the same fresh model"),
    (softmax.squared_error, [50, 90, 93, *SQUARED], "a share from 0 to 1"),
    (
        softmax.squared_error,
        [50, ACCURACIES[0], 0.93, *SQUARED],
        "0.93 isn't the accuracy",
    ),
    (
        softmax.squared_error,
        [50, ACCURACIES[0] + 0.001, ACCURACIES[1], *SQUARED],
        "isn't the acc",
    ),
    (
        softmax.squared_error,
        [50, 0.90, 0.93, [0.90, 0.93], X, Y],
        "hand in the runs too",
    ),
    (
        softmax.squared_error,
        [50, *ACCURACIES, squared_runs(epochs=5), X, Y],
        "20 epochs, and one",
    ),
    (
        softmax.squared_error,
        [50, *ACCURACIES, squared_runs((10, 0.1)), X, Y],
        "hand in first that",
    ),
    (
        softmax.squared_error,
        [50, *ACCURACIES, squared_runs((0.1, 1)), X, Y],
        "has 1; hand in",
    ),
    (
        softmax.squared_error,
        [50, *ACCURACIES, squared_runs(loss="categorical_crossentropy"), X, Y],
        "has another loss",
    ),
    (softmax.squared_error, [50, *ACCURACIES[::-1], *SQUARED], "have changed places"),
    (
        softmax.squared_error,
        [50, 0.90, ..., *SQUARED],
        "put your answer in place of",
    ),
    (softmax.first_loss, [2.309], "what probability does the true class get"),
    (softmax.first_loss, [0.9], "what probability does the true class get"),
    (
        softmax.by_hand,
        [[0.1, 0.2, 0.6], 1.39, [0, 0, 0]],
        "the exponentials of the scores are",
    ),
    (
        softmax.by_hand,
        [[1 / 8, 1 / 4, 5 / 8], 1.4, [0, 0, 0]],
        "the true class's probability",
    ),
    (
        softmax.by_hand,
        [[1 / 8, 1 / 4, 5 / 8], 1.39, [0.125, -0.756, 0.625]],
        "of the three classes",
    ),
    (
        softmax.by_hand,
        [[5 / 8, 1 / 4, 1 / 8], 1.39, [0, 0, 0]],
        "the exponentials of the scores are",
    ),
    (softmax.two_classes, [softmax_of], "without softmax"),
    (
        softmax.two_classes,
        [lambda z1, z2: special.softmax(np.array([z1, z2]), axis=0)[0]],
        "without s",
    ),
    (
        softmax.two_classes,
        [lambda z1, z2: np.exp(z1) / (np.exp(z1) + np.exp(z2))],
        "too large for",
    ),
    (
        softmax.two_classes,
        [lambda z1, z2: 1 / (1 + np.exp(z2) / np.exp(z1))],
        "too large for",
    ),
    (
        softmax.two_classes,
        [lambda z1, z2: np.exp(z1 - z2) / (1 + np.exp(z1 - z2))],
        "too large for",
    ),
    (softmax.two_classes, [lambda z1, z2: sigmoid((z1 - z2) / 2)], "divide the numerator"),
    (softmax.two_classes, [lambda z1, z2: (z1 > z2).astype(float)], "divide the numerator"),
    (
        softmax.without_looking,
        [lambda y, k: blind()(y, y.max() + 1)],
        "to be of shape (6,)",
    ),
    (
        softmax.without_looking,
        [lambda y, k: (compact(y, k), blind()(y, k)[1])],
        "prediction minus target",
    ),
    (softmax.without_looking, [blind(lambda p: p + 0.0011)], "these add up to"),
    (
        softmax.without_looking,
        [blind(loss=lambda p, h: h * 1.0011)],
        "each label's class",
    ),
    (
        softmax.without_looking,
        [blind(loss=lambda p, h: -np.log(p.max()))],
        "each label's class",
    ),
    (
        softmax.counts,
        [of_counts, lambda z, y: (np.exp(z) - y) / len(z)],
        "each has its own loss",
    ),
    (
        softmax.counts,
        [of_counts, lambda z, y: np.mean(np.exp(z) - y)],
        "derivative of each loss is to be",
    ),
    (
        softmax.counts,
        [lambda z, y: np.mean(of_counts(z, y)), of_counts],
        "loss of each example is to be",
    ),
    (
        softmax.counts,
        [lambda z, y: (np.exp(z) - y) ** 2 / 2, of_counts],
        "put e^z in the place of ŷ",
    ),
    (softmax.squared_error, [50.06, *ACCURACIES, *SQUARED], "the same fresh model"),
]


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint


def scaled(function, by, part=None):
    """The function, with one of the things that it returns, or all it returns, larger by a factor."""

    return lambda *arguments: larger(function(*arguments), by, part)


def larger(given, by, part):
    if part is None:
        return np.multiply(given, 1 + by)
    return [np.multiply(g, 1 + by) if i == part else g for i, g in enumerate(given)]


# What a reader's function computes is to be right but for rounding: the check, the attempt, and where
# the function stands in it; how many things it returns.
COMPUTED = [
    (activations.tanh_from_sigmoid, [lambda s, z: 2 * s(2 * z) - 1], 0, 1),
    (activations.swish, [swish, swish_slope], 0, 1),
    (activations.swish, [swish, swish_slope], 1, 1),
    (weights_and_bias.unscaled, [lambda w, b, mu, s: (w / s, b - w / s @ mu)], 0, 2),
    (weights_and_bias.dz_of_squares, [lambda p, y: 2 * (p - y) * p * (1 - p) / len(y)], 0, 1),
    (
        weights_and_bias.corrected_bias,
        [lambda b, p, q: b + special.logit(q) - special.logit(p)],
        0,
        1,
    ),
    (softmax.two_classes, [lambda z1, z2: sigmoid(z1 - z2)], 0, 1),
    (softmax.counts, [of_counts, lambda z, y: np.exp(z) - y], 0, 1),
    (softmax.counts, [of_counts, lambda z, y: np.exp(z) - y], 1, 1),
    (backpropagation.skip_backward, [skip_backward], 0, 3),
    (features.shuffled, [lambda W, order: W[order]], 0, 1),
]


@pytest.mark.parametrize(("check", "attempt", "place", "things"), COMPUTED)
def test_what_is_computed_may_differ_by_rounding_only(check, attempt, place, things):
    for part in [None] if things == 1 else range(things):
        for by, passes in ((5e-6, True), (2e-5, False)):
            changed = list(attempt)
            changed[place] = scaled(attempt[place], by, part)
            assert check(*changed).passed == passes, f"part {part}, larger by {by:g}"


def test_which_is_better_on_a_stand_in_is_not_judged():
    class StandIn:
        is_stand_in = True

    found = [handed_in.accuracy(run.model, X, WORSE) for run in SQUARED[0]]
    assert (
        "with 10 it's to be higher" in softmax.squared_error(50, *found, SQUARED[0], X, WORSE).hint
    )
    assert softmax.squared_error(50, *found, SQUARED[0], X, WORSE, needs=StandIn).passed
    assert not softmax.squared_error(50, 0.5, 0.5, SQUARED[0], X, WORSE, needs=StandIn).passed


def test_an_accuracy_may_be_nothing_or_all():
    runs, (slow, fast) = SQUARED[0], (run.model.predict(X).argmax(axis=1) for run in SQUARED[0])
    for labels, place, share in (((slow + 1) % 4, 0, 0), (fast, 1, 1)):
        found = [handed_in.accuracy(run.model, X, labels) for run in runs]
        assert found[place] == share
        assert softmax.squared_error(50, *found, runs, X, labels).passed


def all_checks():
    """Every check, by its name."""
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(exercises.__path__, f"{exercises.__name__}.")
        if not found.ispkg and found.name != checking.__name__
    ]
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if callable(value) and value.__module__ == module.__name__ and name[0] != "_"
    }


def test_every_check_belongs_to_an_exercise():
    book = Path(__file__).parents[2] / "book"
    named = re.findall(r"^:check: (.*)$", "".join(p.read_text() for p in book.rglob("*.md")), re.M)
    assert sorted(named) == sorted(all_checks())


def modules():
    """The tests of every chapter's checks."""
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("test_*.py")):
        name = ".".join(path.relative_to(folder).with_suffix("").parts)
        yield importlib.import_module(f"tests.exercises.{name}")


def test_a_function_that_takes_one_of_its_arguments_for_zero_is_wrong():
    """Such as a way back that forgets the bias: what a check hands in is to make a difference."""
    tried = 0
    for check, answer in (pair for module in modules() for pair in getattr(module, "RIGHT", ())):
        for place, argument in itertools.product(range(len(answer)), range(6)):
            if not inspect.isfunction(answer[place]):
                continue
            zeroed = []

            def forgetful(*given, function=answer[place], argument=argument, zeroed=zeroed):
                if len(given) > argument and isinstance(given[argument], np.ndarray | float):
                    zeroed.append(argument)
                    given = [0 * g if n == argument else g for n, g in enumerate(given)]
                return function(*given)

            changed = [forgetful if n == place else part for n, part in enumerate(answer)]
            passed = check(*changed).passed
            assert not (zeroed and passed), f"{check.__name__}, argument {argument}"
            tried += bool(zeroed)
    assert tried > 100


def spoiled(function, given):
    """What a function returns, which then uses what it was given for something else."""
    found = copy.deepcopy(function(*given))
    for argument in given:
        if isinstance(argument, np.ndarray):
            argument[...] = 7
        elif isinstance(argument, list):
            argument.clear()
    return found


def test_a_function_may_change_what_it_is_given():
    """Such as in ``dA *= 1 - A**2``: neither this check nor one after it takes that for the truth."""
    refuse_it = {"friends_gaps"}  # to change its rows is one of the friend's mistakes
    tried = 0
    for check, answer in (pair for module in modules() for pair in getattr(module, "RIGHT", ())):
        if check.__name__ in refuse_it:
            continue
        changed = [
            (lambda *given, function=part: spoiled(function, given))
            if inspect.isfunction(part)
            else part
            for part in answer
        ]
        if any(map(inspect.isfunction, answer)):
            assert check(*changed).hint is None, check.__name__
            assert check(*answer).hint is None, f"{check.__name__}, a second time"
            tried += 1
    assert tried > 50


def test_every_check_is_tried_with_right_and_with_wrong_answers():
    right, wrong = Counter(), Counter()
    for module in modules():
        right.update(check for check, *_ in getattr(module, "RIGHT", ()))
        wrong.update(check for check, *_ in getattr(module, "WRONG", ()))
    for name, check in all_checks().items():
        assert right[check] >= 2, f"{name} has {right[check]} right answers"
        assert wrong[check] >= 6, f"{name} has {wrong[check]} wrong answers"
