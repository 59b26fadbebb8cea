"""Every check: right answers pass, and each likely mistake gets the hint that is meant for it."""

import importlib
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest

from groundup import exercises, nn
from groundup.exercises import digits, neuron, softmax

RIGHT_EDGE = np.array([[-1.0, 0, 1]] * 3)
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


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


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def mirrored(maps):
    return -maps[:, :, ::-1]


def maps_of(pictures):
    """Feature maps by the engine's convolution with four random filters, after ReLU."""
    model = nn.Sequential([nn.Input((28, 28, 1)), nn.Conv2D(4, 3, activation="relu")])
    model.set_weights([np.random.default_rng(1).normal(size=(3, 3, 1, 4)), np.zeros(4)])
    return model.predict(pictures.astype("float32"))


def pooled(maps):
    return maps.reshape(-1, 13, 2, 13, 2, 4).max(axis=(2, 4))


def change(before, after):
    return np.abs(before - after).mean() / before.mean()


PICTURES = np.random.default_rng(0).uniform(size=(9, 28, 28, 1))
BEFORE = maps_of(PICTURES)
AFTER, DOWN = (maps_of(np.roll(PICTURES, 1, axis=axis)) for axis in (2, 1))
LEFT = maps_of(np.roll(PICTURES, -1, axis=2))
CHANGES = change(BEFORE, AFTER), change(pooled(BEFORE), pooled(AFTER))


@pytest.mark.parametrize(
    ("check", "attempt"),
    [
        (neuron.one_step, [0.5]),
        (neuron.one_step, [np.array([1 / 2], "float32")]),
        (neuron.fahrenheit_to_celsius, [1 / 1.8, -32 / 1.8]),
        (neuron.fahrenheit_to_celsius, [0.5556, [-17.778]]),
        (neuron.lowest_point, [line]),
        (neuron.lowest_point, [slope(lambda x, y: np.cov(x, y, ddof=0)[0, 1] / np.var(x))]),
        (neuron.lowest_point, [lambda x, y: np.array(line(x, y))[:, None].T[0]]),
        (softmax.first_loss, [np.log(10)]),
        (softmax.first_loss, ["2.30"]),
        (softmax.two_classes, [lambda z1, z2: sigmoid(z1 - z2)]),
        (softmax.two_classes, [lambda z1, z2: list(np.exp(z1) / (np.exp(z1) + np.exp(z2)))]),
        (softmax.two_classes, [lambda z1, z2: sigmoid(np.float32(z1 - z2))]),
        (softmax.squared_error, [50.0001, 0.90, 0.93]),
        (digits.dense_parameters, [16_981_120, 53_066]),
        (digits.dense_parameters, [785 * 26 * 26 * 32.0, 785 * 26 * 26 * 32 / 320]),
        (digits.right_edge, [RIGHT_EDGE, mirrored]),
        (digits.right_edge, [RIGHT_EDGE[:, :, None, None], mirrored]),
        (digits.right_edge, [SOBEL.tolist(), lambda maps: -np.flip(maps, axis=2)]),
        (digits.pooling, [BEFORE, AFTER, *CHANGES]),
    ],
)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


