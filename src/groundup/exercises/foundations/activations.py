"""Exercises of the chapter on activation functions."""

import numpy as np

from groundup import nn
from groundup.exercises.checking import Hint, accuracies, alike, check, numbers, trained
from groundup.nn.activations import sigmoid


@check
def tanh_from_sigmoid(tanh) -> None:
    """A function of a sigmoid and of z, (m,), that returns tanh z and calls nothing but the sigmoid."""
    z = np.random.default_rng(0).normal(scale=2, size=200)
    handed_in = lambda values: sigmoid(np.asarray(values))  # noqa: E731
    found, truth = numbers(tanh(handed_in, z.copy()), z.shape, "tanh z"), np.tanh(z)
    if alike(found, truth):
        # With another curve from 0 to 1, whoever used nothing else that is bent has that one stretched.
        other = numbers(tanh(_arctangent, z.copy()), z.shape, "tanh z")
        if alike(other, truth):
            raise Hint("the values are right; now make them with the sigmoid that is handed in")
        if not alike(other, 2 * _arctangent(2 * z) - 1):
            raise Hint(
                "the values are right, but something else is bent in it than the sigmoid: use no "
                "exponential, square or the like, only sums and factors"
            )
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


def _arctangent(z):
    """From 0 to 1 and alike on both sides, as the sigmoid is, but no sigmoid."""
    return 0.5 + np.arctan(z) / np.pi


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
    for beta in (1.0, 0.5, 3.0, 0.0):
        truth = z * sigmoid(beta * z)
        found = numbers(forward(z.copy(), beta), z.shape, "the function")
        if not alike(found, truth):
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
        if not alike(found, slope):
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
    # For ten units the largest pre-activation is zero, exactly: eighths are added without rounding.
    W[:, :10] = rng.integers(-16, 17, size=(6, 10)) / 8
    b[:10] = -np.maximum(W[:, :10], 0).sum(axis=0)
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
    if (found[10:] == truth[10:]).all():
        raise Hint("almost: a unit whose z is zero at most, and never more, is off too")
    wrong = int((found != truth).sum())
    raise Hint(
        f"{wrong} of 300 units are judged wrongly: which input from 0 to 1 makes z largest, weight by "
        "weight, and how large is z then?"
    )


@check
def deep(accuracy_sigmoid, accuracy_tanh, runs, x, y, needs=None) -> None:
    """What networks with ten hidden layers reach on the validation set, with sigmoid and with tanh.

    Args:
        accuracy_sigmoid, accuracy_tanh: the two accuracies.
        runs: the two runs that they come from, in this order.
        x, y: the validation set, (m, 784), and its labels, (m,).
        needs: the data set; a stand-in is too small to say which accuracy is higher.
    """
    low = numbers(accuracy_sigmoid, called="the accuracy with sigmoid")
    high = numbers(accuracy_tanh, called="the accuracy with tanh")
    for value, name in ((low, "sigmoid"), (high, "tanh")):
        if not 0 <= value <= 1:
            raise Hint(f"the accuracy with {name} is {value:.4g}; it's to be a share from 0 to 1")
    models = [run.model for run in trained(runs, number=2, epochs=5)]
    for model, kind in zip(models, (nn.Sigmoid, nn.Tanh), strict=True):
        hidden = model.layers[:-1]
        if [layer.units for layer in hidden] != [64] * 10:
            raise Hint("each network is to have ten hidden layers, of 64 units")
        if not all(isinstance(layer.activation, kind) for layer in hidden):
            raise Hint(
                "hand in first the run with sigmoids, then that with tanh, in all hidden layers"
            )
        if not np.isclose(model.optimizer.learning_rate, 0.1):
            raise Hint("both are to have the learning rate 0.1")
    accuracies(np.array([low, high]), models, x, y)
    if needs is not None and needs.is_stand_in:
        return
    if low >= high:
        raise Hint("tanh does better than sigmoid here; is all else of both networks the same?")
