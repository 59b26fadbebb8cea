"""Activation functions and how gradients pass back through them.

An activation turns a layer's ``Z`` into ``A = g(Z)`` and, on the way back, ``dA`` into ``dZ``. All but
softmax work entry by entry, so that ``dZ = dA ⊙ g′(Z)``.
"""

import math

import numpy as np

from groundup.nn.arguments import number
from groundup.nn.arrays import floats, underflow_is_zero
from groundup.nn.config import Configured, lookup
from groundup.nn.fused import activations as loops


class ActivationFunction(Configured):
    """A function of a layer's pre-activation.

    Shapes:
        (m, …) -> the same.
    """

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """``A = g(Z)``; keeps what the way back needs."""
        raise NotImplementedError

    def backward(self, dA: np.ndarray) -> np.ndarray:
        """The gradient with respect to ``Z``, from that with respect to ``A``,
        :eq:`gradient-through-activation`.
        """
        raise NotImplementedError


class Linear(ActivationFunction):
    """No activation: the output is the pre-activation itself."""

    def forward(self, Z):
        return Z

    def backward(self, dA):
        return dA


class Step(ActivationFunction):
    """One where ``Z ≥ 0``, else zero: the neuron that fires or doesn't (McCulloch and Pitts, 1943).

    Its derivative is zero wherever there is one, so nothing learns through it.
    """

    def forward(self, Z):
        Z = floats(Z)
        return (Z >= 0).astype(Z.dtype)

    def backward(self, dA):
        return np.zeros_like(dA)


class Sigmoid(ActivationFunction):
    """``σ(Z) = 1 / (1 + e^−Z)``, :eq:`logistic-function`, between 0 and 1; ``σ′ = σ (1 − σ)``,
    :eq:`logistic-derivative`.
    """

    def forward(self, Z):
        self.A = sigmoid(Z)
        return self.A

    def backward(self, dA):
        with underflow_is_zero():
            return dA * self.A * (1 - self.A)

    forms = ((backward, loops.sigmoid_backward),)


class Tanh(ActivationFunction):
    """The hyperbolic tangent, :eq:`tanh-activation`, between −1 and 1; ``tanh′ = 1 − tanh²``,
    :eq:`tanh-slope`.
    """

    def forward(self, Z):
        self.A = np.tanh(floats(Z))
        return self.A

    def backward(self, dA):
        return dA * (1 - self.A**2)

    forms = ((backward, loops.tanh_backward),)


class ReLU(ActivationFunction):
    """``max(Z, 0)``, :eq:`relu`; its derivative is 1 where ``Z > 0``, else 0, :eq:`relu-slope`, at zero
    too.
    """

    def forward(self, Z):
        self.A = np.maximum(floats(Z), 0)
        return self.A

    def backward(self, dA):
        return dA * (self.A > 0)

    forms = ((forward, loops.relu), (backward, loops.relu_backward))


class LeakyReLU(ActivationFunction):
    """``Z`` where it is positive, ``negative_slope · Z`` elsewhere, :eq:`leaky-relu` and
    :eq:`leaky-relu-slope` (Maas and others, 2013).

    Args:
        negative_slope: the slope below zero, and at zero.
    """

    def __init__(self, negative_slope: float = 0.2):
        self.negative_slope = number(negative_slope, "LeakyReLU expected a slope")

    def forward(self, Z):
        Z = floats(Z)
        self.slope = np.where(Z > 0, 1, self.negative_slope).astype(Z.dtype)
        return self.slope * Z

    def backward(self, dA):
        return dA * self.slope


class ELU(ActivationFunction):
    """``Z`` where it is positive, ``α (e^Z − 1)`` elsewhere, :eq:`elu` and :eq:`elu-slope` (Clevert and
    others, 2016).

    Args:
        alpha: minus the limit for very negative ``Z``, α.
    """

    def __init__(self, alpha: float = 1.0):
        self.alpha = number(alpha, "ELU expected an alpha")

    def forward(self, Z):
        Z = floats(Z)
        self.Z, self.below = Z, self.alpha * np.expm1(np.minimum(Z, 0))
        return np.where(Z > 0, Z, self.below)

    def backward(self, dA):
        return dA * np.where(self.Z > 0, 1, self.below + self.alpha)


