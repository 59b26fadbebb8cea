"""The equations of the chapter on recurrent networks."""

import numpy as np
import pytest
from numeric import central_differences, double
from tests.equations.checks import agree, formula, same
from tests.equations.evaluation import Counted

from groundup import nn
from groundup.tape import Value

RNG = np.random.default_rng(0)
T, X, Y = 5, RNG.normal(size=5), RNG.normal(size=5)
W, U, B, V, C = 0.8, -0.9, 0.1, 1.3, -0.2
STEPS = range(1, T + 1)


class Unit:
    """One unit on the tape: its values from h_0 on, and all gradients after a way back.

    Args:
        errors: the steps, from 1, whose squared errors count.
    """

    def __init__(self, errors=STEPS):
        self.parameters = [Value(number) for number in (W, U, B, V, C)]
        w, u, b, v, c = self.parameters
        self.z, self.h, self.said = [], [Value(0.0)], []
        for x in X:
            self.z.append(w * x + u * self.h[-1] + b)
            self.h.append(self.z[-1].tanh())
            self.said.append(v * self.h[-1] + c)
        squares = [(said - y) ** 2 for said, y in zip(self.said, Y, strict=True)]
        sum((squares[t - 1] for t in errors), Value(0.0)).backward(1 / T)

    def values(self) -> dict:
        """By the names of the notation; what a step hands to one that there isn't is zero."""
        w, u, b, _, _ = self.parameters
        h = np.array([value.data for value in self.h])
        dz = np.array([*(getattr(value, "gradient", 0.0) for value in self.z), 0.0])
        said = [getattr(value, "gradient", 0.0) for value in self.said]
        return {
            "w": W, "u": U, "b": B, "v": V, "c": C, "x": X, "T": T,
            "z": np.array([value.data for value in self.z]), "h": Counted(h, (0,)),
            r"\hat y": np.array([value.data for value in self.said]),
            "dh": np.array([getattr(value, "gradient", 0.0) for value in self.h[1:]]), "dz": dz,
            r"d\hat y": np.array(said), "dw": w.gradient, "du": u.gradient, "db": b.gradient,
        }  # fmt: skip


@pytest.mark.equation("recurrent-unit")
def test_one_unit_forward(book):
    values = Unit().values()
    agree(book["recurrent-unit"], values, t=STEPS)
    model = double(nn.Input((T, 1)), nn.SimpleRNN(1, return_sequences=True), nn.Dense(1))
    model.set_weights(
        [
            np.reshape(n, (1,) * axes)
            for n, axes in zip((W, U, B, V, C), (2, 2, 1, 2, 1), strict=True)
        ]
    )
    said = model.forward(X[None, :, None])[0, :, 0]
    same(said, values[r"\hat y"], "the engine and the tape")


@pytest.mark.equation("unit-back", "unit-shares")
def test_one_unit_back_through_time(book):
    values = Unit().values()
    agree(book["unit-back"], values, t=STEPS)
    agree(book["unit-shares"], values)


