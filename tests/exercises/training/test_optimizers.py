"""The checks of the chapter on optimizers: right answers pass, likely mistakes get their hints."""

import numpy as np
import pytest

from groundup import nn
from groundup.exercises.training import optimizers as checks


def best(flat, steep):
    k = np.sqrt(steep / flat)
    return ((k - 1) / (k + 1)) ** 2, (2 / (np.sqrt(steep) + np.sqrt(flat))) ** 2


def other(beta=lambda right, *_: right, rate=lambda right, *_: right):
    """The best momentum and rate, but for changes."""

    def found(flat, steep):
        right = best(flat, steep)
        return beta(right[0], flat, steep), rate(right[1], flat, steep)

    return found


def from_the_window(flat, steep):
    """The smallest momentum whose window is wide enough, by halving."""
    low, high = 0.0, 1 - 1e-12
    for _ in range(200):
        beta = (low + high) / 2
        wide = (1 + np.sqrt(beta)) ** 2 >= steep / flat * (1 - np.sqrt(beta)) ** 2
        low, high = (low, beta) if wide else (beta, high)
    return beta, (1 + np.sqrt(beta)) ** 2 / steep


def engine(make):
    """Where an optimizer of the engine ends."""

    def adam(gradient, theta, steps, rate):
        optimizer = make(rate)
        for _ in range(steps):
            optimizer.apply(gradient(theta), theta)
        return theta

    return adam


def by_hand(shared=False, correct=True, moves=True):
    def adam(gradient, theta, steps, rate):
        u, v = np.zeros(2), np.zeros(2)
        v = u if shared else v
        for t in range(1, steps + 1):
            d = gradient(theta)
            u *= 0.9
            u += 0.1 * d
            v *= 0.999
            v += 0.001 * d**2
            u_hat, v_hat = (u / (1 - 0.9**t), v / (1 - 0.999**t)) if correct else (u, v)
            with np.errstate(invalid="ignore"):
                step = rate * u_hat / (np.sqrt(v_hat) + 1e-8)
            theta = theta - step if moves else theta
        return theta

    return adam


def leaves_after(optimizer):
    theta, steps = np.array([1, 1e-6]), 0
    while abs(theta[1]) <= 1:
        optimizer.apply(theta * [1, -1], theta)
        steps += 1
    return steps


PLAIN, ADAM = leaves_after(nn.SGD(0.1)), leaves_after(nn.Adam(0.1))
SECOND = (0.91 / 0.19) / np.sqrt(0.09991 / (1 - 0.999**2))

RIGHT = [
    (checks.window, [best]),
    (checks.window, [from_the_window]),
    (checks.window, [lambda flat, steep: list(map(np.float32, best(flat, steep)))]),
    (checks.first_steps, [1, SECOND]),
    (checks.first_steps, ["1.0", round(SECOND, 2)]),
    (checks.saddle, [PLAIN, ADAM]),
    (checks.saddle, [PLAIN - 1, [ADAM + 1]]),
    (checks.repaired, [by_hand()]),
    (checks.repaired, [engine(nn.Adam)]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


WRONG = [
    (checks.window, [lambda flat, steep: (..., ...)], "put your answer"),
    (checks.window, [other(beta=lambda beta, *_: np.sqrt(beta))], "the root of beta"),
    (
        checks.window,
        [other(beta=lambda beta, flat, steep: ((steep - flat) / (steep + flat)) ** 2)],
        "the window's ends are squares",
    ),
    (checks.window, [other(beta=lambda *_: 1.2)], "from 0 to below 1"),
    (checks.window, [other(beta=lambda *_: 0.9)], "is too narrow"),
    (checks.window, [other(beta=lambda *_: 0.99)], "shrinks faster"),
    (checks.window, [other(rate=lambda rate, *_: np.sqrt(rate))], "the root of the rate"),
    (
        checks.window,
        [lambda flat, steep: (best(flat, steep)[0], 2 * (1 + best(flat, steep)[0]) / steep)],
        "stops to converge",
    ),
    (checks.window, [other(rate=lambda *_: 0.1)], "at the window's lower end"),
    (checks.window, [lambda flat, steep: 0.95], "two things"),
    (checks.first_steps, [..., ...], "put your answer"),
    (checks.first_steps, [3.16, SECOND], "without the correction"),
    (checks.first_steps, [0.1, SECOND], "divided by 1 - β"),
    (checks.first_steps, [1, 0.91 / np.sqrt(0.09991)], "without the correction"),
    (checks.first_steps, [1, 9.1 / np.sqrt(99.91)], "t is 2"),
    (checks.first_steps, [1, 0.91 / 0.19 / np.sqrt(0.09991)], "squares uncorrected"),
    (checks.first_steps, [1, 0.1 / np.sqrt(0.09991 / (1 - 0.999**2))], "u remembers the first"),
    (checks.first_steps, [1, 1], "before the correction u is 0.91"),
    (checks.saddle, [..., ...], "put your answer"),
    (checks.saddle, [ADAM, PLAIN], "changed places"),
    (checks.saddle, [PLAIN, 500], "Adam's, with nn.Adam(0.1)"),
    (checks.saddle, [138, ADAM], "by 1.1, not by e"),
    (checks.saddle, [10, ADAM], "Adam's count is right"),
    (checks.saddle, [10, 500], "the gradient of"),
    (checks.repaired, [by_hand(shared=True)], "one and the same array"),
    (checks.repaired, [by_hand(moves=False)], "nothing has moved"),
    (checks.repaired, [by_hand(correct=False)], "only the line"),
    (checks.repaired, [engine(nn.RMSprop)], "only the line"),
    (checks.repaired, [lambda *_: ...], "put your answer"),
    (checks.repaired, [lambda gradient, theta, steps, rate: theta[0]], "shape"),
]


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint
