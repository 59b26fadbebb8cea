"""What the notation's symbols are: a neuron, a batch, a layer, a network, with values drawn at random.

A formula in a line that holds whatever the values are must hold in one of these worlds.
"""

import functools
import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import sympy
from tests.equations.evaluation import Counted


class World(NamedTuple):
    """Values for the symbols of a subject.

    Args:
        values: see ``evaluation.evaluate``.
        ranges: what an index runs over where nothing binds it.
    """

    values: Mapping
    ranges: Mapping[str, range]


def sigmoid(z):
    """For numbers, arrays and SymPy's symbols."""
    return 1 / (1 + math.e ** (-z))


def softmax(z):
    """Row by row."""
    return np.exp(z) / np.sum(np.exp(z), axis=-1, keepdims=True)


def _log(value):
    return sympy.log(value) if isinstance(value, sympy.Basic) else np.log(value)


FUNCTIONS = {
    r"\sigma": sigmoid,
    r"\sigma'": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    r"\operatorname{ReLU}": lambda z: np.maximum(z, 0),
    r"\operatorname{softmax}": softmax,
    r"\operatorname{erf}": np.vectorize(math.erf),
    r"\Phi": np.vectorize(lambda z: (1 + math.erf(z / 2**0.5)) / 2),
    r"\varphi": lambda z: math.e ** (-(z**2) / 2) / (2 * math.pi) ** 0.5,
}


def _neuron(draw) -> World:
    """A neuron with one input that says yes or no."""
    return World(
        FUNCTIONS | {
            "x": draw.normal(), "w": draw.normal(), "b": draw.normal(), "y": 1.0, r"\eta": 0.1,
            "z": lambda given: given["w"] * given["x"] + given["b"],
            r"\hat y": lambda given: sigmoid(given["w"] * given["x"] + given["b"]),
            "a": lambda given: sigmoid(given["w"] * given["x"] + given["b"]),
            r"\tau": lambda given: -given["b"] / given["w"],
            "L": lambda given: -_log(sigmoid(given["w"] * given["x"] + given["b"])),
        },
        {},
    )  # fmt: skip


def _line(draw) -> World:
    """A neuron with one input that gives a number, and its squared error."""
    return World(
        FUNCTIONS | {
            "x": draw.normal(), "w": draw.normal(), "b": draw.normal(), "y": draw.normal(),
            "z": lambda given: given["w"] * given["x"] + given["b"],
            r"\hat y": lambda given: given["w"] * given["x"] + given["b"],
            "L": lambda given: (given["w"] * given["x"] + given["b"] - given["y"]) ** 2,
        },
        {},
    )  # fmt: skip


def _scores(draw) -> World:
    """A score by itself, and the probability of yes."""
    z = draw.normal()
    return World(FUNCTIONS | {"z": z, r"\hat y": sigmoid(z)}, {})


def _points(draw) -> World:
    """A batch, and a neuron with one input that gives a number."""
    x, w, b, y = draw.normal(size=4), draw.normal(), draw.normal(), draw.normal(size=4)
    examples = range(1, 5)
    values = {"x": x, "w": w, "b": b, "y": y, r"\hat y": w * x + b, "m": 4, "i": examples}
    return World(FUNCTIONS | values | {"L": np.mean((w * x + b - y) ** 2)}, {"i": examples})


def _classes(draw) -> World:
    """The scores of one example, and the probabilities of classes."""
    z, classes = draw.normal(size=3), range(1, 4)
    values = {
        "z": z, r"\hat y": softmax(z), "k": 3, "j": classes, "l": classes,
        "S": lambda given: sum(math.e ** score for score in given["z"]),
    }  # fmt: skip
    return World(FUNCTIONS | values, {"j": classes, "l": classes})


def _one_of_many(draw) -> World:
    """The same, where k is a class and c another."""
    world = _classes(draw)
    classes = world.ranges["j"]
    ranges = {"k": classes, "c": classes}
    return World({**world.values, **ranges, "K": len(classes)}, ranges)


