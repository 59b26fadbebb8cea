"""Exercises of the chapter on a convolutional network."""

import numpy as np

from groundup import nn
from groundup.exercises.checking import Hint, check, numbers, rounded


@check
def dense_parameters(parameters, times) -> None:
    """The parameters of a dense layer in the convolution's place, and how many times as many they are."""
    found = numbers(parameters, called="the number of parameters")
    outputs, truth = 26 * 26 * 32, 785 * 26 * 26 * 32
    if found != truth:
        if found == 784 * outputs:
            raise Hint("these are the weights; each output has a bias too")
        if found == 785 * 28 * 28 * 32:
            raise Hint("the window stays within the picture: a feature map's side isn't 28")
        if found == 785 * 26 * 26:
            raise Hint("this is one feature map; there are 32")
        if found in (320, 288):
            raise Hint(
                "this is the convolution; how many weights has one output that sees all pixels?"
            )
        raise Hint("how many numbers come out, and how many weights and biases has each of them?")
    factor = numbers(times, called="how many times as many")
    if not rounded(factor, truth / 320, to=1):
        if np.isclose(factor, truth / 288, atol=0.5):
            raise Hint("the first number is right; the convolution has a bias for each filter too")
        if np.isclose(factor, 320 / truth):
            raise Hint("the first number is right; the second is the other way round")
        raise Hint(
            "the first number is right; divide it by the parameters of the convolution, (9 + 1) 32"
        )


@check
def right_edge(weights, of_mirrored) -> None:
    """A filter for right edges, and what it gives for mirrored pictures.

    Args:
        weights: the filter, nine numbers, (3, 3) or with axes of length one besides.
        of_mirrored: a function of the filter's feature maps, (pictures, rows, columns, 1), that returns
            its feature maps for the pictures mirrored left to right.
    """
    weights = np.squeeze(numbers(weights, None, "the filter"))
    if weights.shape != (3, 3):
        raise Hint(f"the filter is to have three by three weights, and this has {weights.shape}")
    _judge_filter(weights)
    rng = np.random.default_rng(0)
    for shape in ((2, 5, 4, 1), (3, 6, 7, 1)):
        _judge_mirrored(of_mirrored, rng.normal(size=shape))


def _judge_mirrored(of_mirrored, maps: np.ndarray) -> None:
    found = numbers(of_mirrored(maps.copy()), maps.shape, "the feature map of the mirrored picture")
    if np.allclose(found, -maps[:, :, ::-1]):
        return
    if np.allclose(found, maps[:, :, ::-1]):
        raise Hint(
            "the filter is right; where ink was on the right of an edge, it's now on its left"
        )
    if np.allclose(found, -maps):
        raise Hint("the filter is right; the edges change their side, and their places too")
    if np.allclose(found, -maps[:, ::-1]):
        raise Hint("the filter is right; this is turned upside down: columns are the third axis")
    raise Hint(
        "the filter is right; compare convolve(digit, K, 0) with convolve(digit[:, :, ::-1], K, 0): "
        "where does each number go, and what becomes of it?"
    )


def _judge_filter(weights: np.ndarray) -> None:
    right = np.array([0.0, 0, 1])  # a row of a picture with ink on the right
    answer, below = weights.sum(axis=0) @ right, right @ weights.sum(axis=1)
    if np.isclose(answer, 0) and not np.isclose(below, 0):
        raise Hint("this looks for ink below or above; exchange its rows and columns")
    if answer < 0:
        raise Hint("this answers to ink on the left; turn all its signs")
    if not np.isclose(weights.sum(), 0, atol=1e-6):
        raise Hint(
            "this answers to plain ink too, without any edge; its weights are to add up to zero"
        )
    if not np.allclose(weights[:, ::-1], -weights, atol=1e-6):
        raise Hint(
            "this isn't the negative of its own mirror image, so it answers to right and left edges "
            "in different places; try zeros in the middle, and alike on both sides but for the sign"
        )
    if answer == 0:
        raise Hint("this gives zero for an edge with ink on the right")
    if (weights[:, 2] < 0).any():
        raise Hint(
            "in some rows this answers to ink on the left; on the right no weight is to be negative"
        )


