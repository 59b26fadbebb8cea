"""The checks of the chapter on automatic differentiation: right answers pass, mistakes get hints."""

import math

import numpy as np
import pytest

from groundup.exercises.training import automatic_differentiation as checks
from groundup.tape import Value


def counted(n):
    """Routes through a grid, by the tape."""
    start = Value(1.0)
    town = {(0, 0): start}
    for row in range(n + 1):
        for column in range(n + 1):
            ways = [town[p] for p in ((row - 1, column), (row, column - 1)) if p in town]
            if ways:
                town[row, column] = sum(ways[1:], ways[0]) + 0
    town[n, n].backward()
    middle = town[n // 2, n // 2]
    return town[n, n].data, middle.data * middle.gradient


def by_formula(total=lambda n: math.comb(2 * n, n), middle=lambda n: math.comb(n, n // 2) ** 2):
    return lambda n: (total(n), middle(n))


def rule(slope, y=lambda x: np.logaddexp(0, x)):
    """Softplus with a slope, a function of x and y."""

    def operation(x):
        found = y(x.data)
        return Value(found, (x, lambda g: g * slope(x.data, found)))

    return operation


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def without_gradient(x):
    return Value(np.logaddexp(0, x.data), (x, lambda g: sigmoid(x.data)))


PRODUCTS = np.array([784 * 128, 128 * 10])
EVERYTHING = 3 * PRODUCTS.sum()
RATIOS = EVERYTHING / (EVERYTHING - PRODUCTS)
BACK = 2 * PRODUCTS.sum() / (2 * PRODUCTS.sum() - PRODUCTS)


def trained(new_w=None, new_u=None, steps=lambda n: n):
    """Gradient descent on the tape, where a step is made in some way of a value."""

    def step(value):
        return Value(value.data - 0.1 * value.gradient)

    def descend(formula, n):
        w, u = Value(1.2), Value(2.0)
        for _ in range(steps(n)):
            formula(w, u).backward()
            w, u = (new_w or step)(w), (new_u or new_w or step)(u)
        return w, u

    return descend


def in_place(formula, steps):
    values = Value(1.2), Value(2.0)
    for _ in range(steps):
        formula(*values).backward()
        for value in values:
            value.data = value.data - 0.1 * value.gradient
    return [*values]


RIGHT = [
    (checks.routes, [counted]),
    (checks.routes, [by_formula()]),
    (checks.routes, [lambda n: [float(x) for x in by_formula()(n)]]),
    (checks.softplus, [rule(lambda x, y: 1 - np.exp(-y))]),
    (checks.softplus, [rule(lambda x, y: sigmoid(x))]),
    (checks.softplus, [rule(lambda x, y: -np.expm1(-y), lambda x: np.log1p(np.exp(x)))]),
    (checks.unasked, [1.49, 1.00]),
    (checks.unasked, RATIOS.tolist()),
    (checks.unasked, ["1.491", np.float32(1.004)]),
    (checks.descend, [trained()]),
    (checks.descend, [in_place]),
    (checks.descend, [trained(lambda v: Value(v.data + v.gradient * -0.1))]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


def test_routes_by_walking_them():
    def walked(east, south, n, over):
        here = over or (east, south) == (n // 2, n // 2)
        if (east, south) == (n, n):
            return np.array([1, here])
        return sum(
            walked(*to, n, here) for to in ((east + 1, south), (east, south + 1)) if max(to) <= n
        )

    for n in (2, 4, 6):
        assert tuple(walked(0, 0, n, over=False)) == by_formula()(n)


WRONG = [
    (checks.routes, [lambda n: by_formula()(n)[::-1]], "but swapped"),
    (checks.routes, [lambda n: math.comb(2 * n, n)], "is to return two things"),
    (checks.routes, [by_formula(lambda n: math.comb(2 * n - 2, n - 1))], "3 by 3 crossings"),
    (checks.routes, [by_formula(lambda n: 4**n)], "that leave the town"),
    (checks.routes, [by_formula(lambda n: n * n)], "isn't 4; a crossing is the sum"),
    (checks.routes, [by_formula(middle=lambda n: math.comb(n, n // 2))], "ways lead to the middle"),
    (checks.routes, [by_formula(middle=lambda n: 2 * math.comb(n, n // 2))], "so multiply"),
    (checks.routes, [by_formula(middle=lambda n: math.comb(2 * n, n) / 2)], "what does a crossing"),
    (checks.routes, [lambda n: (..., ...)], "in place of the"),
    (checks.softplus, [lambda x: np.logaddexp(0, x.data)], "is to return a Value"),
    (checks.softplus, [lambda x: Value(np.logaddexp(0, x.data))], "remembers nothing of x"),
    (checks.softplus, [lambda x: (x.exp() + 1).log()], "made of several operations"),
    (checks.softplus, [rule(lambda x, y: 1.0)], "g comes back as it went in"),
    (checks.softplus, [without_gradient], "this is the slope alone"),
    (checks.softplus, [rule(lambda x, y: np.exp(-y))], "one minus the derivative"),
    (checks.softplus, [rule(lambda x, y: np.exp(-y) - 1)], "except for the sign"),
    (checks.softplus, [rule(lambda x, y: sigmoid(y))], "this is of y"),
    (checks.softplus, [rule(lambda x, y: np.exp(y))], "the derivative of e^y"),
    (checks.softplus, [rule(lambda x, y: y)], "with 1 + e^x = e^y"),
    (checks.softplus, [rule(lambda x, y: sigmoid(x), np.exp)], "y isn't log(1 + e^x)"),
    (checks.softplus, [rule(lambda x, y: ...)], "in place of the"),
    (checks.unasked, [1.00, 1.49], "but swapped"),
    (checks.unasked, (1 / RATIOS).tolist(), "divide the other way"),
    (checks.unasked, BACK.tolist(), "the ways back alone"),
    (checks.unasked, [1.5, 1.5], "as if there were only the first layer"),
    (checks.unasked, [1.49, 1.49], "in the turned network"),
    (checks.unasked, [1.47, 1.00], "by hand the first layer's dA"),
    (checks.unasked, [2, 1], "by hand the first layer's dA"),
    (checks.unasked, [1.49, None], "ratio_turned is None"),
    (checks.descend, [trained(lambda v: v - 0.1 * v.gradient)], "w and u still remember"),
    (checks.descend, [trained(None, lambda v: v - 0.1 * v.gradient)], "w and u still remember"),
    (checks.descend, [trained(lambda v: v.data - 0.1 * v.gradient)], "has become a plain float64"),
    (checks.descend, [trained(lambda v: Value(v.data + 0.1 * v.gradient))], "the steps go up"),
    (checks.descend, [trained(lambda v: Value(v.data - v.gradient))], "lost their rate"),
    (checks.descend, [trained(None, lambda v: v)], "u stays where it was"),
    (checks.descend, [trained(lambda v: v, lambda v: Value(v.data - 0.1 * v.gradient))], "w stays"),
    (checks.descend, [trained(lambda v: Value(-0.1 * v.gradient))], "where they went before"),
    (checks.descend, [trained(steps=lambda n: n - 1)], "is to be called 6 times, not 5"),
    (checks.descend, [lambda formula, steps: None], "two things"),
]


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint
