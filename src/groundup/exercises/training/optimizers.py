"""Exercises of the chapter on optimizers."""

import numpy as np

from groundup import nn
from groundup.exercises.checking import Hint, alike, check, numbers, parts, rounded


@check
def window(best_momentum) -> None:
    """A function of the smallest and the largest curvature that returns the best momentum and rate,
    by :eq:`momentum-window`, where the ways of :eq:`heavy-ball` shrink alike."""
    for flat, steep in ((1.19, 6132.0), (0.5, 8.0), (3.0, 12.0)):
        k = np.sqrt(steep / flat)
        truth = ((k - 1) / (k + 1)) ** 2
        rate_true = (2 / (np.sqrt(steep) + np.sqrt(flat))) ** 2
        given = parts(best_momentum(flat, steep), ("beta", "rate"))
        beta, rate = (
            numbers(part, called=name) for part, name in zip(given, ("beta", "rate"), strict=True)
        )
        where = f"for curvatures from {flat:g} to {steep:g} "
        if alike(beta, truth) and alike(rate, rate_true):
            continue
        if not alike(beta, truth):
            raise Hint(where + _of_beta(beta, truth, steep / flat))
        if alike(rate, np.sqrt(rate_true)):
            raise Hint(f"{where}beta is right, and this is the root of the rate")
        if alike(rate, 2 * (1 + truth) / steep):
            raise Hint(
                f"{where}beta is right; this rate is where momentum stops to converge, and the "
                "flattest direction is faster at the window's lower end"
            )
        raise Hint(
            f"{where}beta is right; at the window's lower end the rate times {flat:g} is "
            f"{(1 - np.sqrt(truth)) ** 2:.4g}, and here it's {rate * flat:.4g}"
        )


def _of_beta(beta, truth, ratio) -> str:
    """What to think of next where the momentum is wrong."""
    if alike(beta, np.sqrt(truth)):
        return "this is the root of beta"
    if alike(beta, ((ratio - 1) / (ratio + 1)) ** 2):
        return "take the roots: the window's ends are squares"
    if not 0 <= beta < 1:
        return f"beta should be from 0 to below 1, and is {beta:.4g}"
    low, high = (1 - np.sqrt(beta)) ** 2, (1 + np.sqrt(beta)) ** 2
    if high < ratio * low:
        return (
            f"the window of beta = {beta:.4g} is too narrow: its upper end is {high / low:.4g} times "
            f"its lower one, and it has to be {ratio:.4g} times"
        )
    return (
        f"beta should be {truth:.4g} and is {beta:.4g}; a smaller one has a window that is wide "
        "enough, and shrinks faster"
    )


@check
def first_steps(first, second) -> None:
    """Adam's first two steps, in units of the rate, for gradients of 10 and then 0.1.

    Args:
        first: the length of the first.
        second: that of the second, to two decimal places.
    """
    found = numbers(first, called="the first step"), numbers(second, called="the second step")
    u, v = 0.9 * 0.1 * 10 + 0.1 * 0.1, 0.999 * 0.001 * 100 + 0.001 * 0.01
    truth = (u / (1 - 0.9**2)) / np.sqrt(v / (1 - 0.999**2))
    if not rounded(found[0], 1, to=0.01):
        if rounded(found[0], 0.1 / np.sqrt(0.001), to=0.01):
            raise Hint("the first step is as it would be without the correction")
        raise Hint("after one step, what are both averages once they are divided by 1 - β?")
    if rounded(found[1], truth, to=0.01):
        return
    for value, hint in (
        (u / np.sqrt(v), "the second step is as it would be without the correction"),
        (
            (u / 0.1) / np.sqrt(v / 0.001),
            "the second step is corrected as the first one was; t is 2",
        ),
        (u / (1 - 0.9**2) / np.sqrt(v), "the second step has the average of squares uncorrected"),
        (
            0.1 / np.sqrt(v / (1 - 0.999**2)),
            "that is the second gradient alone; u remembers the first",
        ),
    ):
        if rounded(found[1], value, to=0.01):
            raise Hint(f"the first step is right; {hint}")
    raise Hint(
        f"the first step is right; before the correction u is {u:.2f} and v {v:.5f} at the second"
    )


@check
def saddle(plain, adam) -> None:
    """Steps from the point (1, 0.000001) until the second coordinate is beyond 1 or −1, on the saddle
    (a² − b²) / 2, at the rate 0.1.

    Args:
        plain: the steps of plain descent.
        adam: those of Adam with its usual settings.
    """
    found = numbers(plain, called="the first count"), numbers(adam, called="the second count")
    truths = _leaving(nn.SGD(0.1)), _leaving(nn.Adam(0.1))
    right = [abs(n - truth) <= 1 for n, truth in zip(found, truths, strict=True)]
    if all(right):
        return
    if abs(found[0] - truths[1]) <= 1 and abs(found[1] - truths[0]) <= 1:
        raise Hint("both counts are right, but they have changed places")
    if right[0]:
        raise Hint(
            f"the count of plain descent is right; Adam's, with nn.Adam(0.1), isn't {found[1]:.0f}"
        )
    if abs(found[0] + 1 - np.log(1e6) / 0.1) < 1.5:
        raise Hint("each step multiplies b by 1.1, not by e to the power of 0.1; count them")
    if right[1]:
        raise Hint("Adam's count is right; plain descent multiplies b by 1.1 in each step")
    raise Hint("the gradient of (a² − b²) / 2 is (a, −b); count steps until |b| is above 1")


def _leaving(optimizer) -> int:
    theta, steps = np.array([1.0, 1e-6]), 0
    while abs(theta[1]) <= 1:
        optimizer.apply(theta * [1, -1], theta)
        steps += 1
    return steps


@check
def repaired(adam) -> None:
    """A function of a gradient, parameters, a number of steps and a rate that returns where Adam ends."""

    def gradient(theta):
        return np.array([40.0, 0.5]) * (theta - [1.0, -2.0])

    start, rate = np.array([3.0, 3.0]), 0.3
    truth, optimizer = start.copy(), nn.Adam(rate, epsilon=1e-8)
    shared, average = start, np.zeros(2)  # as with one array for both averages
    for t in range(1, 21):
        optimizer.apply(gradient(truth), truth)
        d = gradient(shared)
        average = 0.999 * (0.9 * average + 0.1 * d) + 0.001 * d**2
        with np.errstate(invalid="ignore"):
            root = np.sqrt(average / (1 - 0.999**t)) + 1e-8
            shared = shared - rate * average / (1 - 0.9**t) / root
    with np.errstate(invalid="ignore"):
        given = adam(gradient, start.copy(), 20, rate)
    if isinstance(given, np.ndarray) and np.allclose(given, shared, equal_nan=True):
        raise Hint("the two averages are still one and the same array")
    found = numbers(given, (2,), called="where Adam ends")
    if np.allclose(found, truth, atol=1e-4):
        return
    if np.allclose(found, start):
        raise Hint("nothing has moved; does the function return the new parameters?")
    raise Hint(
        f"after 20 steps it should be at {truth.round(3)} and is at {found.round(3)}; only the line "
        "that makes the two averages was wrong"
    )
