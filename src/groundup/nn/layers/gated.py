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

    The state is an output h and a cell c. With the gates for input, forgetting and output, i, f and o,
    and the candidate g, each from its block of columns of ``x W + h U + b``, in the order i, f, g, o:
    ``c ← f ⊙ c + i ⊙ g`` and ``h = o ⊙ tanh(c)``.

    Args:
        units: as in ``Recurrent``; so are those that aren't named here.
        unit_forget_bias: whether the forget gate's bias begins at one, so that a cell keeps what it has
            (Jozefowicz and others, 2015).

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

    def bias_block(self):
        if not self.unit_forget_bias:
            return super().bias_block()
        return Block((4 * self.units,), OneForForgetting(self.bias_initializer))

    def step(self, Z, R, state):
        i, f, g, o = np.split(Z + R, 4, axis=1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        c_before = state[1]
        c = f * c_before + i * g
        tanh_c = np.tanh(c)
        return (o * tanh_c, c), (i, f, g, o, c_before, tanh_c)

    def step_back(self, kept, d_state):
        i, f, g, o, c_before, tanh_c = kept
        dh, dc = d_state
        dc = dc + dh * o * (1 - tanh_c**2)
        di, df, dg, do = dc * g, dc * c_before, dc * i, dh * tanh_c
        gates = di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)
        dZ = np.concatenate(gates, axis=1)
        return dZ, dZ, (0.0, dc * f)

    forms = ((step, loops.lstm_step), (step_back, loops.lstm_step_back))


class GRU(Recurrent):
    """The gated recurrent unit (Cho and others, 2014), as Keras has it with ``reset_after=True``.

    With the gates for keeping and resetting, z and r, and the candidate g, each from its block of columns
    of ``Z = x W + b₁`` and ``R = h U + b₂``, in this order: ``z = σ(Z + R)``, ``r = σ(Z + R)``,
    ``g = tanh(Z + r ⊙ R)``; then ``h ← z ⊙ h + (1 − z) ⊙ g``.

    Args:
        units: as in ``Recurrent``; so are the others. ``b`` is (2, 3 n).

    Shapes:
        as ``Recurrent``.
    """

    b, db = (0.0, 0.0), (None, None)  # without a bias
    gates = 3

    def bias_block(self):
        return Block((2, 3 * self.units), self.bias_initializer)

    def input_bias(self):
        return self.b[0]

    def step(self, Z, R, state):
        (Zz, Zr, Zg), (Rz, Rr, Rg) = (np.split(A, 3, axis=1) for A in (Z, R + self.b[1]))
        z, r = sigmoid(Zz + Rz), sigmoid(Zr + Rr)
        g = np.tanh(Zg + r * Rg)
        (before,) = state
        return (z * before + (1 - z) * g,), (z, r, g, before, Rg)

    def step_back(self, kept, d_state):
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