@check
def pooling(maps, maps_shifted, change, change_pooled) -> None:
    """By how much feature maps change when their pictures are shifted, before and after pooling.

    Args:
        maps: feature maps after ReLU, (pictures, rows, columns, filters).
        maps_shifted: those of the same pictures, shifted by one pixel to the right.
        change: the mean absolute difference of the two, divided by the mean of ``maps``.
        change_pooled: the same of the maps after max pooling, two by two.
    """
    before = numbers(maps, None, "the first of the feature maps")
    after = numbers(maps_shifted, before.shape, "the second of the feature maps")
    _judge_shift(before, after)
    pairs = {"feature": (before, after), "pooled": (_pool(before), _pool(after))}
    truths = [_change(*pair) for pair in pairs.values()]
    found = [
        numbers(change, called="the change"),
        numbers(change_pooled, called="the pooled change"),
    ]
    if np.allclose(found, truths, rtol=1e-3):
        return
    if np.allclose(found, truths[::-1], rtol=1e-3):
        raise Hint("both are right, but they have changed places")
    for value, truth, (name, pair) in zip(found, truths, pairs.items(), strict=True):
        if not np.isclose(value, truth, rtol=1e-3):
            raise Hint(f"the {name} maps' change isn't {value:.4g}; {_of_change(value, *pair)}")


def _judge_shift(before: np.ndarray, after: np.ndarray) -> None:
    if before.ndim != 4:
        raise Hint(
            f"feature maps have four axes, as convolve gives them, and these have {before.ndim}"
        )
    if before.shape[1:3] == (28, 28):
        raise Hint(
            "these are as large as the pictures, 28 by 28; send the pictures through convolve and ReLU "
            "first, and take the maps that come out"
        )
    if before.shape[1:3] != (26, 26):
        raise Hint(
            "a filter of three by three makes maps of 26 by 26 from these pictures, and yours are "
            f"{before.shape[1]} by {before.shape[2]}"
        )
    if before.min() < 0 or after.min() < 0:
        raise Hint("some numbers are negative; the feature maps go through ReLU first")

    def same(old, new):
        return np.allclose(new, old, atol=1e-4 * max(1, np.abs(before).max()))

    if same(before[:, :, :-1], after[:, :, 1:]) and not same(before, after):
        # A window at the left edge sees what has come in there, so it's no copy of another column.
        for copied in (before[:, :, -1], before[:, :, 0], np.zeros_like(before[:, :, 0])):
            if same(copied, after[:, :, 0]) and not same(before[:1, :1, 0], before[:, :, [0, -1]]):
                raise Hint("these are the maps, shifted; shift the pictures, then make their maps")
        return
    if same(before, after):
        raise Hint("the two are the same; shift the pictures by a pixel, then make their maps")
    if same(before[:, :, 1:], after[:, :, :-1]):
        raise Hint("these were shifted to the left")
    if same(before[:, :-1], after[:, 1:]) or same(before[:, 1:], after[:, :-1]):
        raise Hint("these were shifted down or up; columns are the third axis, axis=2")
    raise Hint("the second aren't the maps of the same pictures, shifted by one pixel to the right")


def _pool(maps: np.ndarray) -> np.ndarray:
    layer = nn.MaxPooling2D()
    layer.build(maps.shape[1:])
    return layer.forward(maps)


def _change(before: np.ndarray, after: np.ndarray) -> float:
    return np.abs(before - after).mean() / before.mean()


def _of_change(value, before: np.ndarray, after: np.ndarray) -> str:
    """What to think of next where a change is wrong."""
    if np.isclose(value, np.abs(before - after).mean(), rtol=1e-3):
        return "divide it by the mean of the maps before the shift"
    if np.isclose(value, np.abs(before - after).mean() / after.mean(), rtol=1e-3):
        return "divide it by the mean of the maps before the shift, not after it"
    if np.isclose(value, (before - after).mean() / before.mean(), rtol=1e-3):
        return "without absolute values what comes and what goes cancel"
    return "is it np.abs(before - after).mean() / before.mean(), of these maps?"
