"""Every derivative of the engine against central differences, in double precision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numeric import central_differences, relative_error

from groundup import nn

LOSSES = {
    "mean_squared_error": lambda rng, m, k: rng.normal(size=(m, k)),
    "categorical_crossentropy": lambda rng, m, k: rng.dirichlet(np.ones(k), size=m),
    "sparse_categorical_crossentropy": lambda rng, m, k: rng.integers(k, size=m),
}


def make(widths, activations, loss, seed=0):
    nn.set_random_seed(seed)
    layers = [nn.Dense(n, activation=g) for n, g in zip(widths[1:], activations, strict=True)]
    model = nn.Sequential([nn.Input((widths[0],)), *layers])
    model.compile(loss=loss)
    model = model.astype(np.float64)
    model.parameters += 0.1 * nn.random.generator.normal(size=model.parameters.shape)
    return model


NETWORKS = [
    (loss, [*hidden, "softmax"]) for loss in LOSSES for hidden in ([], ["linear"], ["softmax"])
]


@pytest.mark.parametrize(
    ("loss", "activations"), [*NETWORKS, ("mean_squared_error", ["softmax", None])]
)
def test_parameters(loss, activations):
    rng = np.random.default_rng(1)
    model = make([4, *[3] * len(activations)], activations, loss)
    X, y = rng.normal(size=(6, 4)), LOSSES[loss](rng, 6, 3)
    analytic = model.gradients(X, y)
    numeric = central_differences(lambda: model.evaluate(X, y), model.parameters)
    assert relative_error(analytic, numeric) <= 1e-6


@given(
    m=st.integers(1, 7), d=st.integers(1, 5), n=st.integers(1, 5), k=st.integers(2, 5),
    seed=st.integers(0, 100),
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_any_shape(m, d, n, k, seed):
    rng = np.random.default_rng(seed)
    model = make([d, n, k], ["linear", "softmax"], "sparse_categorical_crossentropy", seed)
    X, y = rng.normal(size=(m, d)), rng.integers(k, size=m)
    numeric = central_differences(lambda: model.evaluate(X, y), model.parameters)
    assert np.allclose(model.gradients(X, y), numeric, atol=1e-8)


def test_dense_passes_the_input_gradient_back():
    rng = np.random.default_rng(2)
    model = make([4, 3], ["linear"], "mean_squared_error")
    (layer,) = model.layers
    X, weight = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
    numeric = central_differences(lambda: np.sum(weight * layer.forward(X)), X)
    layer.forward(X)
    assert relative_error(layer.backward(weight), numeric) <= 1e-6


@pytest.mark.parametrize("activation", [nn.Linear(), nn.Softmax()])
def test_activations(activation):
    rng = np.random.default_rng(3)
    Z, weight = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    numeric = central_differences(lambda: np.sum(weight * activation.forward(Z)), Z)
    activation.forward(Z)
    assert relative_error(activation.backward(weight), numeric) <= 1e-6


@pytest.mark.parametrize("loss", [nn.MeanSquaredError(), nn.CategoricalCrossentropy()])
def test_losses(loss):
    rng = np.random.default_rng(4)
    Y, Y_hat = rng.dirichlet(np.ones(3), size=(2, 5))
    numeric = central_differences(lambda: loss.forward(Y, Y_hat), Y_hat)
    assert relative_error(loss.backward(Y, Y_hat), numeric) <= 1e-6


def test_output_error_is_the_way_through_the_jacobian():
    rng = np.random.default_rng(5)
    softmax, loss = nn.Softmax(), nn.CategoricalCrossentropy()
    Z, Y = rng.normal(size=(6, 4)), np.eye(4)[rng.integers(4, size=6)]
    Y_hat = softmax.forward(Z)
    through = softmax.backward(loss.backward(Y, Y_hat))
    assert np.allclose((Y_hat - Y) / len(Y), through)
