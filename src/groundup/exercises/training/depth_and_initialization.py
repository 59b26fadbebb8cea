"""Exercises of the chapter on depth and initialization."""

import copy

import numpy as np

from groundup import nn
from groundup.exercises.checking import Hint, alike, check, numbers


@check
def kinds(count, found) -> None:
    """How many different units a layer has, and how many there are after training from three starts.

    Args:
        count: a function of a layer's W, (d, n), and b, (n,), that says how many of its units differ in
            a weight or the bias by more than rounding.
        found: the counts for eight units of which only the weights, only the output's weights, or only
            the biases began at random.
    """
    rng = np.random.default_rng(0)
    W, b = rng.normal(size=(3, 4)), rng.normal(size=4)
    same, twice, other_bias = [0, 0, 0, 0], [0, 1, 2, 1], [0, 1, 0, 1, 0]
    for columns, bias, truth in (
        (twice, b[twice], 3),
        (same, b[same], 1),
        (other_bias, np.arange(5.0), 5),
        (range(4), np.zeros(4), 4),
    ):
        layer = W[:, columns].copy()
        layer[0, -1] *= 1 + 1e-9  # rounding
        said = numbers(count(layer, np.array(bias)), called="what the function gives")
        if said == truth:
            continue
        if columns is other_bias and said == 2:
            raise Hint("two units with the same weights and other biases aren't the same")
        if said == len(columns):
            raise Hint(
                f"of {len(columns)} units only {truth} differ; numbers that differ in the ninth digit "
                "are the same but for rounding"
            )
        raise Hint(f"for a layer with {truth} different units the function gives {said:g}")
    after = numbers(found, (3,), "the three counts")
    if (after == 8).all():
        return
    if (after == 1).all():
        raise Hint("did these networks begin with all arrays alike? Exactly one is to be random")
    which = ("the hidden weights", "the output's weights", "the hidden biases")
    wrong = int(np.argmax(after != 8))
    raise Hint(
        f"with {which[wrong]} random, {after[wrong]:g} of eight units differ? Count after training, "
        "in the hidden layer"
    )


@check
def uniform(bound) -> None:
    """A function of a layer's number of inputs that returns r, so that weights drawn evenly between −r
    and r have the variance of He's start.
    """
    for n in (32, 784, 2):
        found = numbers(bound(n), called=f"r for {n} inputs")
        if alike(found, np.sqrt(6 / n)):
            continue
        for wrong, hint in (
            (6 / n, "this is r², take its root"),
            (2 / n, "this is the variance; which r belongs to it?"),
            (
                np.sqrt(2 / n),
                "this is the root of the variance; most of what is drawn is smaller than r",
            ),
            (np.sqrt(3 / n), "this r gives a variance of 1 / n, which would be right without ReLU"),
            (np.sqrt(24 / n), "r is the distance from zero to an end, half of the whole range"),
            (
                np.sqrt(12 / n),
                "the integral of w² from −r to r is 2 r³ / 3; divide it by the length",
            ),
        ):
            if np.isclose(found, wrong):
                raise Hint(f"for {n} inputs: {hint}")
        raise Hint(
            f"for {n} inputs r = {found:.4g} gives a variance of {found**2 / 3:.4g}; it should be "
            f"{2 / n:.4g}"
        )


@check
def repaired(draw) -> None:
    """A function of a generator and a shape that draws weights from He's start."""
    for shape in ((400, 100), (50, 900)):
        W = numbers(draw(np.random.default_rng(0), shape), shape, "what is drawn")
        inputs, units = shape
        truth, found = 2 / inputs, np.mean(W**2)
        where = f"for {inputs} inputs, {units} units the variance should be {truth:.4g}, not {found:.4g}"
        if np.isclose(found, truth, rtol=0.05):
            if abs(W.mean()) > 5 * np.sqrt(truth / W.size):
                raise Hint("the squares are right, but the mean isn't zero")
            continue
        for wrong, hint in (
            ((2 / units) ** 2, "that is as it was"),
            (2 / units, "the root is right; what has to be counted are the inputs"),
            ((2 / inputs) ** 2, "the inputs are right; `scale` is the root of the variance"),
            (1 / inputs, "the 2 is missing, which makes up for ReLU"),
            (2 / (inputs + units), "this is Glorot's start; He's counts the inputs alone"),
            (4 / inputs, "the root belongs to the 2 as well"),
        ):
            if np.isclose(found, wrong, rtol=0.05):
                raise Hint(f"{where}: {hint}")
        raise Hint(where)


