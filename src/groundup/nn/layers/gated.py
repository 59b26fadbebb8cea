"""Recurrent layers with gates, which decide what a state keeps and what it lets in."""

import numpy as np

from groundup.nn import initializers
from groundup.nn.activations import sigmoid
from groundup.nn.arguments import flag
from groundup.nn.fused import gated as loops
from groundup.nn.layers.layer import Block
from groundup.nn.layers.recurrent import Recurrent


class LSTM(Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997, with the forget gate of Gers and others,
    2000).

    The state is an output h and a cell c. Of the columns of ``x W + h U + b``, the first n are for the
    gate that lets in, i, the next for the one that keeps, f, the next for the candidate, g, and the last
    for the gate that lets out, o: ``i = σ(·)``, ``f = σ(·)``, ``g = tanh(·)``, ``o = σ(·)``. Then
    ``c ← f ⊙ c + i ⊙ g`` and ``h = o ⊙ tanh(c)``.

    Args:
        units: as in ``Recurrent``; so are those that aren't named here.
        unit_forget_bias: whether the bias of f, if there is one, begins at one, so that a cell keeps what
            it has (Jozefowicz and others, 2015).

    Shapes:
        as ``Recurrent``.

    Example:
        >>> from groundup import nn
        >>> nn.Sequential([nn.Input((64, 32)), nn.LSTM(128)]).count_params()
        82432
    """

    gates, memories = 4, 2

    def __init__(
        self,
        units: int,
        *,
        use_bias: bool = True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        unit_forget_bias: bool = True,
        return_sequences: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
    ):
        super().__init__(
            units,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            return_sequences=return_sequences,
            go_backwards=go_backwards,
            stateful=stateful,
        )
        self.unit_forget_bias = flag(unit_forget_bias, "LSTM expected unit_forget_bias")

    def bias(self):
        if not self.unit_forget_bias:
            return super().bias()
        return Block((4 * self.units,), OneForForgetting(self.bias_initializer))

    def step(self, Z, R, state):
        """By :eq:`lstm-gates`, :eq:`lstm-cell` and :eq:`lstm-output`."""
        Zi, Zf, Zg, Zo = np.split(Z + R, 4, axis=1)
        i, f, o = sigmoid(Zi), sigmoid(Zf), sigmoid(Zo)
        g = np.tanh(Zg)
        c_before = state[1]
        c = f * c_before + i * g
        tanh_c = np.tanh(c)
        return (o * tanh_c, c), (i, f, g, o, c_before, tanh_c)

    def step_back(self, kept, d_state):
        """From dh and dc: c also acts by way of h, :eq:`lstm-back-cell`; then gate by gate, with the
        slope of each, :eq:`lstm-back-gates`. What goes back by way of R is :eq:`lstm-back-output`.
        """
        i, f, g, o, c_before, tanh_c = kept
        dh, dc = d_state
        dc = dc + dh * o * (1 - tanh_c**2)
        dZi = dc * g * i * (1 - i)
        dZf = dc * c_before * f * (1 - f)
        dZg = dc * i * (1 - g**2)
        dZo = dh * tanh_c * o * (1 - o)
        dZ = np.concatenate([dZi, dZf, dZg, dZo], axis=1)
        return dZ, dZ, (0.0, dc * f)

    forms = ((step, loops.lstm_step), (step_back, loops.lstm_step_back))


class GRU(Recurrent):
    """The gated recurrent unit (Cho and others, 2014), as Keras has it with ``reset_after=True``.

    Of the columns of ``Z = x W + b₁`` and of ``R = h U + b₂``, the first n are for the gate that keeps,
    z, the next for the one that resets, r, the last for the candidate, g: ``z = σ(Z_z + R_z)``,
    ``r = σ(Z_r + R_r)``, ``g = tanh(Z_g + r ⊙ R_g)``; then ``h ← z ⊙ h + (1 − z) ⊙ g``. (Elsewhere z and
    1 − z are the other way round.)

    Args:
        units: as in ``Recurrent``; so are the others. ``b`` is (2, 3 n).

    Shapes:
        as ``Recurrent``.
    """

    b, db = (0.0, 0.0), (None, None)  # without a bias
    gates = 3
    R_is_added = False

    def bias(self):
        return Block((2, 3 * self.units), self.bias_initializer)

    def input_bias(self):
        return self.b[0]

    def step(self, Z, R, state):
        """By :eq:`gru`."""
        (Zz, Zr, Zg), (Rz, Rr, Rg) = (np.split(A, 3, axis=1) for A in (Z, R + self.b[1]))
        z, r = sigmoid(Zz + Rz), sigmoid(Zr + Rr)
        g = np.tanh(Zg + r * Rg)
        (before,) = state
        return (z * before + (1 - z) * g,), (z, r, g, before, Rg)

    def step_back(self, kept, d_state):
        """By :eq:`gru-back-gates` and, with what goes back by way of R, :eq:`gru-back-output`; R acts on
        the candidate through r, so dR isn't dZ.
        """
        (z, r, g, before, Rg), (dh,) = kept, d_state
        dZg = dh * (1 - z) * (1 - g**2)
        dZz = dh * (before - g) * z * (1 - z)
        dZr = dZg * Rg * r * (1 - r)
        dZ = np.concatenate([dZz, dZr, dZg], axis=1)
        dR = np.concatenate([dZz, dZr, dZg * r], axis=1)
        return dZ, dR, (dh * z,)

    def fill_bias_gradient(self, dZ, dR):
        dZ.sum(axis=0, out=self.db[0])
        dR.sum(axis=0, out=self.db[1])

    forms = ((step, loops.gru_step), (step_back, loops.gru_step_back))


class OneForForgetting(initializers.Initializer):
    """An LSTM's bias: one for the forget gate; for the others what another initializer says.

    Args:
        others: that one.
    """

    def __init__(self, others):
        self.others = initializers.get(others)

    def __call__(self, shape):
        i, _, g, o = np.split(np.array(self.others(shape)), 4)
        return np.concatenate([i, np.ones_like(g), g, o])
