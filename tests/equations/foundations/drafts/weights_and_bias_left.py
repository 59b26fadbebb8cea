"""Tests of equations in a draft, book/foundations/drafts/weights-and-bias-left.md.

No chapter has these equations at present, so pytest doesn't collect them. The chapter that takes one up
takes its test along, with its typos.
"""

import numpy as np
import pytest
from tests.equations.checks import agree, formula, same
from tests.equations.evaluation import Counted
from tests.equations.foundations.test_weights_and_bias import (
    EXAMPLES,
    D,
    M,
    X,
    Y,
    bisected,
    logistic,
    sigmoid,
)

TYPOS = [
    ("bias-as-weight", "j=0", "j=1"),
    ("bias-as-weight", "x_{ij}", "x_{ji}"),
    ("bias-as-weight", "{d}", "{d-1}"),
    ("bias-of-frequency", r"\log", r"-\log"),
    ("bias-of-frequency", r"1 - \bar y", r"\bar y - 1"),
    ("bias-of-frequency", r"\frac{\bar y}{1 - \bar y}", r"\bar y"),
]


@pytest.mark.equation("bias-as-weight")
def test_a_bias_is_the_weight_of_an_input_that_is_one(book):
    _, layer = logistic()
    _, without = logistic(D + 1, use_bias=False)
    with_ones = np.hstack([np.ones((M, 1)), X])
    without.W[:, 0] = [layer.b.item(), *layer.W[:, 0]]
    same(without.forward(with_ones), layer.forward(X), "the layers with and without a bias")
    agree(
        book["bias-as-weight"],
        {
            "z": layer.forward(X)[:, 0], "d": D,
            "x": Counted(with_ones, (1, 0)), "w": Counted(without.W[:, 0], (0,)),
        },
        i=EXAMPLES,
    )  # fmt: skip


@pytest.mark.equation("bias-of-frequency")
def test_bias_without_inputs(book):
    model, layer = logistic()
    layer.W[:] = 0

    def slope_of_loss(b):
        layer.b[:] = b
        return model.gradients(X, Y)[-1]

    values = {r"\bar y": Y.mean(), "m": M, "y": Y, r"\sigma": sigmoid}
    agree(book["bias-of-frequency"], values | {"b": bisected(slope_of_loss, -10.0, 10.0)})


def test_derivation_of_the_bias_without_inputs(book):
    loss = formula(book["binary-cross-entropy"])
    b = 0.4

    def of_bias(given):
        return loss({"m": M, "y": Y, r"\hat y": np.array([sigmoid(given["b"])] * M)})

    values = {r"\bar y": Y.mean(), "m": M, "y": Y, r"\sigma": sigmoid, "b": b, "L": of_bias}
    agree(book.after("for the share of yes among the targets"), values)