@pytest.mark.parametrize(
    ("check", "attempt", "hint"),
    [
        (neuron.one_step, [1], "this is the limit"),
        (neuron.one_step, [2], "this is the curvature"),
        (neuron.one_step, [-0.5], "a learning rate is positive"),
        (neuron.one_step, [0.3], "multiplies the distance by 1 - 2η = 0.4"),
        (neuron.one_step, [0.49], "multiplies the distance by 1 - 2η = 0.02"),
        (neuron.fahrenheit_to_celsius, [1.8, 32], "turns Celsius into Fahrenheit"),
        (neuron.fahrenheit_to_celsius, [40, 30], "the weight for scaled inputs?"),
        (neuron.fahrenheit_to_celsius, [0.54, -17], "isn't 0.54 degrees Celsius more"),
        (neuron.fahrenheit_to_celsius, [1 / 1.8, -32], "so 32 is divided by 1.8 too"),
        (neuron.fahrenheit_to_celsius, [1 / 1.8, 17.7778], "but for its sign"),
        (neuron.fahrenheit_to_celsius, [1 / 1.8, -17.6], "with this bias 0.18 °C"),
        (neuron.fahrenheit_to_celsius, [1 / 1.8, None], "the bias is None"),
        (neuron.lowest_point, [lambda x, y: line(x, y)[:2]], "of shape (3,), and this is of"),
        (neuron.lowest_point, [lambda x, y: (1.8, 32, 25)], "this is the rule without noise"),
        (neuron.lowest_point, [slope(lambda x, y: (x * y).mean() / (x * x).mean())], "the origin"),
        (neuron.lowest_point, [slope(lambda x, y: np.cov(x, y)[0, 1] / np.var(x))], "np.cov"),
        (neuron.lowest_point, [changed(b=lambda x, y: y.mean())], "b is the mean of y only"),
        (neuron.lowest_point, [changed(b=lambda x, y: 32)], "now the derivative for b"),
        (neuron.lowest_point, [changed(w=lambda x, y: 1.7)], "the loss can be as low as"),
        (neuron.lowest_point, [changed(loss=lambda x, y: 50 * line(x, y)[2])], "their sum"),
        (neuron.lowest_point, [changed(loss=lambda x, y: line(x, y)[2] ** 0.5)], "square root"),
        (neuron.lowest_point, [changed(loss=lambda x, y: 25)], "the loss there isn't 25"),
        (softmax.first_loss, [0.1], "this is the probability"),
        (softmax.first_loss, [1], "natural"),
        (softmax.first_loss, [3.3219], "natural"),
        (softmax.first_loss, [-2.3026], "mind the minus sign"),
        (softmax.first_loss, [23.026], "only the true class's term"),
        (softmax.first_loss, [2.31], "what probability does the true class get"),
        (softmax.two_classes, [lambda z1, z2: sigmoid(z2 - z1)], "of the second class"),
        (softmax.two_classes, [lambda z1, z2: sigmoid(z1)], "this is σ(z₁)"),
        (softmax.two_classes, [lambda z1, z2: sigmoid(z2)], "this is σ(z₂)"),
        (softmax.two_classes, [lambda z1, z2: sigmoid(z1 + z2)], "this is σ(z₁ + z₂)"),
        (softmax.two_classes, [lambda z1, z2: z1 - z2], "between zero and one"),
        (softmax.two_classes, [lambda z1, z2: sigmoid(1.01 * (z1 - z2))], "divide numerator"),
        (softmax.two_classes, [lambda z1, z2: sigmoid(np.c_[z1, z2])], "ŷ₁ is to be of shape"),
        (softmax.squared_error, [0.02, 0.90, 0.93], "the other way round"),
        (softmax.squared_error, [10, 0.90, 0.93], "the derivative of the mean of ten squares"),
        (softmax.squared_error, [5, 0.90, 0.93], "the derivative of softmax brings more"),
        (softmax.squared_error, [100, 0.90, 0.93], "a factor of two"),
        (softmax.squared_error, [49.9, 0.90, 0.93], "the same fresh model"),
        (softmax.squared_error, [50, 90, 93], "a share from 0 to 1"),
        (softmax.squared_error, [50, 0.90, 0.1], "too low"),
        (softmax.squared_error, [50, 0.93, 0.90], "have they changed places"),
        (softmax.squared_error, [50, 0.90, ...], "put your answer in the place of"),
        (digits.dense_parameters, [784 * 21632, 53066], "each output has a bias too"),
        (digits.dense_parameters, [785 * 28 * 28 * 32, 1], "a feature map's side isn't 28"),
        (digits.dense_parameters, [785 * 676, 1], "this is one feature map"),
        (digits.dense_parameters, [320, 1], "this is the convolution"),
        (digits.dense_parameters, [16_981_121, 53066], "how many numbers come out"),
        (digits.dense_parameters, [16_981_120, 16_981_120 / 288], "a bias for each filter"),
        (digits.dense_parameters, [16_981_120, 1 / 53066], "the other way round"),
        (digits.dense_parameters, [16_981_120, 53067], "divide it by the parameters"),
        (digits.right_edge, [RIGHT_EDGE.T, mirrored], "exchange its rows and columns"),
        (digits.right_edge, [-RIGHT_EDGE, mirrored], "turn all its signs"),
        (digits.right_edge, [np.ones((3, 3)), mirrored], "plain ink"),
        (digits.right_edge, [[[0, -1, 1]] * 3, mirrored], "the negative of its own mirror image"),
        (digits.right_edge, [np.zeros((3, 3)), mirrored], "gives zero for an edge"),
        (digits.right_edge, [[-1, 0, 1], mirrored], "three by three weights"),
        (digits.right_edge, [RIGHT_EDGE, lambda a: a[:, :, ::-1]], "it's now on its left"),
        (digits.right_edge, [RIGHT_EDGE, lambda a: -a], "and their places too"),
        (digits.right_edge, [RIGHT_EDGE, lambda a: -a[:, ::-1]], "upside down"),
        (digits.right_edge, [RIGHT_EDGE, lambda a: a], "where does each number go"),
        (digits.right_edge, [RIGHT_EDGE, lambda a: print()], "is None"),
        (digits.right_edge, [RIGHT_EDGE, lambda a: a @ RIGHT_EDGE], "raised ValueError"),
        (digits.pooling, [BEFORE, AFTER, *CHANGES[::-1]], "they have changed places"),
        (digits.pooling, [BEFORE - 1, AFTER, *CHANGES], "through ReLU first"),
        (digits.pooling, [BEFORE[0], AFTER[0], *CHANGES], "four axes"),
        (digits.pooling, [BEFORE, BEFORE, 0, 0], "the two are the same"),
        (digits.pooling, [BEFORE, LEFT, *CHANGES], "shifted to the left"),
        (digits.pooling, [BEFORE, DOWN, *CHANGES], "shifted down or up"),
        (digits.pooling, [BEFORE, BEFORE[::-1], *CHANGES], "aren't the maps of the same pictures"),
        (digits.pooling, [BEFORE, AFTER[:5], *CHANGES], "the second of the feature maps is to be"),
        (
            digits.pooling,
            [BEFORE, AFTER, CHANGES[0] * BEFORE.mean(), CHANGES[1]],
            "the feature maps' change isn't",
        ),
        (
            digits.pooling,
            [BEFORE, AFTER, CHANGES[0], CHANGES[1] * pooled(BEFORE).mean()],
            "divide it by the mean of the maps before the shift",
        ),
        (digits.pooling, [BEFORE, AFTER, CHANGES[0], 1], "is it np.abs(before - after).mean()"),
        (
            digits.pooling,
            [BEFORE, AFTER, (BEFORE - AFTER).mean() / BEFORE.mean(), CHANGES[1]],
            "what comes and what goes cancel",
        ),
    ],
)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint


