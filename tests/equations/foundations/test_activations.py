"""The equations of the chapter on activation functions."""

import copy
import math
from statistics import NormalDist

import numpy as np
import pytest
from numeric import central_differences, double
from tests.equations.checks import agree, formula, same
from tests.equations.evaluation import evaluate

from groundup import nn

RNG = np.random.default_rng(0)
M, D, N, K = 4, 5, 3, 2  # all different, so that no matrix fits where another belongs
POINTS = [-3.1, -0.9, -0.2, 0.3, 1.1, 2.7]
NORMAL = NormalDist()


def sigmoid(z):
    """In another way than the book: what an odds of e^z is as a probability."""
    return math.exp(z) / (math.exp(z) + 1)


def value_of(activation):
    return lambda z: float(activation.forward(np.array([[float(z)]]))[0, 0])


def slope_of(activation):
    """The derivative by central differences of the engine's values, not by its way back."""

    def slope(z):
        point = np.array([[float(z)]])
        return float(central_differences(lambda: activation.forward(point).sum(), point)[0, 0])

    return slope


def hold(book, value, slope, activation, **values):
    """Assert that the two equations are the engine's values, and their derivative."""
    back = copy.deepcopy(activation)
    for z in POINTS:
        given = {"z": z, r"\sigma": sigmoid, **values}
        if value:
            agree(book[value], {**given, "g": value_of(activation)})
        agree(book[slope], {**given, "g'": slope_of(activation)})
        back.forward(np.array([[z]]))
        same(formula(book[slope])(given), back.backward(np.array([[1.0]]))[0, 0], "the way back")


def hold_in_the_kink(book, slope, activation, **values):
    """Assert that at zero, where two cases meet, the equation says what the engine takes."""
    activation.forward(np.array([[0.0]]))
    code = activation.backward(np.array([[1.0]]))[0, 0]
    same(formula(book[slope])({"z": 0.0, **values}), code, "the equation and the way back at zero")


@pytest.mark.equation("linear-stack")
def test_linear_layers_are_one_layer(book):
    model = double(nn.Input((D,)), nn.Dense(N), nn.Dense(K))
    X = RNG.normal(size=(M, D))
    first, second = model.layers
    values = {"X": X, "W": {1: first.W, 2: second.W}, "b": {1: first.b, 2: second.b}}
    agree(book["linear-stack"], values, code=model.forward(X))


@pytest.mark.equation("gradient-through-activation")
def test_gradient_through_an_activation(book):
    Z, dA = RNG.normal(size=(2, M, N))
    for activation in (nn.Tanh(), nn.GELU(), nn.LeakyReLU()):
        slope = np.vectorize(slope_of(activation))
        numeric = central_differences(lambda g=activation: np.vdot(dA, g.forward(Z)), Z)
        values = {"dZ": numeric, "dA": dA, "g'": slope, "Z": Z}
        agree(book["gradient-through-activation"], values)
        activation.forward(Z)
        same(activation.backward(dA), numeric, "the way back and central differences")


@pytest.mark.equation("gradient-through-layers")
def test_gradient_through_layers(book):
    """``dZ`` of each layer is the derivative of the loss by a bias that each example has for itself."""
    model = double(nn.Input((D,)), nn.Dense(N, "tanh"), nn.Dense(N, "tanh"), nn.Dense(K))
    layers = dict(enumerate(model.layers, start=1))
    X, Y = RNG.normal(size=(M, D)), RNG.normal(size=(M, K))
    own = {number: np.zeros((M, layer.units)) for number, layer in layers.items()}
    Z = {}

    def loss():
        A = X
        for number, layer in layers.items():
            Z[number] = layer.forward(A) + own[number]
            A = layer.activation.forward(Z[number])
        return model.loss.forward(Y, A)

    values = {
        "dZ": {number: central_differences(loss, bias) for number, bias in own.items()},
        "W": {number: layer.W for number, layer in layers.items()},
        "g'": lambda Z: 1 / np.cosh(Z) ** 2,
    }
    loss()
    values["Z"] = Z
    (((left, right), relations),) = book["gradient-through-layers"].statements()
    assert relations == ["="]
    for number in (1, 2):  # the hidden layers
        sides = (evaluate(side, values, l=range(number, number + 1))[0] for side in (left, right))
        for side in sides:
            same(side, values["dZ"][number], f"a side and the derivative in layer {number}")


