"""The checks of the chapter on a convolutional network: right answers pass, likely mistakes get hints."""

import numpy as np
import pytest

from groundup.exercises.convolution import digits as checks


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
    (checks.third, [3, 241_546]),
    (checks.third, [3.0, np.int64(241_546)]),
    (checks.photo, [prepared]),
    (checks.photo, [one_by_one]),
    (checks.vote, [largest_sum, FIVE, TOGETHER, LABELS]),
    (checks.vote, [largest_mean, FIVE.astype("float32"), round(TOGETHER, 3), LABELS]),
]
WRONG = [
    (checks.third, [..., ...], "put your answer"),
    (checks.third, [1, 241_546], "no third pooling"),
    (checks.third, [5, 241_546], "what goes in"),
    (checks.third, [4, 241_546], "smaller by two"),
    (checks.third, [3, 298_890], "reads the new maps"),
    (checks.third, [3, 241_546 - 73_856], "own parameters are missing"),
    (checks.third, [3, 241_546 - 73_856 + 1280], "for every map that goes in"),
    (checks.third, [3, 241_184], "have biases too"),
    (checks.third, [3, 225_034], "without a third"),
    (checks.third, [3, 73_856], "the third convolution alone"),
    (checks.third, [3, 241_547], "layer by layer"),
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
