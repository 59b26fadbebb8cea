"""Exercises of the chapter on regularization."""

import numpy as np

from groundup.exercises.checking import (
    Hint,
    accuracies,
    alike,
    check,
    numbers,
    parts,
    trained,
)

SIDE = 28  # pixels, of a digit
EPOCHS = 14


@check
def at_rest(solve) -> None:
    """A function of scaled inputs and of targets, both (m,), and of the penalty's strength, that returns
    the weight and the bias at which descent comes to rest, if both are penalized.
    """
    rng = np.random.default_rng(0)
    for delta, slope, height in ((0.2, 50, 80), (0.0, -3, 7), (3.0, 2, -40)):
        x = rng.normal(size=60)
        x = (x - x.mean()) / x.std()
        y = slope * x + height + rng.normal(size=60)
        w_free, b_free = np.mean(x * y), y.mean()
        given = parts(solve(x.copy(), y.copy(), delta), ("w", "b"))
        w, b = (numbers(part, called=name) for part, name in zip(given, "wb", strict=True))
        where = f"with a strength of {delta:g} "
        for name, found, free in (("w", w, w_free), ("b", b, b_free)):
            if not alike(found, 2 * free / (2 + delta)):
                raise Hint(where + _of_rest(name, found, free, delta))


def _of_rest(name: str, found, free, delta) -> str:
    """What to think of next where a parameter at rest is wrong."""
    if alike(found, free):
        return f"this is {name} without a penalty"
    if alike(found, free / (1 + delta)):
        return f"{name} is almost right: the derivative of the squared error has a factor of two"
    if alike(found, free / (1 + 2 * delta)):
        return (
            f"{name} is almost right: how does the two of the penalty's square meet its one half?"
        )
    if delta and alike(found, free * (1 - delta / 2)):
        return f"this {name} is what a step or two would give; at rest the whole derivative is zero"
    truth = 2 * free / (2 + delta)
    return f"{name} should be {truth:.4g} and is {found:.4g}; where is its derivative zero?"


@check
def folded(fold) -> None:
    """A function of a layer's weights (d, n) and bias (n,), and of the gamma, beta, mean, variance (all
    (n,)) and epsilon of the batch normalization behind it, that returns the weights and the bias of one
    layer that does both.
    """
    rng = np.random.default_rng(0)
    W, b, X = rng.normal(size=(5, 3)), rng.normal(size=3), rng.normal(size=(20, 5))
    gamma, beta, mean = rng.normal(2, 1, 3), rng.normal(size=3), rng.normal(size=3)
    variance, epsilon = rng.uniform(0.5, 4, 3), 0.3
    deviation = np.sqrt(variance + epsilon)
    copies = [part.copy() for part in (W, b, gamma, beta, mean, variance)]
    given = parts(fold(*copies, epsilon), ("W", "b"))
    found_W = numbers(given[0], W.shape, called="W")
    found_b = numbers(given[1], b.shape, called="b")
    truth_W = W * gamma / deviation
    if not alike(found_W, truth_W):
        for wrong, hint in (
            (W * gamma / np.sqrt(variance), "W leaves out epsilon"),
            (W * gamma / (variance + epsilon), "W is divided by the variance; take its root"),
            (W / deviation, "W leaves out gamma"),
            (W * gamma, "W isn't divided by the deviation"),
            (W, "W is as it was"),
        ):
            if alike(found_W, wrong):
                raise Hint(hint)
        raise Hint("each column of W belongs to one unit: by what is its score multiplied?")
    if alike(found_b, (b - mean) * gamma / deviation + beta):
        return
    for wrong, hint in (
        (b * gamma / deviation + beta, "b leaves out the mean"),
        ((b - mean) * gamma / deviation, "b leaves out beta"),
        (b - mean * gamma / deviation + beta, "the old bias is scaled as well"),
        ((b + mean) * gamma / deviation + beta, "the mean is taken off, not added"),
        (beta, "b forgets the old bias and the mean"),
    ):
        if alike(found_b, wrong):
            raise Hint(f"W is right; {hint}")
    off = np.abs(X @ found_W + found_b - ((X @ W + b - mean) / deviation * gamma + beta)).max()
    raise Hint(f"W is right; with this b the outputs are off by up to {off:.3g}")


@check
def mirror(mirrored, found, accuracy, x, y) -> None:
    """A function that mirrors pictures left to right, and five runs that also learned from mirrored ones.

    Args:
        mirrored: a function of digits, rows of 784 pixels, that returns them mirrored, in the same form.
        found: the five runs, of 14 epochs each.
        accuracy: the share of the validation digits that each reads, (5,).
        x, y: the validation digits and their labels.
    """
    rows = np.random.default_rng(0).uniform(size=(3, SIDE * SIDE)).astype("float32")
    pictures = rows.reshape(-1, SIDE, SIDE)
    given = numbers(mirrored(rows.copy()), None, called="what mirrored returns")
    if given.shape == pictures.shape:
        raise Hint("the network takes rows of 784 pixels; give the pictures their old shape back")
    if given.shape != rows.shape:
        raise Hint(f"of 3 digits mirrored makes something of shape {given.shape}")
    if not np.allclose(given, pictures[:, :, ::-1].reshape(rows.shape)):
        for wrong, hint in (
            (rows, "nothing is mirrored"),
            (pictures[:, ::-1].reshape(rows.shape), "this turns the top down, not left to right"),
            (rows[:, ::-1], "a row turned round is a picture turned by half a turn"),
            (rows[::-1], "this changes the order of the digits"),
        ):
            if np.allclose(given, wrong):
                raise Hint(hint)
        raise Hint("the first column of each picture should become the last")
    made = trained(found, 5, EPOCHS)
    accuracies(numbers(accuracy, (5,), called="the accuracy"), [run.model for run in made], x, y)
