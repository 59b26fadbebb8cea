"""The equations of the chapter on regularization."""

import functools

import numpy as np
import pytest
from numeric import central_differences, double
from tests.equations.checks import agree, formula, same

from groundup import nn

RNG = np.random.default_rng(0)
M, D, K = 6, 3, 2
EXAMPLES, INPUTS, UNITS = range(1, M + 1), range(1, D + 1), range(1, K + 1)
X, Y = RNG.normal(size=(M, D)), RNG.normal(size=(M, K))
DELTA, ETA = 0.3, 0.05


def penalized():
    """A layer with a penalty, as the engine has it."""
    layer = nn.Dense(K, kernel_regularizer=nn.L2(DELTA / 2))
    return double(nn.Input((D,)), layer, seed=1)


def bare_loss(values):
    """The loss without the penalty, of numbers or of SymPy's."""
    errors = X @ values["w"] + values["b"] - Y
    return (errors**2).sum() / errors.size


@pytest.mark.equation("penalty")
def test_penalty(book):
    model = penalized()
    layer = model.layers[0]
    bare = bare_loss({"w": layer.W, "b": layer.b})
    values = {r"L_\delta": model.training_loss(X, Y), "L": bare, r"\delta": DELTA, "w": layer.W,
              "d": D, "n": K}  # fmt: skip
    agree(book["penalty"], values)


@pytest.mark.equation("penalty-gradient", "penalty")
def test_gradient_of_the_penalized_loss(book):
    model = penalized()
    layer = model.layers[0]
    gradient = model.gradients(X, Y)[: D * K].reshape(D, K)
    numeric = central_differences(lambda: model.training_loss(X, Y), layer.W)
    same(numeric, gradient, "central differences and the code")
    values = {
        r"L_\delta": formula(book["penalty"]), "L": bare_loss, r"\delta": DELTA, "w": layer.W,
        "b": layer.b, "d": D, "n": K, "dw": gradient - DELTA * layer.W,
    }  # fmt: skip
    agree(book["penalty-gradient"], values, code=gradient, j=INPUTS, k=UNITS)


@pytest.mark.equation("weight-decay")
def test_a_step_with_the_penalty_shrinks_the_weights(book):
    model = penalized()
    layer = model.layers[0]
    before = layer.W.copy()
    dW = model.gradients(X, Y)[: D * K].reshape(D, K) - DELTA * before
    nn.SGD(ETA).apply(model.gradients(X, Y), model.parameters)
    values = {"W": before, "dW": dW, r"\eta": ETA, r"\delta": DELTA}
    agree(book["weight-decay"], values, after={"W": layer.W})


@pytest.mark.equation("dropout")
def test_dropout(book):
    nn.set_random_seed(0)
    layer = double(nn.Input((D,)), nn.Dropout(0.2), nn.Dense(1)).layers[0]
    A = RNG.normal(size=(M, D))
    kept = layer.training_forward(A)
    mask = (kept != 0).astype(float)
    assert 0 < mask.mean() < 1
    agree(book["dropout"], {r"\tilde A": kept, r"\kappa": 0.8, "M": mask, "A": A})
    dA = RNG.normal(size=(M, D))
    same(layer.input_gradient(dA), mask * dA / 0.8, "the way back and the mask")


@pytest.mark.equation("dropout-mean", "dropout")
def test_dropout_keeps_the_mean(book):
    """The mean over on and off, each with its probability."""
    a, kappa = 1.7, 0.8
    on, off = (
        formula(book["dropout"])({r"\kappa": kappa, "M": np.array([m]), "A": np.array([a])})[0]
        for m in (1.0, 0.0)
    )
    agree(book["dropout-mean"], {"a": a, r"\kappa": kappa}, code=kappa * on + (1 - kappa) * off)


EPSILON = 0.05
SCORES = RNG.normal(2, 3, size=(M, K))


def normalization():
    """The engine's layer in double precision, with a scale and a shift."""
    layer = double(nn.Input((K,)), nn.BatchNormalization(epsilon=EPSILON), nn.Dense(1)).layers[0]
    layer.gamma[:], layer.beta[:] = (1.5, -0.7), (0.3, 2.0)
    return layer


