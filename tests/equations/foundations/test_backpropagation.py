"""The equations of the chapter on backpropagation."""

import numpy as np
import pytest
import sympy
from numeric import central_differences, double
from tests.equations.checks import agree, formula, same
from tests.equations.evaluation import Counted, evaluate

from groundup import nn
from groundup.nn.checking import _error

RNG = np.random.default_rng(0)
M, SIZES = 4, (2, 3, 5)  # all different, so that no matrix fits where another belongs
K = SIZES[-1]
EXAMPLES = range(1, M + 1)
X, Y = RNG.normal(size=(M, SIZES[0])), RNG.dirichlet(np.ones(K), size=M)


def tanh(Z):
    """Of numbers and of SymPy's, entry by entry."""
    return np.frompyfunc(sympy.tanh, 1, 1)(Z) if np.asarray(Z).dtype == object else np.tanh(Z)


def network(output="softmax", loss="categorical_crossentropy") -> nn.Sequential:
    """The code's network of two layers in double precision, after a way forward and back."""
    hidden = nn.Dense(SIZES[1], activation="tanh")
    model = double(nn.Input((SIZES[0],)), hidden, nn.Dense(K, activation=output), loss=loss)
    model.gradients(X, Y)
    return model


def values(model: nn.Sequential) -> dict:
    """Its arrays by layer, in the names of the equations; dZ and dA by central differences."""
    first, second = model.layers
    Z1 = X @ first.W + first.b
    Z2 = np.tanh(Z1) @ second.W + second.b
    found = {
        "m": M, "N": 2, "n": Counted(np.array(SIZES), (0,)),
        "W": {1: first.W, 2: second.W}, "b": {1: first.b, 2: second.b},
        "dW": {1: first.dW, 2: second.dW}, "db": {1: first.db, 2: second.db},
        "Z": {1: Z1, 2: Z2}, "A": {0: X, 1: np.tanh(Z1), 2: second.activation.forward(Z2)},
        "g": np.tanh, "g'": lambda Z: 1 / np.cosh(Z) ** 2,
    }  # fmt: skip
    A1, last = found["A"][1].copy(), second.activation
    tail = {
        "Z1": lambda: np.tanh(Z1) @ second.W + second.b,
        "A1": lambda: A1 @ second.W + second.b,
        "Z2": lambda: Z2,
    }
    found["dZ"] = {
        layer: central_differences(lambda name=name: _loss(model, last, tail[name]()), Z)
        for layer, name, Z in ((1, "Z1", Z1), (2, "Z2", Z2))
    }
    found["dA"] = {1: central_differences(lambda: _loss(model, last, tail["A1"]()), A1)}
    return found | {"dz": found["dZ"]}


def _loss(model, activation, Z) -> float:
    return model.loss.forward(Y, activation.forward(Z))


@pytest.mark.equation("backprop-chain-rule")
def test_chain_rule(book):
    """On a graph with three ways from a to the loss, differentiated by SymPy whole and by its parts."""
    z = np.array([1.3**2, np.exp(0.5 * 1.3), 3 - 1.3])
    agree(
        book["backprop-chain-rule"],
        {
            "a": 1.3, "n": 3,
            "z": lambda v: np.array([v["a"] ** 2, sympy.exp(0.5 * v["a"]), 3 - v["a"]], object),
            "L": lambda v: v["z"](v)[0] * v["z"](v)[1] + v["z"](v)[2] ** 3
            if callable(v["z"])
            else v["z"][0] * v["z"][1] + v["z"][2] ** 3,
        },
        code=2 * 1.3 * z[1] + 0.5 * z[1] * z[0] - 3 * z[2] ** 2,
    )  # fmt: skip


