"""Exercises of the chapter on activation functions."""

import numpy as np

from groundup.exercises.checking import Hint, alike, check, numbers
from groundup.nn.activations import sigmoid


@check
def uncentred(activation, arrives) -> None:
    """The sigmoid stretched to tanh's steepness but not moved, and what it lets through twenty layers.

    Args:
        activation: an activation that makes 2 σ(2 Z) of Z, (m, n), and knows its way back.
        arrives: the share of a gradient that reaches the first of twenty layers, a mean of five starts.
    """
    Z, dA = np.random.default_rng(0).normal(size=(2, 20, 6))
    s = sigmoid(2 * Z)
    found = numbers(activation.forward(Z.copy()), Z.shape, "what forward gives")
    if not alike(found, 2 * s):
        if np.allclose(found, np.tanh(Z)):
            raise Hint("this is tanh, which is centred; leave out what moves it down")
        if np.allclose(found, s):
            raise Hint("the width is right; this goes from 0 to 1, so its slope at zero is a half")
        if np.allclose(found, 2 * sigmoid(Z)):
            raise Hint(
                "the height is right; squeeze it to half the width, so that its slope at zero is 1"
            )
        raise Hint("forward is to give 2 σ(2 Z)")
    back = numbers(activation.backward(dA.copy()), Z.shape, "what backward gives")
    slope = 4 * s * (1 - s)
    if not alike(back, dA * slope):
        if np.allclose(back, slope):
            raise Hint(
                "this is the slope alone; the gradient that comes in is to be multiplied by it"
            )
        if np.allclose(back, dA * slope / 2) or np.allclose(back, dA * slope / 4):
            raise Hint("by the chain rule both the height and the width bring a factor 2")
        if np.allclose(back, dA * (1 - (2 * s) ** 2)):
            raise Hint("1 − A² is the slope of tanh, which is centred; this isn't")
        raise Hint("backward is to give dA times the slope of 2 σ(2 Z)")
    share = numbers(arrives, called="what arrives")
    if not 3e-5 < share < 3e-3:
        if share > 0.1:
            raise Hint("as much as with tanh? then its centre wouldn't matter; run it")
        if share < 1e-9:
            raise Hint("as little as with the sigmoid? then its steepness wouldn't matter; run it")
        raise Hint("hand in in_five_starts(Uncentred())[:, 0].mean()")


@check
def start_for(factor) -> None:
    """A function of α: how much larger weights start where units have the slope 1 on and α off."""
    for alpha in (0.0, 1.0, 0.2, 0.5):
        found = numbers(factor(alpha), called=f"the factor for α = {alpha:g}")
        if alike(found, np.sqrt(2 / (1 + alpha**2))):
            continue
        if np.isclose(found, 2 / (1 + alpha**2)):
            raise Hint(
                "this is the factor for the squares; the weights themselves grow by its root"
            )
        if np.isclose(found, np.sqrt(2)):
            raise Hint(f"for α = {alpha:g} the lower half isn't lost altogether")
        if np.isclose(found, 2 / (1 + alpha)) or np.isclose(found, np.sqrt(2 / (1 + alpha))):
            raise Hint("add up squares: the lower half passes α² of them, not α")
        if np.isclose(found, np.sqrt((1 + alpha**2) / 2)):
            raise Hint("that is what a layer lets through; the start has to make up for it")
        raise Hint(
            f"for α = {alpha:g} it's another: what part of the sum of squares is left, if half of the "
            "entries are multiplied by 1 and half by α?"
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
def one_neuron(w, b, c) -> None:
    """Weights, (2,), a bias and a number that make of one neuron with SiLU the XOR of two bits."""
    w = numbers(w, (2,), "the weights")
    b, c = numbers(b, called="the bias"), numbers(c, called="c")
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    Z = corners @ w + b
    above = Z * sigmoid(Z) > c
    wanted = np.array([False, True, True, False])
    if np.array_equal(above, wanted) or np.array_equal(above, ~wanted):
        return
    if above.all() or not above.any():
        side = "above" if above.all() else "below or at"
        raise Hint(f"all four outputs are {side} c; print them, and choose c between them")
    if above[1] != above[2]:
        raise Hint(
            "(0, 1) and (1, 0) are on different sides of c; it's simplest to treat both inputs alike"
        )
    if above[1] == above[2] == above[3]:
        raise Hint("this is OR, or its contrary: (1, 1) is still on the side of (0, 1) and (1, 0)")
    raise Hint("this is AND, or its contrary: where should the score of (0, 1) lie on the curve?")


# What follows belongs to exercises that wait in a draft, book/foundations/drafts/activations-left.md.


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
