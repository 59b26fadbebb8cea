"""The checks of the chapter on backpropagation: right answers pass, each likely mistake gets its hint."""

import numpy as np
import pytest

from groundup.exercises.foundations import backpropagation


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def skip(dX="dZ @ W.T + dA", dW="X.T @ dZ", db="dZ.sum(axis=0)"):
    """The way back through the layer with a skip, each part as an expression."""

    def backward(dA, X, W, b):
        dZ = dA * (1 - np.tanh(X @ W + b) ** 2)
        names = {"dA": dA, "X": X, "W": W, "dZ": dZ, "np": np}
        return tuple(eval(part, names) for part in (dX, dW, db))

    return backward


def two_layers(at="Z1", axis=0, of=1.0, shared=True, of_six=False):
    """The gradients of two sigmoid layers, right or with a mistake."""

    def gradients(X, Y, W1, b1, W2, b2):
        Z1 = X @ W1 + b1
        A1 = sigmoid(Z1)
        dZ2 = of * (sigmoid(A1 @ W2 + b2) - Y) / (6 if of_six else len(Y))
        place = {"Z1": Z1, "A1": A1}[at]
        dZ1 = (dZ2 @ W2.T) * (sigmoid(place) * (1 - sigmoid(place)) if shared else 1)
        return X.T @ dZ1, dZ1.sum(axis=axis), A1.T @ dZ2, dZ2.sum(axis=0)

    return gradients


rng = np.random.default_rng(1)
TWO = (
    {1: rng.normal(size=(6, 5)), 2: rng.normal(size=(5, 3))},
    {1: rng.normal(size=5), 2: rng.normal(size=3)},
    rng.uniform(0, 8, size=(1, 6)),
    np.array([[0.0, 1, 0]]),
)


def alone(layers, eta=0.01, biases=True):
    """The probability of the true class after a step of some layers, by central differences."""
    W, b = ({layer: part.copy() for layer, part in of.items()} for of in TWO[:2])
    X, Y = TWO[2:]

    def chance():
        scores = np.maximum(X @ W[1] + b[1], 0) @ W[2] + b[2]
        E = np.exp(scores - scores.max())
        return np.sum(E * Y) / E.sum()

    blocks = [of[layer] for of in ((W, b) if biases else (W,)) for layer in layers]
    gradients = []
    for block in blocks:
        gradient = np.empty_like(block)
        for place in np.ndindex(block.shape):
            value, sides = block[place], []
            for way in (1e-6, -1e-6):
                block[place] = value + way
                sides.append(-np.log(chance()))
            block[place] = value
            gradient[place] = (sides[0] - sides[1]) / 2e-6
        gradients.append(gradient)
    for block, gradient in zip(blocks, gradients, strict=True):
        block -= eta * gradient
    return chance()