def test_the_graph_of_the_chapter(book):
    """The little derivatives, by SymPy; and what the chapter's cell multiplies and adds."""
    w, x, y = 3, 2, 1
    forward = {"w": w, "x": x, "y": y, "u": 6, "r": 5, "s": 25, "q": 9, "L": 34}
    for sides, relations in book.after("and gives each result a name:").statements():
        assert relations == ["="]
        assert evaluate(sides[0], forward) == evaluate(sides[1], forward)
    depends = {
        "u": lambda v: v["w"] * v["x"], "r": lambda v: _value(v, "u") - v["y"],
        "s": lambda v: _value(v, "r") ** 2, "q": lambda v: v["w"] ** 2,
        "L": lambda v: _value(v, "s") + _value(v, "q"),
    }  # fmt: skip
    agree(book.after("you know its derivatives from school:"), {"w": w, "x": x, "y": y} | depends)
    whole = sympy.Symbol("w")
    assert sympy.diff((whole * x - y) ** 2 + whole**2, whole).subs(whole, w) == 26


def _value(values, name):
    return values[name](values) if callable(values[name]) else values[name]


def small_letters(model: nn.Sequential) -> dict:
    """The arrays by single numbers, where z depends on a, w and b, and the loss on z, for SymPy."""
    found = values(model)
    second = {name: found[name][2] for name in ("W", "b")}

    def z(v):
        place = v["l"]
        return {place: v["a"][place - 1] @ v["w"][place] + v["b"][place]}

    def loss(v):
        layer = v["l"]
        Z = _value(v, "z")[layer]
        if layer == 1:
            a = v["a"][1] if np.asarray(v["a"][1]).dtype == object else tanh(Z)
            Z = a @ second["W"] + second["b"]
        return _squares(Z)

    return found | {"a": found["A"], "w": found["W"], "z": z, "L": loss}


def _squares(Z):
    """A loss that SymPy can differentiate, of linear outputs."""
    return ((Z - Y) ** 2).sum() / Y.size


ACTIVATIONS = {1: np.tanh, 2: lambda Z: Z}
SQUARED = network(output=None, loss="mean_squared_error")


@pytest.mark.equation("backprop-error")
def test_error_is_the_derivative_by_the_pre_activation(book):
    found = small_letters(SQUARED)
    for layer in (1, 2):
        given = found | {"l": layer, "z": {layer: found["Z"][layer]}}
        units = range(1, SIZES[layer] + 1)
        agree(book["backprop-error"], given, code=found["dZ"][layer], i=EXAMPLES, k=units)


@pytest.mark.equation("backprop-weights", "backprop-bias")
def test_derivation_of_weights_and_bias(book):
    """Number by number, with derivatives by SymPy; the matrices come to the same, as does the code."""
    found = small_letters(SQUARED)
    for layer in (1, 2):
        given, units = found | {"l": layer}, range(1, SIZES[layer] + 1)
        inputs, dense = range(1, SIZES[layer - 1] + 1), SQUARED.layers[layer - 1]
        written_out = given | {"z": found["Z"]}
        forward = book.after("weighs its inputs, adds its bias, and bends the sum:")
        outputs = written_out | {"a": found["A"], "g": ACTIVATIONS[layer]}
        agree(forward, outputs, i=EXAMPLES, k=units)
        weights = book.after("Multiply along the arrow, add over the examples:")
        agree(weights, given, code=dense.dW, j=inputs, k=units)
        agree(book["backprop-weights"], given, code=dense.dW)
        agree(book["backprop-bias"], given, code=dense.db)


@pytest.mark.equation("backprop-input", "backprop-through-activation")
def test_derivation_of_the_way_down(book):
    found = small_letters(SQUARED) | {"l": 2}
    second, units = SQUARED.layers[1], range(1, SIZES[1] + 1)
    code = second.input_gradient(found["dZ"][2])
    entries = book.after("Here the arrows part, so add over the units:")
    agree(entries, found, code=code, i=EXAMPLES, j=units)
    agree(book["backprop-input"], found, code=code)
    code = SQUARED.layers[0].activation.backward(code)
    agree(book["backprop-through-activation"], found, code=code)


