"""The plays as numbers, cut for training."""

import numpy as np

from groundup.models import gpt
from groundup.models import text as plays

RNG = np.random.default_rng(0)


def test_every_character_stands_in_one_window_and_is_followed_by_the_next():
    text = RNG.integers(65, size=331).astype(np.uint8)
    x, y = plays.windows(text, 10)
    assert x.shape == (33, 10)
    assert np.array_equal(x.ravel(), text[:330])
    assert np.array_equal(y.ravel(), text[1:331])
    x, y = plays.windows(text, 10, stride=3)
    assert np.array_equal(x[7], text[21:31])
    assert np.array_equal(y[7], text[22:32])


def test_the_three_stretches_are_the_text_in_one_piece():
    parts = plays.split()
    text = plays.as_text(np.concatenate(parts))
    assert np.array_equal(plays.as_numbers(text), np.concatenate(parts))
    known = len(parts.train) + len(parts.validation)
    assert len(parts.train) == known * 9 // 10
    assert abs(len(parts.test) / len(text) - 0.1) < 0.01


def test_the_gpt_is_asked_for_the_characters_of_the_same_three_stretches():
    sets = gpt.windows()
    asked = sets.y_train, sets.y_validation, sets.y_test
    for stretch, y, start in zip(plays.split(), asked, (1, 0, 1), strict=True):
        told = y.ravel()  # but for the very first, before which nothing stands
        assert np.array_equal(told, stretch[start:][: len(told)])
        assert len(stretch) - start - len(told) < gpt.WINDOW
    for x, y in zip(sets[::2], sets[1::2], strict=True):
        assert np.array_equal(x.ravel()[1:], y.ravel()[:-1])