def layer(units=3, m=2, d=2):
    """A layer with an output layer, sequences, and what there is after a way back, steps first."""
    model = double(nn.Input((T, d)), nn.SimpleRNN(units, return_sequences=True), nn.Dense(2))
    recurrent, output = model.layers
    recurrent.b[:] = RNG.normal(size=units)
    x, d_said = RNG.normal(size=(m, T, d)), RNG.normal(size=(m, T, 2))

    def loss():
        return np.sum(model.forward(x) * d_said)

    H = np.concatenate([np.zeros((m, 1, units)), recurrent.forward(x)], axis=1).swapaxes(0, 1)
    dW, dU = (central_differences(loss, array) for array in (recurrent.W, recurrent.U))
    model.forward(x, training=True)
    model.backpropagate(d_said)
    same(recurrent.dW, dW, "the engine and central differences")
    same(recurrent.dU, dU, "the engine and central differences")
    dZ = np.concatenate([recurrent.dZ, np.zeros((1, m, units))])
    # The states' gradients, each by nudging: by what all that comes after a state says.
    dH = np.zeros((T, m, units))
    for t in range(1, T + 1):

        def after(start=t):
            state, total = H[start], np.sum((H[start] @ output.W) * d_said[:, start - 1])
            for step in range(start, T):
                state = np.tanh(x[:, step] @ recurrent.W + state @ recurrent.U + recurrent.b)
                total += np.sum((state @ output.W) * d_said[:, step])
            return total

        dH[t - 1] = central_differences(after, H[t])
    return {
        "X": x.swapaxes(0, 1), "W": recurrent.W, "U": recurrent.U, "b": recurrent.b, "V": output.W,
        "H": Counted(H, (0,)), "dH": dH, "dZ": dZ, r"d\hat Y": d_said.swapaxes(0, 1), "T": T,
        "dW": dW, "dU": dU,
    }  # fmt: skip


@pytest.mark.equation("recurrent-layer", "layer-back", "layer-shares")
def test_a_layer_forward_and_back(book):
    values = layer()
    agree(book["recurrent-layer"], values, recurs=True, t=STEPS)
    agree(book["layer-back"], values, t=STEPS)
    agree(book["layer-shares"], values)


@pytest.mark.equation("free-unit")
def test_a_unit_that_hears_itself(book):
    h, heard = [0.3], V * 0.3 + C
    for _ in range(6):
        h.append(np.tanh(W * heard + U * h[-1] + B))
        heard = V * h[-1] + C
    values = {"w": W, "u": U, "b": B, "v": V, "c": C, "h": Counted(np.array(h), (0,))}
    agree(book["free-unit"], values, recurs=True, t=range(6))


@pytest.mark.equation("rotation")
def test_a_rotation(book):
    """It turns a state by the angle and stretches it, as complex numbers do."""
    for rho, omega in [(1.0, 0.3), (1.05, 2.0)]:
        U = formula(book["rotation"])({r"\rho": rho, r"\omega": omega})
        for x, y in RNG.normal(size=(4, 2)):
            turned = complex(x, y) * rho * np.exp(1j * omega)
            same(np.array([x, y]) @ U, np.array([turned.real, turned.imag]), "both turns")


@pytest.mark.equation("through-steps", "at-most")
def test_an_error_through_steps(book):
    """With the last step's error alone, the tape's gradients of the states before it."""
    values = Unit(errors=[T]).values()
    agree(book["through-steps"], values, recurs=True, t=range(2, T + 1))
    values |= {"t": T}
    agree(book["at-most"], values, slack=True, k=range(T))
    # Where tanh is straight, at scores of zero, there is no slack.
    still = {"u": U, "t": T, "dh": np.array([U ** (T - step) for step in STEPS])}
    agree(book["at-most"], still, slack=False, k=range(T))


@pytest.mark.equation("kept-length")
def test_the_length_that_a_scaled_rotation_leaves(book):
    Q, _ = np.linalg.qr(RNG.normal(size=(4, 4)))
    for rho in (0.9, 1.1):
        dh = [RNG.normal(size=4)]
        for _ in range(T - 1):
            dh.insert(0, dh[0] @ (rho * Q).T)
        assert np.abs(np.linalg.eigvals(rho * Q)) == pytest.approx(rho)
        values = {r"\rho": rho, "t": T, "dh": np.array(dh)}
        agree(book["kept-length"], values, k=range(T))


@pytest.mark.equation("clipping")
def test_clipping(book):
    """As the engine's optimizer clips, long gradients and short ones."""
    gradients = RNG.normal(size=6)
    for longest in (0.5, 100.0):
        parameters = np.zeros(6)
        nn.SGD(1.0, global_clipnorm=longest).apply(gradients, parameters)
        values = {r"d\theta": gradients, r"\tau": longest}
        agree(book["clipping"], values, after={r"d\theta": -parameters})
