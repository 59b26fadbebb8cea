"""The equations of the chapter on layers and forward propagation."""

import numpy as np
import pytest
from numeric import double
from tests.equations.checks import agree, formula, same
from tests.equations.evaluation import Counted, evaluate

from groundup import nn

RNG = np.random.default_rng(0)
M, SIZES = 5, (3, 4, 2)  # all different, so that no matrix fits where another belongs
X = RNG.normal(size=(M, SIZES[0]))
CORNERS = [(0, 0), (0, 1), (1, 0), (1, 1)]


def relu(z):
    return nn.ReLU().forward(np.asarray(z, float))


def network():
    """A 3-4-2 network in double precision, and its arrays by layers."""
    model = double(
        nn.Input(SIZES[:1]), nn.Dense(SIZES[1], "relu"), nn.Dense(SIZES[2], "sigmoid"), seed=1
    )
    for layer in model.layers:
        layer.b[:] = RNG.normal(size=layer.b.shape)
    return model, {
        "W": {number: layer.W for number, layer in enumerate(model.layers, 1)},
        "b": {number: layer.b for number, layer in enumerate(model.layers, 1)},
    }


@pytest.mark.equation("unit-activation")
def test_a_unit_is_a_column_of_a_layer(book):
    model, arrays = network()
    W, b = arrays["W"][1], arrays["b"][1]
    for x in X:
        activations = nn.ReLU().forward(model.layers[0].forward(x[None]))[0]
        agree(
            book["unit-activation"],
            {"a": activations, "g": relu, "x": x, "w": W, "b": b, "d": SIZES[0]},
            k=range(1, SIZES[1] + 1),
        )


@pytest.mark.equation("layer-forward", "layer-activation")
def test_layers_one_after_the_other_are_the_network(book):
    model, arrays = network()
    A, Z = {0: X}, {}
    for number, layer in enumerate(model.layers, 1):
        Z[number] = layer.forward(A[number - 1])
        A[number] = layer.activation.forward(Z[number])
        values = {**arrays, "l": number, "Z": dict(Z), "A": dict(A)}
        agree(book["layer-forward"], values)
        agree(book["layer-activation"], values | {"g": layer.activation.forward})
    same(A[2], model.predict(X), "the last layer's activations and the network's answer")


@pytest.mark.equation("network-composition")
def test_a_network_is_a_composition(book):
    model, arrays = network()
    agree(
        book["network-composition"],
        {
            **arrays, "X": X, r"\hat Y": model.predict(X),
            r"\operatorname{ReLU}": relu, r"\sigma": lambda z: 1 / (1 + np.exp(-z)),
        },
    )  # fmt: skip


@pytest.mark.equation("layer-parameters")
def test_number_of_parameters(book):
    count = formula(book["layer-parameters"])
    for sizes in [(3, 4, 2), (5, 1), (2, 7, 3, 6)]:
        model = nn.Sequential([nn.Input(sizes[:1]), *(nn.Dense(n) for n in sizes[1:])])
        n = Counted(np.array(sizes), (0,))
        assert count({"n": n, "N": len(sizes) - 1, "l": range(0)}) == model.count_params()


def written(equation):
    """The arrays of a network that an equation writes down, layer by layer."""
    arrays = []
    for (_, side), relations in equation.statements():
        assert relations == ["="]
        arrays.append(np.asarray(evaluate(side, {}), float))
    return arrays


def named(equation):
    """The name and the layer of each array that an equation writes down."""
    names = [name.children for (name, _), _ in equation.statements()]
    return [(str(name), int(evaluate(layer.children[0], {}))) for name, layer in names]


def of_two_units(arrays, activation, last):
    """A 2-2-1 network in double precision with these arrays."""
    model = double(nn.Input((2,)), nn.Dense(2, activation), nn.Dense(1, last))
    W1, b1, W2, b2 = arrays
    model.set_weights([W1, b1.ravel(), W2, b2.ravel()])
    return model


def test_hand_calculation(book):
    """What the engine computes with the arrays that the page gives is what the page computes by hand."""
    model = of_two_units(written(book["xor-weights"]), "step", "step")
    hidden, output = model.layers
    X = np.array(CORNERS, float)
    Z1 = hidden.forward(X)
    A1 = hidden.activation.forward(Z1)
    agree(book.after("the biases are then added to *every* row:"), {"Z": {1: Z1}})
    agree(book.after("with *these activations* as its inputs:"), {"Z": {2: output.forward(A1)}})


@pytest.mark.equation("xor-weights")
def test_weights_of_xor(book):
    equation = book["xor-weights"]
    assert named(equation) == [("W", 1), ("b", 1), ("W", 2), ("b", 2)]
    first, second = written(equation)[0]
    same(first, second, "the weights of both inputs, which XOR treats alike,")
    model = of_two_units(written(equation), "step", "step")
    one, other = model.layers[0].forward(np.array(CORNERS, float)).T >= 0
    assert [*one] == [bool(a or b) for a, b in CORNERS]
    assert [*other] == [not (a and b) for a, b in CORNERS]
    same(model.predict(np.array(CORNERS))[:, 0], np.array([a ^ b for a, b in CORNERS]), "XOR")
    margins = np.abs(model.layers[0].forward(np.array(CORNERS, float)))
    same(margins.min(), np.array(0.5), "the distance of every corner's sum from the step")


@pytest.mark.equation("stuck-loss")
def test_loss_of_corners_that_get_one_answer(book):
    """The least binary cross-entropy of one probability for all of them, found on a fine grid."""
    loss, p = nn.BinaryCrossentropy(), np.linspace(0.001, 0.999, 20001)
    for ones, zeros in [(2, 2), (2, 1), (1, 2), (1, 1)]:
        Y = np.array([1.0] * ones + [0.0] * zeros)[:, None]
        least = min(loss.forward(Y, np.full(Y.shape, value)) for value in p) * (ones + zeros) / 4
        agree(book["stuck-loss"], {"u": ones, "v": zeros}, code=least)


@pytest.mark.equation("sum-of-ramps")
def test_a_sum_of_ramps_goes_through_its_places(book):
    places, heights = np.array([0.0, 0.3, 0.5, 1.0]), np.array([0.7, -1.0, 0.2, 0.1])
    changes = np.diff(np.diff(heights) / np.diff(places), prepend=0)
    for x in np.linspace(0, 1, 13):
        agree(
            book["sum-of-ramps"],
            {
                r"\hat y": np.interp(x, places, heights), "b": heights[0], "n": 3, "w": changes,
                "t": places[:-1], "x": x, r"\operatorname{ReLU}": lambda z: max(z, 0.0),
            },
        )  # fmt: skip