def _batch(draw) -> World:
    """A batch, and a neuron that says yes or no."""
    m, d = 5, 3
    X, w, b = draw.normal(size=(m, d)), draw.normal(size=d), draw.normal()
    y, examples = np.array([1.0, 0, 0, 1, 0]), range(1, m + 1)
    z = X @ w + b
    p = sigmoid(z)
    return World(
        FUNCTIONS | {
            "m": m, "d": d, "X": X, "x": X, "w": w, "b": b, "y": y, "z": z, "r": draw.normal(),
            r"\hat y": lambda given: sigmoid(given["z"]), r"\bar y": y.mean(), "dz": (p - y) / m,
            "dw": X.T @ (p - y) / m, "db": np.mean(p - y), "a": p,
            "p": lambda y, x: sigmoid(x @ w + b) if y else 1 - sigmoid(x @ w + b),
            "L": -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), "i": examples,
            "j": range(1, d + 1),
        },
        {"i": examples, "j": range(1, d + 1)},
    )  # fmt: skip


def _example(draw) -> World:
    """One example with several features, and a neuron."""
    x, w, b = draw.normal(size=3), draw.normal(size=3), draw.normal()
    return World(
        FUNCTIONS | {"x": x, "w": w, "b": b, "z": x @ w + b, r"\hat y": sigmoid(x @ w + b),
                     "r": abs(draw.normal()), "d": 3, "j": range(1, 4), r"\eta": 0.1},
        {"j": range(1, 4)},
    )  # fmt: skip


def _layer(draw) -> World:
    """A batch, and a layer that gives the probabilities of classes; j is an input, l a class."""
    m, d, k = 4, 3, 2
    X, W, b = draw.normal(size=(m, d)), draw.normal(size=(d, k)), draw.normal(size=k)
    Z, Y = X @ W + b, np.eye(k)[[0, 1, 1, 0]]
    P = softmax(Z)
    dZ = (P - Y) / m
    ranges = {"i": range(1, m + 1), "j": range(1, d + 1), "l": range(1, k + 1)}

    def loss(given):
        scores = X @ given["w"] + b
        sums = np.frompyfunc(_log, 1, 1)((math.e**scores).sum(axis=1))
        return (sums - (scores * Y).sum(axis=1)).sum() / m

    values = {
        "m": m, "d": d, "k": k, "X": X, "x": X, "W": W, "w": W, "b": b, "Z": Z, "z": Z, "Y": Y,
        "y": Y, r"\hat Y": P, r"\hat y": P, "dZ": dZ, "dz": dZ, "dW": X.T @ dZ, "dw": X.T @ dZ,
        "db": dZ.sum(axis=0), "dX": dZ @ W.T, "g": softmax, "A": P, "a": P, "L": loss,
        "p": lambda y, x: softmax(x @ W + b) @ y,
    }  # fmt: skip
    return World(FUNCTIONS | values | ranges, ranges)


def _layer_of_classes(draw) -> World:
    """The same, where j is a class."""
    values, ranges = _layer(draw)
    ranges = {**ranges, "j": ranges["l"]}
    return World(values | ranges, ranges)


def _network(draw) -> World:
    """A network of two layers, and one of them."""
    n, m = (3, 4, 2), 5
    W = {layer: draw.normal(size=(n[layer - 1], n[layer])) for layer in (1, 2)}
    b = {layer: draw.normal(size=n[layer]) for layer in (1, 2)}
    A, Z = {0: draw.normal(size=(m, n[0]))}, {}
    for layer in (1, 2):
        Z[layer] = A[layer - 1] @ W[layer] + b[layer]
        A[layer] = sigmoid(Z[layer])
    values = {"X": A[0], "W": W, "b": b, "Z": Z, "A": A, r"\hat Y": A[2], "N": 2, "d": n[0], "k": n[2],
              "n": Counted(np.array(n), (0,)), "g": sigmoid, "l": 2}  # fmt: skip
    return World(FUNCTIONS | values, {})


MAKERS = (
    _scores, _neuron, _line, _points, _example, _batch, _classes, _one_of_many, _layer, _layer_of_classes,
    _network,
)  # fmt: skip


@functools.cache
def worlds(seed: int) -> list[World]:
    """All of them, with the values of a seed."""
    return [make(np.random.default_rng(seed)) for make in MAKERS]
