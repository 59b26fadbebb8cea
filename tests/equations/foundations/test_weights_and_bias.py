"""The equations of the chapter on weights and bias."""

import math
from functools import partial

import numpy as np
import pytest
from numeric import central_differences, double
from tests.equations.checks import agree, formula, same
from tests.equations.evaluation import evaluate

from groundup import nn

RNG = np.random.default_rng(0)
M, D = 5, 3
X, Y = RNG.normal(1, 2, size=(M, D)), np.array([1.0, 0, 0, 1, 0])
EXAMPLES, FEATURES = range(1, M + 1), range(1, D + 1)


def logistic(features=D, **arguments):
    """The code's logistic regression in double precision, and its layer."""
    model = double(
        nn.Input((features,)),
        nn.Dense(1, activation="sigmoid", **arguments),
        loss="binary_crossentropy",
        seed=3,
    )
    return model, model.layers[0]


def sigmoid(z):
    """For numbers and for SymPy's symbols."""
    return 1 / (1 + math.e ** (-z))


def slope(z):
    """The derivative of the code's sigmoid."""
    activation = nn.Sigmoid()
    activation.forward(np.asarray(z, float))
    return activation.backward(np.ones_like(z))


def bisected(function, low, high):
    """Where a function has the value zero."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if function(low) * function(middle) > 0 else (low, middle)
    return middle


@pytest.mark.equation("logistic-function")
def test_sigmoid(book):
    z = np.linspace(-6, 6, 7)
    agree(book["logistic-function"], {r"\sigma": nn.Sigmoid().forward, "z": z})


@pytest.mark.equation("threshold")
def test_threshold_is_where_the_code_says_one_half(book):
    model, layer = logistic(1)
    for w, b in ((0.7, 1.3), (0.7, -1.3), (-0.7, 1.3), (-0.7, -1.3)):
        layer.W[:], layer.b[:] = w, b
        tau = bisected(lambda x: one_output(model, x) - 0.5, -10.0, 10.0)
        agree(book["threshold"], {"w": w, "b": b, "x": np.linspace(-3, 3, 5), r"\tau": tau})


def one_output(model, x):
    return model.forward(np.array([[x]])).item()


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
@pytest.mark.parametrize("w", [0.7, -0.7])
@pytest.mark.parametrize("b", [1.3, 0.0, -1.3])
def test_what_the_chapter_says_of_the_side(activation, w, b):
    """A neuron acts right of -b/w if w is positive, else left; a larger b enlarges that side."""
    model = double(nn.Input((1,)), nn.Dense(1, activation=activation))
    layer = model.layers[0]
    layer.W[:], layer.b[:] = w, b
    at_zero = 0.5 if activation == "sigmoid" else 0.0
    tau = -b / w
    assert np.isclose(one_output(model, tau), at_zero)
    assert one_output(model, tau + np.sign(w)) > at_zero
    assert one_output(model, tau - np.sign(w)) <= at_zero
    layer.b += 0.1
    assert one_output(model, tau) > at_zero


@pytest.mark.equation("logistic-derivative", "logistic-function")
def test_derivative_of_the_sigmoid(book):
    curve = formula(book["logistic-function"])
    for z in (-3.0, 0.0, 0.8):
        values = {"z": z, r"\sigma": nn.Sigmoid().forward, r"\sigma'": slope}
        agree(book["logistic-derivative"], values, code=slope(z))
        numeric = (curve({"z": z + 1e-5}) - curve({"z": z - 1e-5})) / 2e-5
        same(numeric, slope(z), "central differences and the code")


@pytest.mark.equation("threshold-slope")
def test_slope_in_the_input(book):
    model, layer = logistic(1)
    for w in (1.6, -0.4):
        layer.W[:], layer.b[:] = w, 0.9
        values = {"w": w, "b": 0.9, r"\sigma": sigmoid, r"\sigma'": slope}
        for label, x in ((None, 1.1), ("threshold-slope", -0.9 / w)):
            equation = (
                book[label]
                if label
                else book.after("the slope of the output with respect to $x$ is")
            )
            at = np.array([[x]])
            numeric = central_differences(partial(lambda at: one_output(model, at.item()), at), at)
            agree(equation, values | {"x": x}, code=numeric.item())


@pytest.mark.equation("one-score")
def test_score_of_a_neuron_with_several_inputs(book):
    _, layer = logistic()
    score = layer.forward(X[:1]).item()
    values = {"z": score, "x": X[0], "w": layer.W[:, 0], "b": layer.b.item(), "d": D}
    agree(book["one-score"], values)


def on_the_boundary(w, b):
    """Two points with the score zero."""
    points = RNG.normal(size=(2, D))
    points[:, -1] = -(points[:, :-1] @ w[:-1] + b) / w[-1]
    return points


@pytest.mark.equation("boundary-perpendicular")
def test_weights_are_perpendicular_to_the_boundary(book):
    _, layer = logistic()
    values = {"w": layer.W[:, 0], "b": layer.b.item()}
    points = on_the_boundary(**values)
    same(layer.forward(points), np.zeros((2, 1)), "the code's scores on the boundary")
    agree(book["boundary-perpendicular"], values | {"u": points[0], "v": points[1]})
    # The first two sides are alike for any two points, and what the code says.
    (((*sides, _), relations),) = book["boundary-perpendicular"].statements()
    assert {*relations} == {"="}
    difference = np.subtract(*layer.forward(X[:2])).item()
    for side in sides:
        same(
            evaluate(side, values | {"u": X[0], "v": X[1]}),
            difference,
            "a side and the code's scores",
        )


def test_pythagoras_for_any_two_vectors(book):
    equation = book.after("the square of the distance from tip to tip is")
    for p, q in RNG.normal(size=(3, 2, D)):
        agree(equation, {"p": p, "q": q}, code=np.sum((p - q) ** 2))


@pytest.mark.equation("boundary-distance", "origin-distance")
def test_distances_from_the_boundary(book):
    w = np.array([1.5, -2.0, 0.5])
    along = np.linalg.svd(w[None])[2][1:].T  # two directions within the boundary
    for b in (0.8, -0.8):
        point = on_the_boundary(w, b)[0]

        def shortest(place, point=point):
            """The shortest way to the boundary, by least squares over all of its points."""
            steps = np.linalg.lstsq(along, place - point)[0]
            return np.linalg.norm(place - point - along @ steps)

        for x in (X[0], X[1], np.zeros(D)):
            signed = np.sign(x @ w + b) * shortest(x)
            agree(book["boundary-distance"], {"x": x, "w": w, "b": b, "r": signed})
        agree(book["origin-distance"], {"w": w, "b": b}, code=shortest(np.zeros(D)))


def values_of(model, layer, X=X, Y=Y):
    """What the equations of logistic regression speak of, as the code has it."""
    y_hat = model.forward(X)[:, 0]
    return {
        "m": len(X), "d": X.shape[1], "X": X, "x": X, "y": Y, "w": layer.W[:, 0].copy(),
        "b": layer.b.item(), "z": layer.forward(X)[:, 0], r"\hat y": y_hat,
        r"\sigma": sigmoid, r"\sigma'": slope,
    }  # fmt: skip


@pytest.mark.equation("logistic-model")
def test_model(book):
    agree(book["logistic-model"], values_of(*logistic()), i=EXAMPLES)


@pytest.mark.equation("log-odds")
def test_score_is_the_log_odds(book):
    agree(book["log-odds"], values_of(*logistic()), i=EXAMPLES)


@pytest.mark.equation("logistic-loss")
def test_loss_of_scores_is_the_binary_cross_entropy(book):
    model, layer = logistic()
    values = values_of(model, layer)
    loss = model.training_loss(X, Y)
    agree(book["logistic-loss"], values | {"L": loss}, code=loss)
    same(
        formula(book["logistic-loss"])(values),
        formula(book["binary-cross-entropy"])(values),
        "the loss of scores and that of probabilities",
    )


def test_derivation_of_the_error(book):
    values = values_of(*logistic())
    loss = formula(book["binary-cross-entropy"])
    steps = book.after("with one common denominator")
    agree(steps, values | {"L": lambda given: loss(given)}, i=EXAMPLES)


@pytest.mark.equation("logistic-error", "logistic-gradient")
def test_gradient(book):
    model, layer = logistic()
    values = values_of(model, layer)
    dz = nn.BinaryCrossentropy().output_error(Y[:, None], model.forward(X))[:, 0]
    *dw, db = model.gradients(X, Y)
    agree(book["logistic-error"], values | {"dz": dz}, code=dz, i=EXAMPLES)
    agree(book["logistic-gradient"], values | {"dz": dz, "dw": np.array(dw), "db": db})
    numeric = central_differences(lambda: model.training_loss(X, Y), model.parameters)
    same(np.array([*dw, db]), numeric, "the code and central differences")


@pytest.mark.equation("mean-prediction")
def test_mean_prediction_where_the_bias_has_no_gradient(book):
    model, layer = logistic()
    layer.b[:] = bisected(lambda b: model_with(layer, b).gradients(X, Y)[-1], -50.0, 50.0)
    assert abs(model.gradients(X, Y)[-1]) < 1e-12
    agree(book["mean-prediction"], values_of(model, layer), code=np.mean(Y))
    (((predicted, true), _),) = book["mean-prediction"].statements()
    other = values_of(model, layer) | {r"\hat y": Y + 1}  # not where the gradient is zero
    same(evaluate(predicted, other), np.mean(Y) + 1, "the mean prediction")
    same(evaluate(true, other), np.mean(Y), "the share of yes")


def model_with(layer, b):
    """The same weights with another bias."""
    model, other = logistic()
    other.W[:], other.b[:] = layer.W, b
    return model
