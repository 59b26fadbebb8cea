"""Tests of equations in a draft, book/foundations/drafts/deep-learning-left.md.

No chapter has these equations at present, so pytest doesn't collect them. The chapter that takes one up
takes its test along, with its typos.
"""

import numpy as np
import pytest
from numeric import double
from tests.equations.checks import agree

from groundup import nn

M, D, N, K = 4, 3, 5, 2  # all different, so that no matrix fits where another belongs
X = np.random.default_rng(0).normal(size=(M, D))

TYPOS = [
    ("first-network", "X W^{[1]}", "X W^{[2]}"),
    ("first-network", "X W^{[1]}", "W^{[1]} X"),
    ("first-network", "+ b^{[1]}", ""),
    ("first-network", "+ b^{[2]}", "- b^{[2]}"),
    ("first-network", "A W^{[2]}", "X W^{[2]}"),
    ("first-network", r"\operatorname{ReLU}", r"\operatorname{softmax}"),
    ("first-network", r"\operatorname{softmax}", r"\operatorname{ReLU}"),
    ("two-layer-parameters", "(d + 1)", "d"),
    ("two-layer-parameters", "(n + 1)", "n"),
    ("two-layer-parameters", r"(d + 1) \, n", r"(d + 1) \, k"),
    ("two-layer-parameters", "+ (n", "- (n"),
]


def network() -> nn.Sequential:
    return double(
        nn.Input((D,)), nn.Dense(N, activation="relu"), nn.Dense(K, activation="softmax"), seed=2
    )


def relu(z):
    return np.where(z > 0, z, 0.0)


def softmax(Z):
    E = np.exp(Z)
    return E / E.sum(axis=1, keepdims=True)


@pytest.mark.equation("first-network")
def test_the_first_network(book):
    model = network()
    hidden, output = model.layers
    predictions = model.predict(X)
    A = hidden.activation.forward(hidden.forward(X))
    assert 0 < np.count_nonzero(A) < A.size  # both sides of ReLU are seen
    agree(
        book["first-network"],
        {
            "X": X, "A": A, r"\hat Y": predictions,
            "W": {1: hidden.W, 2: output.W}, "b": {1: hidden.b, 2: output.b},
            r"\operatorname{ReLU}": relu, r"\operatorname{softmax}": softmax,
        },
    )  # fmt: skip


@pytest.mark.equation("two-layer-parameters")
def test_parameters_are_those_that_the_engine_has(book):
    agree(
        book["two-layer-parameters"],
        {"d": D, "n": N, "k": K},
        code=sum(array.size for array in network().get_weights()),
    )
