"""Exercises of the chapter on activation functions."""

import numpy as np

from groundup.exercises.checking import Hint, check, numbers
from groundup.nn.activations import sigmoid


@check
def tanh_from_sigmoid(tanh) -> None:
    """A function of a sigmoid and of z, (m,), that returns tanh z and calls nothing but the sigmoid."""
    z = np.random.default_rng(0).normal(scale=2, size=200)
    calls = []

    def counted(values):
        calls.append(values)
        return sigmoid(np.asarray(values))

    found, truth = numbers(tanh(counted, z.copy()), z.shape, "tanh z"), np.tanh(z)
    if np.allclose(found, truth, rtol=1e-6, atol=1e-9):
        if not calls:
            raise Hint("the values are right; now make them with the sigmoid that is handed in")
        return
    if np.allclose(found, np.tanh(z / 2)):
        raise Hint("this is tanh(z / 2): the height is right, the steepness isn't")
    if np.allclose(found, sigmoid(2 * z)):
        raise Hint("the steepness is right; this goes from 0 to 1, and tanh from −1 to 1")
    if np.allclose(found, -truth):
        raise Hint("but for its sign: tanh rises")
    raise Hint(
        "divide numerator and denominator of tanh z by e^z and compare with 1 / (1 + e^−2z), "
        "which is σ(2z)"
    )


@check
def passes(layers) -> None:
    """How many sigmoid layers a thousandth of a gradient can pass, with weights that keep its length."""
    found = numbers(layers, called="the number of layers")
    if found == 4:
        return
    if found == 5:
        raise Hint(
            "almost: five layers let 4⁻⁵ = 1/1024 through at most, which is less than 1/1000"
        )
    if found == 9:
        raise Hint("σ is steepest at zero; its value there is 1/2, its derivative isn't")
    if found == 250:
        raise Hint("the factors of the layers multiply, they don't add up")
    if found != int(found) or found < 0:
        raise Hint("layers are counted: the answer is a whole number")
    raise Hint(
        "how steep is a sigmoid at most, and what is that for two of them, one after the other?"
    )


@check
def swish(forward, derivative) -> None:
    """Two functions of z, (m,), and β: z σ(β z), and its derivative by z."""
    z = np.random.default_rng(0).normal(scale=2, size=200)
    for beta in (1.0, 0.5, 3.0):
        truth = z * sigmoid(beta * z)
        found = numbers(forward(z.copy(), beta), z.shape, "the function")
        if not np.allclose(found, truth, rtol=1e-6, atol=1e-9):
            if np.allclose(found, z * sigmoid(z)):
                raise Hint("for β = 1 the function is right, but β changes nothing")
            if np.allclose(found, sigmoid(beta * z)):
                raise Hint("this is how much of z passes; multiply by z itself")
            raise Hint(f"for β = {beta:g} the function isn't z σ(β z)")
        step = 1e-5
        slope = (
            (z + step) * sigmoid(beta * (z + step)) - (z - step) * sigmoid(beta * (z - step))
        ) / (2 * step)
        found = numbers(derivative(z.copy(), beta), z.shape, "the derivative")
        if not np.allclose(found, slope, rtol=1e-5, atol=1e-7):
            s = sigmoid(beta * z)
            if np.allclose(found, s):
                raise Hint("z stands in a product, so both of its factors have a derivative")
            if np.allclose(found, s + z * s * (1 - s)):
                raise Hint("by the chain rule the derivative of σ(β z) brings a factor β")
            raise Hint(
                f"for β = {beta:g} the derivative isn't that of z σ(β z); product rule, then chain rule"
            )


@check
def never_on(decide) -> None:
    """A function of W, (d, n), and b, (n,): which ReLU units are off for all inputs from 0 to 1."""
    rng = np.random.default_rng(0)
    W, b = rng.normal(size=(6, 300)), rng.normal(-3, 1.5, size=300)
    found = numbers(decide(W.copy(), b.copy()), (300,), "the answer for 300 units")
    if not np.isin(found, (0, 1)).all():
        raise Hint("the answer is to be yes or no for each unit: True, or False")
    found = found.astype(bool)
    truth = np.maximum(W, 0).sum(axis=0) + b <= 0
    if (found == truth).all():
        return
    if found.all() or not found.any():
        raise Hint("this says the same of all units; some of the check's are never on, some can be")
    if (found == ~truth).all():
        raise Hint("the other way round: True is for units that are never on")
    if (found == (b <= 0)).all():
        raise Hint("this asks about an input of zeros only; other inputs can raise z above b")
    if (found == (W.sum(axis=0) + b <= 0)).all():
        raise Hint(
            "this asks about an input of ones only; where a weight is negative, zero is better"
        )
    wrong = int((found != truth).sum())
    raise Hint(
        f"{wrong} of 300 units are judged wrongly: which input from 0 to 1 makes z largest, weight by "
        "weight, and how large is z then?"
    )


@check
def deep(accuracy_sigmoid, accuracy_tanh, needs=None) -> None:
    """What networks with ten hidden layers reach on the validation set, with sigmoid and with tanh.

    Args:
        accuracy_sigmoid, accuracy_tanh: the two accuracies.
        needs: the data set; a stand-in is too small for the accuracies to say anything.
    """
    low = numbers(accuracy_sigmoid, called="the accuracy with sigmoid")
    high = numbers(accuracy_tanh, called="the accuracy with tanh")
    for value, name in ((low, "sigmoid"), (high, "tanh")):
        if not 0 <= value <= 1:
            raise Hint(f"the accuracy with {name} is {value:.4g}; it's to be a share from 0 to 1")
    if needs is not None and needs.is_stand_in:
        return
    if low > 0.8 and high < 0.3:
        raise Hint("the two have changed places")
    if low > 0.5:
        raise Hint("with ten hidden layers a sigmoid doesn't learn in five epochs; are there ten?")
    if high < 0.8:
        raise Hint("tanh does better than that with a learning rate of 0.1 and five epochs")
