"""The equations of the chapter on automatic differentiation."""

import numpy as np
import pytest
import sympy
from numeric import central_differences
from tests.equations.checks import agree
from tests.equations.evaluation import Counted

from groundup.tape import Value

INPUTS, TARGET, W, U = (1.0, -0.5, -2.0, 0.5), 0.2, 1.2, 2.0
STEPS = range(1, 5)


def neuron() -> tuple[Value, list[Value], list[Value]]:
    """The weight u, the scores and the outputs of the neuron that hears itself, after a way back."""
    w, u = Value(W), Value(U)
    z, h = [], [Value(0.0)]
    for x in INPUTS:
        z.append(w * x + u * h[-1])
        h.append(z[-1].tanh())
    ((h[-1] - TARGET) ** 2).backward()
    return u, z, h


def plain(values) -> np.ndarray:
    return np.array([value.data for value in values])


@pytest.mark.equation("tape-accumulate")
def test_what_an_arrow_brings_is_added(book):
    """Of a tanh(a), first along one arrow, then along the other; the sum is the derivative."""
    at = np.array(0.4)
    a = Value(at)
    b = a.tanh()
    (a * b).backward()
    numeric = central_differences(lambda: float(at * np.tanh(at)), at)
    np.testing.assert_allclose(a.gradient, numeric, rtol=1e-8)
    product = {"a": 0.4, "da": 0.0, "dz": 1.0, "z": lambda v: v["a"] * float(b.data)}
    agree(book["tape-accumulate"], product, after={"da": float(b.data)})
    bent = {
        "a": 0.4,
        "da": float(b.data),
        "dz": float(b.gradient),
        "z": lambda v: sympy.tanh(v["a"]),
    }
    agree(book["tape-accumulate"], bent, after={"da": float(a.gradient)})


@pytest.mark.equation("echo-neuron")
def test_the_neuron_that_hears_itself(book):
    _, z, h = neuron()
    values = {
        "w": W, "u": U, "x": np.array(INPUTS), "z": plain(z), "h": Counted(plain(h), (0,)),
    }  # fmt: skip
    agree(book["echo-neuron"], values, t=STEPS)


@pytest.mark.equation("shared-weight")
def test_the_gradient_of_a_weight_that_is_used_again(book):
    """Against the derivative of the whole formula, by SymPy, and against the tape's."""
    u, z, h = neuron()

    def loss(v):
        said = 0
        for x in INPUTS:
            said = sympy.tanh(v["w"] * x + v["u"] * said)
        return (said - TARGET) ** 2

    values = {
        "w": W, "u": U, "L": loss, "dz": np.array([value.gradient for value in z]),
        "h": Counted(plain(h), (0,)),
    }  # fmt: skip
    agree(book["shared-weight"], values, code=u.gradient)