def normalized_values(book):
    """Values for batch normalization; what depends on the scores is computed by the book."""
    layer = normalization()
    return {
        "m": M, "z": SCORES, r"\mu": SCORES.mean(axis=0), "s": SCORES.std(axis=0),
        r"\varepsilon": EPSILON, r"\gamma": layer.gamma, r"\beta": layer.beta,
        r"\tilde z": formula(book["batch-norm"], i=EXAMPLES, k=UNITS),
    }  # fmt: skip


@pytest.mark.equation("batch-norm", "batch-norm-scale")
def test_batch_normalization(book):
    layer = normalization()
    out = layer.training_forward(SCORES)
    values = normalized_values(book)
    agree(book["batch-norm"], values | {r"\tilde z": layer.X_hat}, i=EXAMPLES, k=UNITS)
    agree(book["batch-norm-scale"], values | {r"\hat z": out}, i=EXAMPLES, k=UNITS)


def pushed():
    """Gradients that come in, and what the engine makes of them."""
    layer, pushes = normalization(), RNG.normal(size=(M, K))
    layer.training_forward(SCORES)
    layer.backward(pushes)
    return layer, pushes, layer.input_gradient(pushes)


@pytest.mark.equation("batch-norm-parameters", "batch-norm", "batch-norm-scale")
def test_gradients_of_scale_and_shift(book):
    layer, pushes, _ = pushed()
    values = normalized_values(book) | {r"d\hat z": pushes}
    agree(
        book["batch-norm-parameters"],
        values | {r"d\gamma": layer.dgamma, r"d\beta": layer.dbeta},
        k=UNITS,
    )
    outputs = formula(book["batch-norm-scale"], i=EXAMPLES, k=UNITS)
    for name, found in ((r"\gamma", layer.dgamma), (r"\beta", layer.dbeta)):
        changed = values[name].copy()
        loss = functools.partial(pushed_sum, outputs, pushes, {**values, name: changed})
        same(central_differences(loss, changed), found, f"the difference for {name} and the code")


def pushed_sum(outputs, pushes, values):
    """A loss whose derivatives with respect to the outputs are the pushes."""
    return np.sum(pushes * outputs(values))


@pytest.mark.equation("batch-norm-backward", "batch-norm")
def test_gradient_of_the_scores(book):
    layer, pushes, through = pushed()
    values = normalized_values(book) | {"dz": through, r"d\tilde z": layer.gamma * pushes}
    agree(book["batch-norm-backward"], values, i=EXAMPLES, k=UNITS)
    scores = SCORES.copy()
    normalized = formula(book["batch-norm"], i=EXAMPLES, k=UNITS)

    def loss():
        statistics = {r"\mu": scores.mean(axis=0), "s": scores.std(axis=0), "z": scores}
        return np.sum(layer.gamma * pushes * normalized(values | statistics))

    same(central_differences(loss, scores), through, "the loss's derivative and dZ")


def one_unit():
    """One unit's scores, whose mean and deviation follow when SymPy changes one of them."""

    def mean(values):
        return sum(values["z"]) / M

    def deviation(values):
        return (sum((z - mean(values)) ** 2 for z in values["z"]) / M) ** 0.5

    def normalized(values):
        root = (deviation(values) ** 2 + EPSILON) ** 0.5
        return np.array([(z - mean(values)) / root for z in values["z"]])

    return {"m": M, "z": SCORES[:, 0], r"\mu": mean, "s": deviation, r"\varepsilon": EPSILON,
            r"\tilde z": normalized}  # fmt: skip


@pytest.mark.equation("batch-norm-variance")
def test_derivative_of_the_variance(book):
    agree(book["batch-norm-variance"], one_unit(), i=EXAMPLES)


@pytest.mark.equation("batch-norm-others")
def test_derivatives_of_the_other_scaled_scores(book):
    for i in EXAMPLES:
        others = [h for h in EXAMPLES if h != i]
        agree(book["batch-norm-others"], one_unit(), h=others, i=[i])