@pytest.mark.equation("tanh-activation", "tanh-slope")
def test_tanh(book):
    for z in POINTS:
        code = value_of(nn.Tanh())(z)
        agree(book["tanh-activation"], {"z": z, r"\sigma": sigmoid}, code=code)
    hold(book, None, "tanh-slope", nn.Tanh())


@pytest.mark.equation("relu", "relu-slope")
def test_relu(book):
    hold(book, "relu", "relu-slope", nn.ReLU(), **{r"\operatorname{ReLU}": value_of(nn.ReLU())})
    code = nn.ReLU().forward(np.array(POINTS))
    same([formula(book["relu"])({"z": z}) for z in POINTS], code, "the engine")
    assert np.isnan(formula(book["relu-slope"])({"z": 0.0}))  # there is no derivative


@pytest.mark.equation("leaky-relu", "leaky-relu-slope")
def test_leaky_relu(book):
    hold(book, "leaky-relu", "leaky-relu-slope", nn.LeakyReLU(0.3), **{r"\alpha": 0.3})
    hold_in_the_kink(book, "leaky-relu-slope", nn.LeakyReLU(0.3), **{r"\alpha": 0.3})


@pytest.mark.equation("elu", "elu-slope")
def test_elu(book):
    hold(book, "elu", "elu-slope", nn.ELU(0.7), **{r"\alpha": 0.7})
    hold_in_the_kink(book, "elu-slope", nn.ELU(0.7), **{r"\alpha": 0.7})


@pytest.mark.equation("softplus", "softplus-slope")
def test_softplus(book):
    hold(book, "softplus", "softplus-slope", nn.Softplus())


@pytest.mark.equation("softplus-stable")
def test_softplus_that_does_not_overflow(book):
    for z in POINTS:
        agree(book["softplus-stable"], {"z": z}, code=value_of(nn.Softplus())(z))
    right = formula(book["softplus-stable"])
    assert right({"z": 1e4}) == 1e4
    assert right({"z": -1e4}) == 0


@pytest.mark.equation("silu", "silu-slope")
def test_silu(book):
    hold(book, "silu", "silu-slope", nn.SiLU())


@pytest.mark.equation("gelu", "gelu-slope")
def test_gelu(book):
    normal = {r"\Phi": NORMAL.cdf, r"\varphi": NORMAL.pdf, r"\operatorname{erf}": math.erf}
    hold(book, "gelu", "gelu-slope", nn.GELU(), **normal)


@pytest.mark.equation("gelu-tanh")
def test_the_tanh_approximation_of_gelu_is_the_best_of_its_kind(book):
    """Its constant makes the largest error of Φ as small as this form allows."""
    z = np.linspace(0.05, 6, 1200)
    Phi = np.array([NORMAL.cdf(x) for x in z])
    approximation = np.array([formula(book["gelu-tanh"])({"z": x}) for x in z])
    errors = {
        c: np.abs((1 + np.tanh(np.sqrt(2 / np.pi) * (z + c * z**3))) / 2 - Phi).max()
        for c in np.arange(0.0440, 0.0455, 0.000005)
    }
    least = min(errors.values())
    assert np.abs(approximation / z - Phi).max() <= least * 1.002
    for x in POINTS:
        assert abs(formula(book["gelu-tanh"])({"z": x}) - x * NORMAL.cdf(x)) < 1e-3


@pytest.mark.equation("softmax-backward")
def test_softmax_backward(book):
    Z, dA = RNG.normal(size=(2, M, K + 1))
    examples, classes = range(1, M + 1), range(1, K + 2)

    def softmax():
        return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)

    numeric = central_differences(lambda: np.vdot(dA, softmax()), Z)
    values = {"dz": numeric, "a": softmax(), "da": dA, "K": K + 1}
    activation = nn.Softmax()
    activation.forward(Z)
    agree(book["softmax-backward"], values, code=activation.backward(dA), i=examples, k=classes)
