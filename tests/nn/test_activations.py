"""Activations: values by hand and at the extremes, derivatives against central differences."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numeric import central_differences, relative_error

from groundup import nn

ALL = [
    nn.Linear(), nn.Sigmoid(), nn.Tanh(), nn.ReLU(), nn.LeakyReLU(), nn.LeakyReLU(0.01), nn.ELU(),
    nn.ELU(0.5), nn.GELU(), nn.SiLU(), nn.Softplus(), nn.Softmax(),
]  # fmt: skip
NAMES = {
    "linear": nn.Linear, "step": nn.Step, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU, "elu": nn.ELU, "gelu": nn.GELU, "silu": nn.SiLU,
    "softplus": nn.Softplus, "softmax": nn.Softmax, None: nn.Linear,
}  # fmt: skip


@pytest.mark.parametrize("activation", ALL, ids=repr)
def test_derivatives(activation):
    rng = np.random.default_rng(3)
    Z, weight = rng.normal(scale=2, size=(2, 6, 4))
    numeric = central_differences(lambda: np.sum(weight * activation.forward(Z)), Z)
    activation.forward(Z)
    assert relative_error(activation.backward(weight), numeric) <= 1e-6


@pytest.mark.parametrize(
    ("activation", "values"),
    [
        (nn.Linear(), [-1, 0, 2]),
        (nn.Step(), [0, 1, 1]),
        (nn.Sigmoid(), [1 / (1 + math.e), 0.5, 1 / (1 + math.exp(-2))]),
        (nn.Tanh(), [math.tanh(-1), 0, math.tanh(2)]),
        (nn.ReLU(), [0, 0, 2]),
        (nn.LeakyReLU(), [-0.2, 0, 2]),
        (nn.LeakyReLU(0.5), [-0.5, 0, 2]),
        (nn.ELU(), [math.exp(-1) - 1, 0, 2]),
        (nn.ELU(3), [3 * (math.exp(-1) - 1), 0, 2]),
        (nn.GELU(), [-(1 + math.erf(-1 / math.sqrt(2))) / 2, 0, 1 + math.erf(math.sqrt(2))]),
        (nn.SiLU(), [-1 / (1 + math.e), 0, 2 / (1 + math.exp(-2))]),
        (nn.Softplus(), [math.log1p(math.exp(-1)), math.log(2), math.log1p(math.exp(2))]),
    ],
    ids=repr,
)
def test_values(activation, values):
    Z = np.array([[-1.0, 0.0, 2.0]])
    assert np.allclose(activation.forward(Z), [values], rtol=1e-12, atol=1e-15)


def test_a_kink_is_at_zero():
    for activation in (nn.ReLU(), nn.LeakyReLU(), nn.ELU(2.0)):
        assert (activation.forward(np.array([[0.25]])) == 0.25).all()
        assert (activation.backward(np.array([[1.0]])) == 1).all()
        assert (activation.forward(np.array([[-0.25]])) > -0.5).all()
        assert (activation.backward(np.array([[1.0]])) != 1).all()


@pytest.mark.parametrize(
    ("activation", "slopes"),
    [(nn.Step(), [0, 0, 0]), (nn.ReLU(), [0, 0, 1]), (nn.LeakyReLU(), [0.2, 0.2, 1])],
    ids=repr,
)
def test_derivatives_at_a_kink_are_those_from_below(activation, slopes):
    activation.forward(np.array([[-1.0, 0.0, 2.0]]))
    assert (activation.backward(np.full((1, 3), 10.0)) == 10 * np.array([slopes])).all()


@pytest.mark.parametrize("activation", [*ALL, nn.Step()], ids=repr)
def test_the_precision_stays(activation):
    Z = np.linspace(-3, 3, 8, dtype=np.float32).reshape(2, 4)
    assert activation.forward(Z).dtype == np.float32
    assert activation.backward(Z).dtype == np.float32


@pytest.mark.parametrize("activation", [*ALL, nn.Step()], ids=repr)
def test_nothing_is_done_to_the_input(activation):
    Z = np.linspace(-3, 3, 8).reshape(2, 4)
    before = Z.copy()
    activation.backward(activation.forward(Z))
    assert (before == Z).all()


@pytest.mark.parametrize("activation", [*ALL, nn.Step()], ids=repr)
def test_the_largest_numbers_overflow_nowhere(activation):
    """Only ``Z²`` in GELU's density may, where the density is zero anyway."""
    Z = np.array([[-1e30, -100.0, 100.0, 1e30]], dtype=np.float32)
    with warnings.catch_warnings(), np.errstate(over="ignore"):
        A = activation.forward(Z)
        dZ = activation.backward(np.ones_like(Z))
    assert np.isfinite(A).all()
    assert np.isfinite(dZ).all() or isinstance(activation, nn.GELU)


def test_the_sigmoid_of_the_largest_numbers_says_nothing():
    A = nn.Sigmoid().forward(np.array([[-1e30, 1e30]], dtype=np.float32))
    assert (A == [[0, 1]]).all()


@pytest.mark.parametrize(("name", "cls"), NAMES.items())
def test_names(name, cls):
    assert type(nn.Activation(name).activation) is cls
    assert type(nn.Dense(1, activation=name).activation) is cls


scores = arrays(np.float64, (3, 4), elements=st.floats(-1e300, 1e300))


@given(scores)
@settings(max_examples=40)
def test_softmax_gives_probabilities_for_any_scores(Z):
    with np.errstate(over="ignore"):
        A = nn.Softmax().forward(Z)
    assert (A >= 0).all()
    assert np.allclose(A.sum(axis=1), 1)
    assert (np.take_along_axis(A, Z.argmax(axis=1)[:, None], axis=1)[:, 0] == A.max(axis=1)).all()


@given(arrays(np.float64, (2, 3), elements=st.floats(-50, 50)), st.floats(-1000, 1000))
@settings(max_examples=40)
def test_softmax_depends_on_differences_only(Z, shift):
    assert np.allclose(nn.Softmax().forward(Z + shift), nn.Softmax().forward(Z))


def test_softmax_is_over_the_last_axis():
    Z, dA = np.random.default_rng(0).normal(size=(2, 2, 3, 4))
    one, many = nn.Softmax(), nn.Softmax()
    assert np.allclose(many.forward(Z).reshape(6, 4), one.forward(Z.reshape(6, 4)))
    assert np.allclose(many.backward(dA).reshape(6, 4), one.backward(dA.reshape(6, 4)))


def test_softmax_by_hand():
    A = nn.Softmax().forward(np.log([[1.0, 2.0, 5.0]]))
    assert np.allclose(A, [[1 / 8, 2 / 8, 5 / 8]])


AT_ZERO = [
    (nn.Linear(), 0, 1), (nn.Step(), 1, 0), (nn.Sigmoid(), 1 / 2, 1 / 4), (nn.Tanh(), 0, 1),
    (nn.ReLU(), 0, 0), (nn.LeakyReLU(), 0, 0.2), (nn.LeakyReLU(0.5), 0, 0.5), (nn.ELU(), 0, 1),
    (nn.ELU(0.5), 0, 0.5), (nn.ELU(3), 0, 3), (nn.GELU(), 0, 1 / 2), (nn.SiLU(), 0, 1 / 2),
    (nn.Softplus(), math.log(2), 1 / 2), (nn.Softmax(), 1 / 3, 0),
]  # fmt: skip


@pytest.mark.parametrize("zero", [0.0, -0.0])
@pytest.mark.parametrize(("activation", "value", "slope"), AT_ZERO, ids=repr)
def test_value_and_slope_at_zero(activation, value, slope, zero):
    """At a kink the slope is that from below: of ELU with α ≠ 1, α."""
    Z = np.full((2, 3), zero)
    assert np.allclose(activation.forward(Z), value, rtol=1e-15, atol=0)
    assert np.allclose(activation.backward(np.full((2, 3), 7.0)), 7 * slope, rtol=1e-15, atol=1e-15)


def test_every_activation_has_its_values_at_zero():
    assert {type(activation) for activation, _, _ in AT_ZERO} == {*NAMES.values()}


@pytest.mark.parametrize("activation", [*ALL, nn.Step()], ids=repr)
def test_the_way_back_is_that_of_the_last_way_forward(activation):
    """Going it twice gives the same, and the gradient that it's given is left alone."""
    first, Z, dA = np.random.default_rng(0).normal(size=(3, 2, 4))
    activation.forward(first)
    activation.forward(Z)
    before = dA.copy()
    once, twice = activation.backward(dA), activation.backward(dA)
    assert (once == twice).all()
    assert (dA == before).all()
    activation.forward(first)
    assert (activation.backward(dA) != once).any() or type(activation) in (nn.Linear, nn.Step)
