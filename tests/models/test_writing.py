"""The networks that write: their windows, what they say step by step, and what they write."""

import keras
import numpy as np
import pytest

from groundup import nn
from groundup.models import writing
from groundup.models.text import ALPHABET

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def model():
    """The engine's network, away from its start, so that it prefers something."""
    nn.set_random_seed(0)
    found = writing.make_lstm()
    found.set_weights([w + 0.3 * RNG.normal(size=w.shape) for w in found.get_weights()])
    return found


def test_step_by_step_a_network_says_what_it_says_of_a_window(model):
    x, y = writing.windows(RNG.integers(65, size=64 * 3 + 1).astype(np.uint8))
    p = np.take_along_axis(model.predict(x), y[..., None].astype(int), axis=2)[..., 0]
    found = writing.log_probabilities(model, x, y)
    np.testing.assert_allclose(found, np.log(p), rtol=1e-4, atol=1e-5)


def test_a_carried_state_goes_on_over_the_ends_of_windows(model):
    text = RNG.integers(65, size=201)
    (whole,) = writing.log_probabilities(model, *writing.windows(text, 200))
    assert writing.carried(model, text, streams=1) == pytest.approx(-whole.mean())
    two = writing.log_probabilities(model, *writing.windows(text, 100))
    assert writing.carried(model, text, streams=2) == pytest.approx(-two.mean())
    assert not np.allclose(two[1], whole[100:])


def test_both_frameworks_have_the_same_network():
    keras.utils.set_random_seed(0)
    theirs = writing.make_keras_lstm()
    assert theirs.count_params() == writing.make_lstm().count_params()
    x = RNG.integers(65, size=(5, writing.LENGTH))
    ours = writing.in_engine(theirs)
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x, verbose=0), atol=1e-5)


def test_in_the_cold_it_writes_what_is_most_probable(model):
    beginning, text = "To be", ""
    for _ in range(20):
        x = writing.as_numbers((beginning + text).rjust(1))
        model.reset_states()
        for number in x:
            p = model.step(np.array([number]))
        text += ALPHABET[p.argmax()]
    model.reset_states()
    assert writing.write(model, beginning, 20, T=1e-3, copies=2) == [text, text]


@pytest.mark.parametrize("T", [0.5, 1.0, 2.0])
def test_characters_are_drawn_as_often_as_their_probabilities_say(model, T):
    model.reset_states()
    for number in writing.as_numbers("Ay"):
        p = model.step(np.array([number]))
    p = p[0].astype(float) ** (1 / T)
    p /= p.sum()
    written = writing.write(model, "Ay", 1, T=T, copies=20000)
    counts = np.bincount([ALPHABET.index(text) for text in written], minlength=65)
    assert np.abs(counts / 20000 - p).max() < 4 * np.sqrt(p.max() / 20000)


def test_a_seed_decides_what_is_written(model):
    one, same, other = (writing.write(model, "A", 30, seed=seed) for seed in (1, 1, 2))
    assert one == same != other