@pytest.mark.equation("backprop-input", "backprop-through-activation", "backprop-weights")
def test_the_whole_way_back(book):
    """From the loss's derivative by the scores to the first layer's gradient, by the equations alone."""
    model = network()
    given = values(model) | {"l": 2}
    dA = formula(book["backprop-input"])(given)
    dZ = formula(book["backprop-through-activation"])(given | {"dA": {1: dA}})
    dW = formula(book["backprop-weights"])(given | {"l": 1, "dZ": {1: dZ}})
    same(dW, model.layers[0].dW, "the equations and the code")
    numeric = central_differences(lambda: model.training_loss(X, Y), model.layers[0].W)
    same(dW, numeric, "the equations and central differences")


@pytest.mark.equation("backprop-output-error")
def test_output_error_of_softmax(book):
    model = network()
    found = values(model)
    given = {"dZ": found["dZ"], "N": 2, "m": M, r"\hat Y": found["A"][2], "Y": Y}
    code = model.loss.output_error(Y, found["A"][2])
    agree(book["backprop-output-error"], given, code=code)


@pytest.mark.equation("backprop-output-error")
def test_output_error_of_the_sigmoid(book):
    """One output, with the binary cross-entropy."""
    model = double(
        nn.Input((SIZES[0],)), nn.Dense(1, activation="sigmoid"), loss="binary_crossentropy"
    )
    yes = np.array([[1.0], [0], [0], [1]])
    Z = X @ model.layers[0].W + model.layers[0].b
    Y_hat = nn.Sigmoid().forward(Z)
    scores = Z.copy()
    dZ = central_differences(lambda: model.loss.of_scores(yes, scores), scores)
    given = {"dZ": {2: dZ}, "N": 2, "m": M, r"\hat Y": Y_hat, "Y": yes}
    agree(book["backprop-output-error"], given, code=model.loss.output_error(yes, Y_hat))


@pytest.mark.equation("backprop-update")
def test_update(book):
    model = network()
    before = {n: {i: v.copy() for i, v in values(model)[n].items()} for n in ("W", "b", "dW", "db")}
    nn.SGD(0.3).apply(model.parameter_gradients, model.parameters)
    after = {name: values(model)[name] for name in ("W", "b")}
    for layer in (1, 2):
        agree(book["backprop-update"], before | {"l": layer, r"\eta": 0.3}, after=after)


class Counting(np.ndarray):
    """An array that counts the multiplications of the matrix products it takes part in."""

    count = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        inputs = [np.asarray(array) for array in inputs]
        if ufunc is np.matmul:
            (rows, inner), (_, columns) = (array.shape for array in inputs)
            Counting.count += rows * inner * columns
        outs = {} if out is None else {"out": tuple(np.asarray(array) for array in out)}
        return np.asarray(getattr(ufunc, method)(*inputs, **outs, **options)).view(Counting)


@pytest.mark.equation("backprop-multiplications")
def test_multiplications(book):
    """Counted while the code runs, in a network of three layers."""
    sizes = (7, 3, 5, 2)
    layers = [nn.Dense(n, activation="tanh") for n in sizes[1:]]
    model = double(nn.Input((sizes[0],)), *layers)
    batch, counted = RNG.normal(size=(M, sizes[0])).view(Counting), []
    for work in (
        lambda: model.forward(batch),
        lambda: model.backpropagate(np.ones((M, sizes[-1])).view(Counting)),
    ):
        Counting.count = 0
        work()
        counted.append(Counting.count)
    given = {"m": M, "N": 3, "n": Counted(np.array(sizes), (0,))}
    statements = book["backprop-multiplications"].statements()
    assert all({*relations} <= {"="} for _, relations in statements)
    assert [evaluate(sides[0], given) for sides, _ in statements] == counted


@pytest.mark.equation("backprop-relative-error")
def test_relative_error(book):
    u, v = RNG.normal(size=(2, 6))
    agree(book["backprop-relative-error"], {"u": u, "v": v}, code=_error(u, v, noise=0))
    for other in (-2 * u, 0 * u):  # opposite directions; one of them zero
        one = formula(book["backprop-relative-error"])({"u": u, "v": other})
        assert np.isclose(one, 1)