class GELU(ActivationFunction):
    """``Z Φ(Z)``, :eq:`gelu`, with Φ the normal distribution function (Hendrycks and Gimpel, 2016).

    Its derivative is ``Φ(Z) + Z φ(Z)``, :eq:`gelu-slope`, with the normal density φ.
    """

    def forward(self, Z):
        from scipy.special import erf  # NumPy has none; importing SciPy takes a while

        Z = floats(Z)
        with underflow_is_zero():
            self.Z, self.Phi = Z, (1 + erf(Z / math.sqrt(2))) / 2
            return Z * self.Phi

    def backward(self, dA):
        with underflow_is_zero():
            phi = np.exp(-(self.Z**2) / 2) / math.sqrt(2 * math.pi)
            return dA * (self.Phi + self.Z * phi)

    forms = ((forward, loops.gelu), (backward, loops.gelu_backward))


class SiLU(ActivationFunction):
    """``Z σ(Z)``, :eq:`silu` (Elfwing and others, 2018); its derivative is ``σ + Z σ (1 − σ)``,
    :eq:`silu-slope`.
    """

    def forward(self, Z):
        Z = floats(Z)
        self.Z, self.sigma = Z, sigmoid(Z)
        with underflow_is_zero():
            return Z * self.sigma

    def backward(self, dA):
        with underflow_is_zero():
            return dA * self.sigma * (1 + self.Z * (1 - self.sigma))


class Softplus(ActivationFunction):
    """``log(1 + e^Z)``, :eq:`softplus`, a ReLU without a corner; its derivative is the sigmoid,
    :eq:`softplus-slope`.
    """

    def forward(self, Z):
        self.Z = floats(Z)
        return softplus(self.Z)

    def backward(self, dA):
        with underflow_is_zero():
            return dA * sigmoid(self.Z)


class Softmax(ActivationFunction):
    """Turns each row of scores into probabilities: positive, with sum one.

    Example:
        >>> from groundup import nn
        >>> nn.Softmax().forward(np.array([[1.0, 1.0], [1001.0, 1000.0]])).round(2)
        array([[0.5 , 0.5 ],
               [0.73, 0.27]])
    """

    def forward(self, Z):
        """:eq:`softmax`, with each row's largest score taken off first (:eq:`softmax-shift`), so that
        nothing overflows.
        """
        Z = floats(Z)
        with underflow_is_zero():
            E = np.exp(Z - Z.max(axis=-1, keepdims=True))
            self.A = E / E.sum(axis=-1, keepdims=True)
        return self.A

    def backward(self, dA):
        """``dZ`` through the Jacobian :eq:`softmax-jacobian`, by :eq:`softmax-backward`."""
        A = self.A
        with underflow_is_zero():
            return A * (dA - (dA * A).sum(axis=-1, keepdims=True))

    forms = ((forward, loops.softmax),)


def sigmoid(Z: np.ndarray) -> np.ndarray:
    """``1 / (1 + e^−Z)``."""
    Z = floats(Z)
    # An exponential that is infinite, or zero, gives the right limit.
    with np.errstate(over="ignore", under="ignore"):
        return 1 / (1 + np.exp(-Z))


def softplus(Z: np.ndarray) -> np.ndarray:
    """``log(1 + e^Z)``, written so that no exponential overflows, :eq:`softplus-stable`."""
    Z = floats(Z)
    with underflow_is_zero():
        return np.maximum(Z, 0) + np.log1p(np.exp(-np.abs(Z)))


def get(identifier: str | ActivationFunction | None) -> ActivationFunction:
    """The activation of that name; None is linear."""
    names = {
        None: Linear,
        "linear": Linear,
        "step": Step,
        "sigmoid": Sigmoid,
        "tanh": Tanh,
        "relu": ReLU,
        "leaky_relu": LeakyReLU,
        "elu": ELU,
        "gelu": GELU,
        "silu": SiLU,
        "softplus": Softplus,
        "softmax": Softmax,
    }
    return lookup(ActivationFunction, "activation", identifier, names)
