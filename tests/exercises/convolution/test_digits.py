"""The checks of the chapter on a convolutional network: right answers pass, likely mistakes get hints."""

import numpy as np
import pytest

from groundup import nn
from groundup.exercises.convolution import digits as checks


def maps_of(pictures):
    """Feature maps by the engine's convolution with four random filters, after ReLU."""
    model = nn.Sequential([nn.Input((28, 28, 1)), nn.Conv2D(4, 3, activation="relu")])
    model.set_weights([np.random.default_rng(1).normal(size=(3, 3, 1, 4)), np.zeros(4)])
    return model.predict(pictures.astype("float32"))


def pooled(maps):
    return maps.reshape(-1, 13, 2, 13, 2, 4).max(axis=(2, 4))


def change(before, after):
    return np.abs(before - after).mean() / before.mean()


def shifted_in(maps, column):
    """Maps that were shifted themselves, with a column put in."""
    return np.concatenate([column, maps[:, :, :-1]], axis=2)


PICTURES = np.random.default_rng(0).uniform(size=(9, 28, 28, 1))
BEFORE = maps_of(PICTURES)
TWICE = maps_of(np.roll(PICTURES, 2, axis=2))
AFTER, DOWN = (maps_of(np.roll(PICTURES, 1, axis=axis)) for axis in (2, 1))
LEFT = maps_of(np.roll(PICTURES, -1, axis=2))
INKED = AFTER + 5 * (np.arange(26) == 0)[:, None]  # ink comes in from the left
CHANGES = change(BEFORE, AFTER), change(pooled(BEFORE), pooled(AFTER))

# Pictures with paper around them, as digits have: here the maps shift as the pictures do.
PAPER = np.pad(PICTURES[:, 6:22, 6:22], ((0, 0), (6, 6), (6, 6), (0, 0)))
ISOLATED, ISOLATED_AFTER = maps_of(PAPER), maps_of(np.roll(PAPER, 1, axis=2))
ISOLATED_CHANGES = (
    change(ISOLATED, ISOLATED_AFTER),
    change(pooled(ISOLATED), pooled(ISOLATED_AFTER)),
)


def centred(pictures, axis):
    """Pictures whose ink is moved to the middle along an axis."""
    other = 3 - axis
    ink = pictures.sum(axis=other)
    back = np.round(13.5 - ink @ np.arange(28) / ink.sum(axis=1)).astype(int)
    return np.array([np.roll(p, n, axis - 1) for p, n in zip(pictures, back, strict=True)])


def ink_of(photos):
    return (255 - photos) / np.float32(255)


def prepared(photos):
    return centred(centred(ink_of(photos), 1), 2)[..., None]


def one_by_one(photos):
    found = []
    for photo in photos:
        ink = 1 - photo / 255
        rows, columns = np.mgrid[:28, :28]
        middle = [np.sum(ink * places) / ink.sum() for places in (rows, columns)]
        found.append(np.roll(ink, [round(14 - place) for place in middle], (0, 1)))
    return np.array(found)[..., None]


def largest_sum(p):
    return p.sum(axis=0).argmax(axis=1)


def largest_mean(p):
    return np.argmax(np.mean(p, axis=0), axis=-1)


def one_voice_each(p):
    return [np.bincount(answers, minlength=10).argmax() for answers in p.argmax(axis=2).T]


LABELS = np.random.default_rng(2).integers(0, 10, 300)
FIVE = np.random.default_rng(3).dirichlet(np.ones(10), size=(5, 300))
FIVE[:, np.arange(300), LABELS] += 0.25
FIVE /= FIVE.sum(axis=2, keepdims=True)
TOGETHER = np.mean(largest_sum(FIVE) == LABELS)
BY_ITSELF = np.mean(FIVE.argmax(axis=2) == LABELS)


RIGHT = [
    (checks.dense_parameters, [16_981_120, 53_066]),
    (checks.dense_parameters, [785 * 26 * 26 * 32.0, 785 * 26 * 26 * 32 / 320]),
    (checks.pooling, [BEFORE, AFTER, *CHANGES]),
    (checks.dense_parameters, ["16981120", 53_066.4]),
    (checks.pooling, [BEFORE.tolist(), AFTER, *(round(change, 4) for change in CHANGES)]),
    (checks.pooling, [BEFORE, AFTER, CHANGES[0] * 1.0009, CHANGES[1] * 0.9991]),
    (checks.pooling, [ISOLATED, ISOLATED_AFTER, *ISOLATED_CHANGES]),
    (checks.photo, [prepared]),
    (checks.photo, [one_by_one]),
    (checks.vote, [largest_sum, FIVE, TOGETHER, LABELS]),
    (checks.vote, [largest_mean, FIVE.astype("float32"), round(TOGETHER, 3), LABELS]),
]
WRONG = [
    (checks.dense_parameters, [784 * 21632, 53066], "each output has a bias too"),
    (checks.dense_parameters, [785 * 28 * 28 * 32, 1], "a feature map's side isn't 28"),
    (checks.dense_parameters, [785 * 676, 1], "this is one feature map"),
    (checks.dense_parameters, [320, 1], "this is the convolution"),
    (checks.dense_parameters, [16_981_121, 53066], "how many numbers come out"),
    (checks.dense_parameters, [16_981_120, 16_981_120 / 288], "a bias for each filter"),
    (checks.dense_parameters, [16_981_120, 1 / 53066], "the other way round"),
    (checks.dense_parameters, [16_981_120, 53067], "divide it by the parameters"),
    (checks.pooling, [BEFORE, AFTER, *CHANGES[::-1]], "they have changed places"),
    (checks.pooling, [BEFORE - 1, AFTER, *CHANGES], "through ReLU first"),
    (checks.pooling, [BEFORE, AFTER - 1, *CHANGES], "through ReLU first"),
    (
        checks.pooling,
        [PICTURES, np.roll(PICTURES, 1, axis=2), *CHANGES],
        "through maps_of first",
    ),
    (checks.pooling, [PAPER, np.roll(PAPER, 1, axis=2), *CHANGES], "as large as the pictures"),
    (checks.pooling, [pooled(BEFORE), pooled(AFTER), *CHANGES], "makes maps of 26 by 26"),
    (checks.pooling, [BEFORE[0], AFTER[0], *CHANGES], "four axes"),
    (checks.pooling, [BEFORE, BEFORE, 0, 0], "the two are the same"),
    (checks.pooling, [BEFORE, LEFT, *CHANGES], "shifted to the left"),
    (checks.pooling, [BEFORE, DOWN, *CHANGES], "shifted down or up"),
    (checks.pooling, [BEFORE, BEFORE[::-1], *CHANGES], "aren't the maps of the same pictures"),
    (checks.pooling, [BEFORE, AFTER[:5], *CHANGES], "the second of the feature maps is to be"),
    (
        checks.pooling,
        [BEFORE, AFTER, CHANGES[0] * BEFORE.mean(), CHANGES[1]],
        "the feature maps' change isn't",
    ),
    (
        checks.pooling,
        [BEFORE, AFTER, CHANGES[0], CHANGES[1] * pooled(BEFORE).mean()],
        "divide it by the mean of the maps before the shift",
    ),
    (checks.pooling, [BEFORE, AFTER, CHANGES[0], 1], "is it np.abs(before - after).mean()"),
    (
        checks.pooling,
        [BEFORE, AFTER, (BEFORE - AFTER).mean() / BEFORE.mean(), CHANGES[1]],
        "what comes and what goes cancel",
    ),
    (checks.dense_parameters, [16_981_120, 53_066.6], "divide it by the parameters"),
    (checks.dense_parameters, [785 * 26 * 32, 1], "how many numbers come out"),
    (
        checks.pooling,
        [BEFORE, AFTER, CHANGES[0] * 1.002, CHANGES[1]],
        "the feature maps' change isn't",
    ),
    (
        checks.pooling,
        [BEFORE, AFTER, CHANGES[0], CHANGES[1] * 0.998],
        "the pooled maps' change isn't",
    ),
    (checks.pooling, [BEFORE, np.roll(BEFORE, 1, axis=2), *CHANGES], "these are the maps, shifted"),
    (checks.pooling, [BEFORE, shifted_in(BEFORE, BEFORE[:, :, :1]), *CHANGES], "the maps, shifted"),
    (
        checks.pooling,
        [BEFORE, shifted_in(BEFORE, 0 * BEFORE[:, :, :1]), *CHANGES],
        "the maps, shifted",
    ),
    (checks.pooling, [BEFORE, TWICE, *CHANGES], "aren't the maps of the same pictures"),
    (
        checks.pooling,
        [BEFORE, INKED, change(INKED, BEFORE), CHANGES[1]],
        "before the shift, not after it",
    ),
    (checks.dense_parameters, [..., ...], "put your answer"),
    (checks.pooling, [..., ..., ..., ...], "put your answer"),
    (checks.photo, [lambda photos: ...], "put your answer"),
    (checks.photo, [lambda photos: prepared(photos)[..., 0]], "an axis for the one channel"),
    (checks.photo, [lambda photos: prepared(photos).reshape(-1, 784)], "and not (m, 28, 28, 1)"),
    (checks.photo, [lambda photos: 255 * prepared(photos)], "ink of 1 at most"),
    (checks.photo, [lambda photos: photos[..., None] / 255], "paper, which has to be 0"),
    (checks.photo, [lambda photos: 2 * prepared(photos) - 1], "negative"),
    (checks.photo, [lambda photos: ink_of(photos)[..., None]], "neither up and down nor across"),
    (checks.photo, [lambda photos: centred(ink_of(photos), 1)[..., None]], "and not across"),
    (checks.photo, [lambda photos: centred(ink_of(photos), 2)[..., None]], "and not up and down"),
    (checks.photo, [lambda photos: np.round(prepared(photos))], "lost or changed"),
    (checks.photo, [lambda photos: prepared(photos).swapaxes(1, 2)], "are they turned"),
    (checks.vote, [lambda p: ..., FIVE, TOGETHER, LABELS], "put your answer"),
    (checks.vote, [lambda p: p.sum(axis=0), FIVE, TOGETHER, LABELS], "which of the ten"),
    (checks.vote, [lambda p: p.argmax(axis=2), FIVE, TOGETHER, LABELS], "in one row"),
    (checks.vote, [one_voice_each, FIVE, TOGETHER, LABELS], "one voice"),
    (checks.vote, [lambda p: p[0].argmax(axis=1), FIVE, TOGETHER, LABELS], "one network says"),
    (
        checks.vote,
        [lambda p: p.max(axis=0).argmax(axis=1), FIVE, TOGETHER, LABELS],
        "surest decides",
    ),
    (checks.vote, [lambda p: p.prod(axis=0).argmax(axis=1), FIVE, TOGETHER, LABELS], "multiplies"),
    (
        checks.vote,
        [lambda p: p.sum(axis=0).argmin(axis=1), FIVE, TOGETHER, LABELS],
        "the largest of ten",
    ),
    (checks.vote, [largest_sum, FIVE[0], TOGETHER, LABELS], "what five networks say"),
    (checks.vote, [largest_sum, 2 * FIVE, TOGETHER, LABELS], "adds up to one"),
    (checks.vote, [largest_sum, FIVE, BY_ITSELF, LABELS], "by itself"),
    (checks.vote, [largest_sum, FIVE, 1 - TOGETHER, LABELS], "misread"),
    (checks.vote, [largest_sum, FIVE, 100 * TOGETHER, LABELS], "between 0 and 1"),
    (checks.vote, [largest_sum, FIVE, TOGETHER - 0.01, LABELS], "their vote is the label"),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right(check, attempt):
    assert check(*attempt).passed


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_wrong(check, attempt, hint):
    result = check(*attempt)
    assert not result.passed
    assert hint in result.hint
