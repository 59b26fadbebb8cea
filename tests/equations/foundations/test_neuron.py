"""The equations of the chapter on one neuron."""

import numpy as np
import pytest
from numeric import central_differences, double
from tests.equations.checks import agree, formula, same

from groundup import nn

RNG = np.random.default_rng(0)
M = 7
X, Y = RNG.normal(2, 3, M), RNG.normal(size=M)


def neuron():
    """The code's neuron in double precision, its weight and its bias."""
    model = double(nn.Input((1,)), nn.Dense(1), seed=1)
    return model, *map(float, model.parameters)


def values(book):
    """Values for a neuron's equations, where each name that depends on others is computed by the book."""
    _, w, b = neuron()
    return {
        "m": M, "x": X, "y": Y, "w": w, "b": b,
        r"\hat y": formula(book["neuron"]), "L": formula(book["mean-squared-error"]),
    }  # fmt: skip


@pytest.mark.equation("neuron")
def test_a_neuron_is_a_dense_layer(book):
    model, w, b = neuron()
    predictions = model.forward(X[:, None])[:, 0]
    agree(book["neuron"], {r"\hat y": predictions, "w": w, "x": X, "b": b})


@pytest.mark.equation("mean-squared-error")
def test_loss(book):
    model, w, b = neuron()

    def loss(w, b):
        model.parameters[:] = w, b
        return model.training_loss(X[:, None], Y)

    predictions = model.forward(X[:, None])[:, 0]
    agree(
        book["mean-squared-error"],
        {"L": loss, "w": w, "b": b, "m": M, r"\hat y": predictions, "y": Y},
        code=nn.MeanSquaredError().forward(Y[:, None], predictions[:, None]),
    )


@pytest.mark.equation("mean-squared-error", "neuron-gradient-weight", "neuron-gradient-bias")
def test_gradient_is_the_derivative_of_the_loss(book):
    model, *_ = neuron()
    dw, db = model.gradients(X[:, None], Y)
    agree(book["neuron-gradient-weight"], values(book), code=dw)
    agree(book["neuron-gradient-bias"], values(book), code=db)
    numeric = central_differences(lambda: model.training_loss(X[:, None], Y), model.parameters)
    same(numeric, np.array([dw, db]), "central differences and the code")


def test_derivation_of_the_gradient(book):
    steps = book.after("the derivative of a square is twice what is squared")
    agree(steps, values(book), i=range(1, M + 1))


@pytest.mark.equation("gradient-descent")
def test_step_of_gradient_descent(book):
    model, w, b = neuron()

    def gradient(theta):
        model.parameters[:] = theta
        return model.gradients(X[:, None], Y)

    before = np.array([w, b])
    after = before.copy()
    nn.SGD(learning_rate=0.03).apply(gradient(before), after)
    agree(
        book["gradient-descent"],
        {r"\theta": before, r"\eta": 0.03, r"\nabla L": gradient},
        after={r"\theta": after},
    )


@pytest.mark.equation("neuron-curvature")
def test_curvature_is_the_second_derivative_of_the_loss(book):
    model, *_ = neuron()

    def slope(of):
        return central_differences(lambda: model.gradients(X[:, None], Y)[of], model.parameters)

    agree(book["neuron-curvature"], {"H": np.array([slope(0), slope(1)]), "m": M, "x": X})


@pytest.mark.equation("parabola")
def test_loss_of_the_weight_alone_is_a_parabola(book):
    model, *_ = neuron()
    targets, r = 1.8 * X + 32, -0.7

    def loss(distance):
        model.parameters[:] = 1.8 + distance, 32
        return model.training_loss(X[:, None], targets)

    curved = (loss(r + 1e-2) - 2 * loss(r) + loss(r - 1e-2)) / 1e-4
    same(curved, loss(1.0) * 2, "the second difference and twice the loss at one")
    values = {"r": r, "m": M, "x": X, r"\lambda": 2 * loss(1.0), "L": loss(r)}
    agree(book["parabola"], values)


@pytest.mark.equation("descent-factor")
def test_a_step_shortens_the_distance_by_a_factor(book):
    model, *_ = neuron()
    lowest = np.linalg.lstsq(np.stack([X, np.ones(M)], axis=1), Y)[0]
    H = formula(book["neuron-curvature"])({"m": M, "x": X})
    eigenvalues, eigenvectors = np.linalg.eigh(H.astype(float))
    for curved, direction in zip(eigenvalues, eigenvectors.T, strict=True):
        model.parameters[:] = lowest + 0.5 * direction
        nn.SGD(learning_rate=0.04).apply(model.gradients(X[:, None], Y), model.parameters)
        distance = (model.parameters - lowest) @ direction
        agree(
            book["descent-factor"],
            {"r": 0.5, r"\eta": 0.04, r"\lambda": curved},
            after={"r": distance},
        )


@pytest.mark.equation("standardize")
def test_scaled_inputs_are_those_of_batch_normalization(book):
    normalize = double(nn.Input((1,)), nn.BatchNormalization(epsilon=1e-12)).layers[0]
    normalize.gamma[:], normalize.beta[:] = 1, 0
    scaled = normalize.training_forward(X[:, None])[:, 0]
    same(np.array([scaled.mean(), scaled.std()]), np.array([0.0, 1.0]), "mean and deviation")
    agree(book["standardize"], {r"\tilde x": scaled, "x": X, r"\mu": X.mean(), "s": X.std()})


@pytest.mark.equation("unscale", "standardize")
def test_unscaled_parameters_predict_the_same(book):
    scaled = {"x": X, r"\mu": X.mean(), "s": X.std(), r"\tilde w": 1.7, r"\tilde b": -0.6}
    predictions = 1.7 * formula(book["standardize"])(scaled) - 0.6
    w, b = np.polyfit(X, predictions, 1)
    agree(book["unscale"], scaled | {"w": w, "b": b})