RIGHT = [
    (backpropagation.two_paths, [6, -18]),
    (backpropagation.two_paths, ["6", [-18.0]]),
    (backpropagation.skip_backward, [skip()]),
    (backpropagation.planted_bug, [two_layers()]),
    (backpropagation.two_paths, [np.float32(6), np.int64(-18)]),
    (backpropagation.skip_backward, [lambda *given: list(skip()(*given))]),
    (
        backpropagation.skip_backward,
        [lambda *given: skip()(*(part.astype("float32") for part in given))],
    ),
    (backpropagation.skip_backward, [skip(db="np.ones(len(dZ)) @ dZ")]),
    (backpropagation.planted_bug, [lambda *given: [*two_layers()(*given)]]),
    (backpropagation.planted_bug, [two_layers(of=1 + 1e-6)]),
    (backpropagation.one_layer, [alone([1]), alone([2]), *TWO]),
    (backpropagation.one_layer, [round(alone([1]), 3), round(alone([2]), 3), *TWO]),
    (backpropagation.one_layer, [[alone([1])], np.float32(alone([2])), *TWO]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


def test_the_tiny_graph_by_central_differences():
    def loss(x, y):
        return (x * y + y) ** 2

    dx, dy = (
        (loss(2 + 1e-6 * (1 - way), -1 + 1e-6 * way) - loss(2 - 1e-6 * (1 - way), -1 - 1e-6 * way))
        / 2e-6
        for way in (0, 1)
    )
    assert (round(dx, 4), round(dy, 4)) == (6, -18)


WRONG = [
    (backpropagation.two_paths, [-18, 6], "but swapped"),
    (backpropagation.two_paths, [3, -9], "the derivative of v² is 2v"),
    (backpropagation.two_paths, [-6, 18], "except for the sign"),
    (backpropagation.two_paths, [-6, -18], "what does u get from v?"),
    (backpropagation.two_paths, [6, -12], "y enters v = u + y too"),
    (backpropagation.two_paths, [6, -6], "y enters u = x y too"),
    (backpropagation.two_paths, [6, -30], "u held still"),
    (backpropagation.two_paths, [6, 5], "multiply along each, then add"),
    (backpropagation.two_paths, [6, None], "∂L/∂y is None"),
    (backpropagation.skip_backward, [skip(dX="dZ @ W.T")], "the skip is missing"),
    (backpropagation.skip_backward, [skip(dX="dA")], "only the skip"),
    (backpropagation.skip_backward, [skip(dX="dZ @ W.T + dZ")], "goes around tanh"),
    (backpropagation.skip_backward, [skip(dX="dZ @ W + dA")], "to be transposed"),
    (backpropagation.skip_backward, [skip(dX="dZ @ W.T * dA")], "add where arrows part"),
    (backpropagation.skip_backward, [skip(dX="dZ")], "through the layer, and what past it?"),
    (backpropagation.skip_backward, [skip(dW="X.T @ dA")], "between A and Z stands tanh"),
    (backpropagation.skip_backward, [skip(dW="dZ.T @ X")], "dW is transposed"),
    (backpropagation.skip_backward, [skip(dW="X.T @ dZ / 5")], "factor 1/m in it already"),
    (backpropagation.skip_backward, [skip(dW="X.T @ dZ + 1")], "the skip has no weights"),
    (backpropagation.skip_backward, [skip(db="dZ.mean(axis=0)")], "so take the sum"),
    (backpropagation.skip_backward, [skip(db="dA.sum(axis=0)")], "of the same dZ"),
    (backpropagation.skip_backward, [skip(db="dZ.sum(axis=1)")], "db is to be of shape (3,)"),
    (backpropagation.skip_backward, [lambda dA, X, W, b: None], "three things"),
    (
        backpropagation.planted_bug,
        [two_layers(at="A1")],
        "in W1 (0.0",
    ),
    (backpropagation.planted_bug, [two_layers(at="A1")], "; right: W2, b2"),
    (backpropagation.planted_bug, [two_layers(shared=False)], "right: W2, b2"),
    (backpropagation.planted_bug, [two_layers(of=-1)], "none is right"),
    (backpropagation.planted_bug, [two_layers(axis=1)], "db1 is to be of shape (4,)"),
    (backpropagation.planted_bug, [lambda *given: given[:3]], "four things"),
    (backpropagation.two_paths, [6.001, -18], "what does u get from v?"),
    (backpropagation.two_paths, [6, -17], "multiply along each, then add"),
    (backpropagation.two_paths, [12, -18], "what does u get from v?"),
    (backpropagation.skip_backward, [lambda *given: 1.0], "it gave a float"),
    (
        backpropagation.skip_backward,
        [skip(dX="(dZ + dA) @ W.T")],
        "through the layer, and what past it?",
    ),
    (
        backpropagation.skip_backward,
        [skip(dX="(dZ @ W.T + dA) / 5")],
        "through the layer, and what past it?",
    ),
    (backpropagation.skip_backward, [skip(db="dZ.sum(axis=0) / 5")], "so take the sum"),
    (backpropagation.skip_backward, [skip(db="[dZ.sum()] * 3")], "db is the sum of the rows"),
    (backpropagation.planted_bug, [two_layers(of=1 + 4e-6)], "none is right"),
    (backpropagation.planted_bug, [two_layers(of=6)], "none is right"),
    (backpropagation.planted_bug, [lambda *given: None], "it gave a NoneType"),
    (
        backpropagation.planted_bug,
        [lambda *given: two_layers()(*given)[::-1]],
        "dW1 is to be of shape",
    ),
    (backpropagation.two_paths, [6.0002, -18], "what does u get from v?"),
    (backpropagation.two_paths, [6, -18.0005], "multiply along each, then add"),
    (backpropagation.skip_backward, [skip(dX="dZ @ W.T + dA * 3 / len(W)")], "what past it?"),
    (backpropagation.planted_bug, [two_layers(of_six=True)], "none is right"),
    (backpropagation.one_layer, [alone([2]), alone([1]), *TWO], "but swapped"),
    (backpropagation.one_layer, [alone([1, 2]), alone([1, 2]), *TWO], "both layers moved"),
    (backpropagation.one_layer, [alone([]), alone([]), *TWO], "before the step"),
    (backpropagation.one_layer, [1 - alone([1]), 1 - alone([2]), *TWO], "of the true class"),
    (backpropagation.one_layer, [alone([1], -0.01), alone([2], -0.01), *TWO], "steps *up*"),
    (
        backpropagation.one_layer,
        [alone([1], biases=False), alone([2], biases=False), *TWO],
        "the biases of that layer move too",
    ),
    (backpropagation.one_layer, [alone([1]), alone([1, 2]), *TWO], "first_alone is right"),
    (backpropagation.one_layer, [alone([1, 2]), alone([2]), *TWO], "second_alone is right"),
    (backpropagation.one_layer, [alone([1]) + 1e-3, 0.5, *TWO], "from before the step"),
    (backpropagation.one_layer, [None, 0.5, *TWO], "first_alone is None"),
]


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint
