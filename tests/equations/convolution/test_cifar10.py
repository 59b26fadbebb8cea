"""The equations of the chapter on CIFAR-10."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from numeric import central_differences
from tests.equations.checks import agree, formula, same

from groundup.models.cifar_parts import Triangle

RNG = np.random.default_rng(0)
M, WIDTHS = 4, (3, 5, 6, 3)
L = 5  # the last of the block's three layers
WEIGHTS = {L - 2 + n: RNG.normal(size=WIDTHS[n : n + 2]) for n in range(3)}
A_IN = RNG.normal(size=(M, WIDTHS[0]))


def relu(z):
    return np.maximum(z, 0)


def slope(z):
    return (z > 0).astype(float)


def block(A):
    """Scores and activations of three dense layers with a shortcut around them, by the layer."""
    Z, out = {}, {L - 3: A}
    for layer, W in WEIGHTS.items():
        Z[layer] = out[layer - 1] @ W
        out[layer] = relu(Z[layer] + (A if layer == L else 0))
    return Z, out


def layered(by_layer):
    """An array for each layer, for the notation's brackets."""
    return {layer: by_layer[layer] for layer in sorted(by_layer)}


@pytest.mark.equation("residual")
def test_a_block_with_a_shortcut(book):
    Z, A = block(A_IN)
    oracle = keras.layers.ReLU()(keras.layers.Add()([Z[L], A_IN]))
    same(np.array(oracle), A[L], "Keras and the block")
    agree(book["residual"], {"A": layered(A), "Z": layered(Z), "g": relu, "l": L}, recurs=True)


@pytest.mark.equation("residual-gradient")
def test_the_gradient_takes_two_roads(book):
    Z, A = block(A_IN)
    dA_out = RNG.normal(size=A[L].shape)
    dZ = {L: dA_out * slope(Z[L] + A_IN)}
    for layer in (L - 1, L - 2):
        dZ[layer] = (dZ[layer + 1] @ WEIGHTS[layer + 1].T) * slope(Z[layer])
    start = A_IN.copy()
    numeric = central_differences(lambda: np.sum(dA_out * block(start)[1][L]), start)
    values = {
        "dZ": layered(dZ), "dA": {L: dA_out, L - 3: numeric}, "A": layered(A), "Z": layered(Z),
        "W": layered(WEIGHTS), "g'": slope, "l": L,
    }  # fmt: skip
    agree(book["residual-gradient"], values)


@pytest.mark.equation("triangle")
def test_the_rate_rises_and_falls(book):
    peak, steps = 0.3, 40
    for share in (0.23, 0.5):
        schedule = Triangle(peak, steps, rise=share)
        for t in range(steps + 1):
            straight = np.interp(t, [0, share * steps, steps], [0, peak, 0])
            same(float(schedule(t)), straight, "two straight lines and the code")
            values = {r"\eta_t": straight, r"\eta": peak, "t": t, "T": steps, "r": share}
            agree(book["triangle"], values)


@pytest.mark.equation("label-smoothing")
def test_smoothed_labels(book):
    """Keras's loss with smoothing is its loss without, of the equation's labels."""
    y, alpha, classes = np.eye(4)[2], 0.2, 4
    smoothed = (1 - alpha) * y + alpha / classes
    agree(
        book["label-smoothing"],
        {r"\tilde y": smoothed, "y": y, r"\alpha": alpha, "K": classes},
        k=range(1, classes + 1),
    )
    p = RNG.dirichlet(np.ones(classes))
    plain, smoothing = (
        float(
            keras.losses.CategoricalCrossentropy(label_smoothing=share)(
                tf.constant([target], tf.float64), tf.constant([p], tf.float64)
            )
        )
        for share, target in ((0.0, smoothed), (alpha, y))
    )
    assert plain == pytest.approx(smoothing, rel=1e-6)


@pytest.mark.equation("calibration-error")
def test_expected_calibration_error(book):
    """Ten answers in three bins, counted by hand."""
    counts, right, sure = np.array([2, 3, 5]), np.array([1, 1, 5]), np.array([0.3, 0.6, 0.9])
    by_hand = (abs(1 - 0.6) + abs(1 - 1.8) + abs(5 - 4.5)) / 10
    values = {"n": counts, "m": 10, "r": right / counts, "p": sure, "h": 3}
    found = formula(book["calibration-error"])(values)
    same(found, by_hand, "the equation and a calculation by hand")
    agree(book["calibration-error"], {**values, r"\operatorname{ECE}": by_hand})