def test_accuracies_on_a_stand_in_are_not_judged():
    class StandIn:
        is_stand_in = True

    assert softmax.squared_error(50, 0.75, 0.1, needs=StandIn).passed
    assert not softmax.squared_error(50, 75, 0.1, needs=StandIn).passed


def test_the_mirrored_answer_is_mirrored_and_changes_its_sign():
    """What ``right_edge`` holds for true, by the engine's convolution."""
    model = nn.Sequential([nn.Input((28, 28, 1)), nn.Conv2D(1, 3)])
    model.set_weights([RIGHT_EDGE[:, :, None, None], np.zeros(1)])
    answers = [model.predict(p.astype("float32")) for p in (PICTURES, PICTURES[:, :, ::-1])]
    np.testing.assert_allclose(answers[1], mirrored(answers[0]), atol=1e-5)


def test_every_check_belongs_to_an_exercise():
    book = Path(__file__).parents[2] / "book"
    named = re.findall(r"^:check: (.*)$", "".join(p.read_text() for p in book.rglob("*.md")), re.M)
    modules = [
        importlib.import_module(f"groundup.exercises.{found.name}")
        for found in pkgutil.iter_modules(exercises.__path__)
        if found.name != "checking"
    ]
    checks = [
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in modules
        for name, value in vars(module).items()
        if callable(value) and value.__module__ == module.__name__ and name[0] != "_"
    ]
    assert sorted(named) == sorted(checks)
