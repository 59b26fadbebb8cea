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
def photo(prepared) -> None:
    """A function that makes of photos what a network wants that has learned from MNIST.

    Args:
        prepared: of photos, (m, 28, 28) bytes, dark ink on light paper, the digit anywhere: pictures, (m, 28,
            28, 1), ink 1 and paper 0, with the ink's centre of mass in the middle.
    """
    photos = _photos()
    ink = (255.0 - photos) / 255
    found = numbers(prepared(photos.copy()), None, "what prepared gives")
    if found.shape == photos.shape:
        raise Hint("the networks want an axis for the one channel, (m, 28, 28, 1)")
    if found.shape != (*photos.shape, 1):
        raise Hint(f"of {photos.shape} photos it gives {found.shape}, and not (m, 28, 28, 1)")
    found = found[..., 0]
    if found.max() > 1 + 1e-6:
        raise Hint(
            f"the networks have learned from ink of 1 at most, and here is {found.max():.4g}"
        )
    if found.mean() > 0.5:
        raise Hint("most of a picture is paper, which has to be 0; here it's nearer to 1")
    if found.min() < -1e-6:
        raise Hint("some pixels are negative; paper is 0")
    if not np.allclose(
        np.sort(found.reshape(len(ink), -1)), np.sort(ink.reshape(len(ink), -1)), atol=1e-3
    ):
        raise Hint("pixels got lost or changed on the way; only move them")
    off = np.abs(_middles(found) - 13.5).max(axis=0)
    if (off > 1).all():
        raise Hint("the digits don't stand in the middle yet, neither up and down nor across")
    if off[1] > 1:
        raise Hint("the digits stand in the middle up and down, and not across")
    if off[0] > 1:
        raise Hint("the digits stand in the middle across, and not up and down")
    for picture, old in zip(found, ink, strict=True):
        moves = (
            np.roll(old, (down, across), (0, 1))
            for down in range(-14, 15)
            for across in range(-14, 15)
        )
        if not any(np.allclose(picture, moved, atol=1e-3) for moved in moves):
            raise Hint("these aren't the digits of the photos, moved; are they turned?")


def _photos() -> np.ndarray:
    """Light photos, each with something dark that isn't the same turned or mirrored."""
    rng = np.random.default_rng(0)
    photos = np.full((4, 28, 28), 255, np.uint8)
    for photo, (top, left) in zip(photos, ((1, 2), (15, 4), (3, 17), (14, 18)), strict=True):
        photo[top : top + 12, left : left + 8] = rng.integers(0, 200, (12, 8))
    return photos


def _middles(pictures: np.ndarray) -> np.ndarray:
    """The row and the column in which each picture's ink is in balance."""
    ink, places = pictures.sum(axis=(1, 2)), np.arange(28)
    return np.stack([pictures.sum(axis=axis) @ places / ink for axis in (2, 1)], axis=1)


@check
def vote(vote, probabilities, share, y) -> None:
    """A vote of several networks, and what share of the digits it reads.

    Args:
        vote: of probabilities, (networks, digits, 10), an answer for each digit, (digits,).
        probabilities: what five networks say of the digits, (5, digits, 10).
        share: what share of the digits they read together.
        y: the digits' labels, (digits,).
    """
    rng = np.random.default_rng(0)
    trial = rng.dirichlet(np.full(10, 0.3), size=(3, 200))
    found = numbers(vote(trial.copy()), None, "what vote gives")
    if found.shape == (200, 10):
        raise Hint("of each digit these are ten numbers; which of the ten is the answer?")
    if found.shape != (200,):
        raise Hint(
            f"of 200 digits there are to be 200 answers, in one row, and this is {found.shape}"
        )
    if not np.array_equal(found, trial.sum(axis=0).argmax(axis=1)):
        each = trial.argmax(axis=2)
        most = [np.bincount(answers, minlength=10).argmax() for answers in each.T]
        if np.array_equal(found, most):
            raise Hint(
                "here each network has one voice, however sure it is; add up the probabilities"
            )
        if any(np.array_equal(found, answers) for answers in each):
            raise Hint("this is what one network says")
        if np.array_equal(found, trial.max(axis=0).argmax(axis=1)):
            raise Hint("here the network that is surest decides alone; add up the probabilities")
        if np.array_equal(found, np.log(trial).sum(axis=0).argmax(axis=1)):
            raise Hint("this multiplies the probabilities; add them up")
        raise Hint("add up the networks' probabilities of each digit, and take the largest of ten")
    y = np.asarray(y)
    said = numbers(probabilities, None, "what the five say")
    if said.shape != (5, len(y), 10):
        raise Hint(f"hand in what five networks say, (5, {len(y)}, 10); this is {said.shape}")
    if not np.allclose(said.sum(axis=2), 1, atol=1e-3):
        raise Hint("what a network says of a digit adds up to one")
    truth = np.mean(said.sum(axis=0).argmax(axis=1) == y)
    found = numbers(share, called="the share")
    if not rounded(found, truth, to=0.001):
        if rounded(found, np.mean(said.argmax(axis=2) == y), to=0.001):
            raise Hint("this is the mean of what each reads by itself; what do they read together?")
        if rounded(found, 1 - truth, to=0.001):
            raise Hint("this is what they misread")
        if found > 1:
            raise Hint("a share lies between 0 and 1")
        raise Hint("this isn't the share for which their vote is the label")


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
            f"feature maps have four axes, as maps_of gives them, and these have {before.ndim}"
        )
    if before.shape[1:3] == (28, 28):
        raise Hint(
            "these are as large as the pictures, 28 by 28; send the pictures through maps_of first, and "
            "take the maps that come out"
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