@check
def measured(level, arrives) -> None:
    """A start by measurement, and what of the gradient arrives with sigmoids.

    Args:
        level: a function of a network and examples X that multiplies the weights of each hidden layer by
            a number, so that the mean square of its scores for X is one.
        arrives: the share of the gradient's size that reaches the first of twenty layers of sigmoids.
    """
    rng = np.random.default_rng(0)
    for activation, spread in (("relu", 0.02), ("sigmoid", 1.5), ("tanh", 0.3)):
        nn.set_random_seed(3)
        start = nn.RandomNormal(stddev=spread)
        hidden = [nn.Dense(7, activation, kernel_initializer=start) for _ in range(4)]
        model = nn.Sequential([nn.Input((3,)), *hidden, nn.Dense(1)]).astype("float64")
        X, before = rng.normal(1, 2, size=(40, 3)), copy.deepcopy(model)
        level(model, X.copy())
        _judge_level(model, before, X, f"with {activation} ")
    share = numbers(arrives, called="what arrives")
    if not 1e-10 < share < 1e-5:
        if share > 0.01:
            raise Hint(
                "so much? The scores are level, but each sigmoid has a slope of a quarter at most. Run it"
            )
        raise Hint("hand in the mean of the first column over the seeds, with sigmoids")


def _judge_level(model, before, X, where: str) -> None:
    A, B = X, X
    for number, (layer, old) in enumerate(
        zip(model.layers[:-1], before.layers[:-1], strict=True), start=1
    ):
        Z, untouched = layer.forward(A), old.forward(B)
        square = np.mean(Z**2)
        if not np.isclose(square, 1, rtol=1e-3):
            if np.allclose(layer.W, old.W):
                raise Hint(f"{where}the weights of layer {number} are as they were")
            if np.allclose(layer.W, old.W / np.sqrt(np.mean(untouched**2))):
                raise Hint(
                    f"{where}layer {number} was measured before the layers below it were changed; go up "
                    "layer by layer"
                )
            if np.isclose(Z.std(), 1, rtol=1e-3):
                raise Hint(
                    f"{where}the standard deviation of layer {number} is one; the mean square has the "
                    "square of the mean in it, too"
                )
            if np.allclose(layer.W, old.W / np.mean(old.forward(A) ** 2)):
                raise Hint(f"{where}divide the weights by the root of the mean square")
            raise Hint(f"{where}the mean square of the scores of layer {number} is {square:.4g}")
        ratio = layer.W / old.W
        if not np.allclose(ratio, ratio.ravel()[0], rtol=1e-4):
            raise Hint(f"{where}multiply all weights of layer {number} by one number")
        A, B = layer.activation.forward(Z), old.activation.forward(untouched)
    if not np.allclose(model.layers[-1].W, before.layers[-1].W):
        raise Hint(f"{where}the output's weights have changed; level the hidden layers only")


@check
def thirds(weights, in_two, in_three) -> None:
    """Three units that fold the line from 0 to 1 in three, and how many pieces twelve units make.

    Args:
        weights: of ReLU(x), ReLU(x − 1/3) and ReLU(x − 2/3), so that their sum is 0, 1, 0, 1 at 0, 1/3,
            2/3 and 1.
        in_two: the pieces of six folds in two.
        in_three: the pieces of four folds in three.
    """
    found = numbers(weights, (3,), "the three weights")
    if not alike(found, [3, -6, 6]):
        _of_thirds(found)
    if (pieces := numbers(in_two, called="the pieces of six folds")) != 64:
        if pieces == 12:
            raise Hint("the weights are right; each fold doubles the pieces, it doesn't add two")
        raise Hint("the weights are right; a fold in two doubles the pieces, and there are six")
    if (pieces := numbers(in_three, called="the pieces of four folds")) != 81:
        if pieces == 12:
            raise Hint("each fold in three makes three times as many pieces, it doesn't add three")
        raise Hint("twelve units are four folds of three units, each of which triples the pieces")


def _of_thirds(w) -> None:
    x = np.array([1, 2, 3]) / 3
    heights = [float(np.sum(w * np.maximum(at - np.array([0, 1, 2]) / 3, 0))) for at in x]
    if alike(w, [3, -3, 3]):
        raise Hint(
            "these are the slopes of the three pieces; a weight is by how much the slope changes"
        )
    for place, height, wanted in zip(("1/3", "2/3", "1"), heights, (1, 0, 1), strict=True):
        if not np.isclose(height, wanted):
            raise Hint(f"at x = {place} the sum is {height:.4g}, and it should be {wanted}")
    raise Hint("almost: what are the three weights exactly?")
