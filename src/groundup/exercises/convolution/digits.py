"""Exercises of the chapter on a convolutional network."""

import numpy as np

from groundup.exercises.checking import Hint, check, numbers, rounded


@check
def third(side, parameters) -> None:
    """The better network with a third convolution, 128 filters three by three behind the second pooling.

    Args:
        side: of the third convolution's maps.
        parameters: how many the network has then.
    """
    sides, found = numbers(side, called="the side"), numbers(parameters, called="the number")
    if sides != 3:
        if sides == 1:
            raise Hint("there is no third pooling: the maps stay as the convolution makes them")
        if sides == 5:
            raise Hint("this is the side of what goes in; the window stays inside of it")
        raise Hint("follow a picture's side: it's 28, and a convolution makes it smaller by two")
    truth = (10 * 32, (9 * 32 + 1) * 64, (9 * 64 + 1) * 128, (9 * 128 + 1) * 128, 129 * 10)
    if found == sum(truth):
        return
    slips = {
        sum(truth) - truth[3] + (1600 + 1) * 128: "the dense layer reads the new maps now",
        sum(truth) - truth[2]: "the third convolution's own parameters are missing",
        sum(truth)
        - truth[2]
        + 10 * 128: "each new filter has nine weights for every map that goes in",
        sum(truth)
        - 32
        - 64
        - 128
        - 128
        - 10: "these are the weights; filters and units have biases too",
        225_034: "this is the better network as it is, without a third convolution",
        truth[2]: "this is the third convolution alone",
    }
    raise Hint(
        "the side is right; "
        + slips.get(int(found), "go layer by layer, as in the line with 693,962")
    )


@check
def photo(prepared) -> None:
    """A function that makes of photos what a network wants that has learned from MNIST.

    Args:
        prepared: of photos, (m, 28, 28) bytes, dark ink on light paper, the digit anywhere: pictures,
            (m, 28, 28, 1), ink 1 and paper 0, with the ink's centre of mass in the middle.
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
    off = np.abs(_middles(found) - 13.75).max(axis=0)  # the middle, or MNIST's pixel 14
    if (off > 0.8).all():
        raise Hint("the digits don't stand in the middle yet, neither up and down nor across")
    if off[1] > 0.8:
        raise Hint("the digits stand in the middle up and down, and not across")
    if off[0] > 0.8:
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
