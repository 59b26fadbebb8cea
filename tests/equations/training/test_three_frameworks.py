"""The equations of the chapter on one network in three frameworks."""

import numpy as np
import pytest
from numeric import double
from tests.equations.checks import agree

from groundup import nn

RNG = np.random.default_rng(0)
BETA, EPSILON = 0.97, 0.3


@pytest.mark.equation("torch-layout")
def test_layout(book):
    """The engine's layer is PyTorch's, whose weights have a row for each unit."""
    X = RNG.normal(size=(4, 3))
    model = double(nn.Input((3,)), nn.Dense(2), seed=1)
    W, b = model.get_weights()
    agree(
        book["torch-layout"],
        {"X": X, "W": W, "b": b, "V": W.T.copy(), "Z": model.forward(X)},
    )


@pytest.mark.equation("two-epsilons")
def test_places_of_epsilon(book):
    """With its epsilon the engine takes the step of an Adam that adds epsilon to the corrected root."""
    for t in (1, 2, 7):
        v = 0.4 * t
        epsilon_t = EPSILON * np.sqrt(1 - BETA**t)
        agree(
            book["two-epsilons"],
            {
                "v": v,
                r"\beta_2": BETA,
                "t": t,
                r"\varepsilon": EPSILON,
                r"\varepsilon_t": epsilon_t,
            },
        )


def test_the_step_is_that_of_the_paper():
    dw, theirs = RNG.normal(size=(5, 3)), np.zeros(3)
    ours, m, v = np.zeros(3), np.zeros(3), np.zeros(3)
    optimizer = nn.Adam(0.1, beta_1=0.8, beta_2=BETA)
    for t in range(1, 6):
        m, v = 0.8 * m + 0.2 * dw[t - 1], BETA * v + (1 - BETA) * dw[t - 1] ** 2
        theirs -= 0.1 * (m / (1 - 0.8**t)) / (np.sqrt(v / (1 - BETA**t)) + EPSILON)
        optimizer.epsilon = EPSILON * np.sqrt(1 - BETA**t)
        optimizer.apply(dw[t - 1], ours)
    assert np.allclose(ours, theirs, rtol=1e-12)
