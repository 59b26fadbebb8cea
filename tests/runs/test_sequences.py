"""Runs of models with states and of layers made of layers."""

import numpy as np
import pytest

from groundup import nn, runs

RNG = np.random.default_rng(0)
WORDS, LABELS = RNG.integers(1, 7, size=(8, 5)), RNG.integers(7, size=(8, 5))


def make(units=4, mode="concat", stateful=False, frozen=False):
    recurrent = nn.LSTM(units, return_sequences=True)
    block = nn.Residual([nn.LayerNormalization(), nn.Dense(6, "gelu")])
    block.parts[1].trainable = not frozen
    layers = [
        nn.Embedding(7, 6),
        block,
        nn.Bidirectional(recurrent, mode),
        nn.GRU(3, return_sequences=True, stateful=stateful),
        nn.Dense(7, "softmax"),
    ]
    model = nn.Sequential([nn.Input((5,)), *layers])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


@pytest.mark.parametrize("stateful", [False, True])
def test_what_is_remembered_predicts_the_same(stateful):
    def predicted():
        found = runs.grid(
            make, WORDS, LABELS, name="run", stateful=stateful, seeds=1, epochs=2, batch_size=4
        )
        model = found.at(seed=0).model
        first = model.predict(WORDS[:4])
        return found, first, model.predict(WORDS[:4])

    (one, *first), (other, *again) = predicted(), predicted()
    assert not one.at(seed=0).restored
    assert other.at(seed=0).restored
    for a, b in zip(first, again, strict=True):
        assert np.array_equal(a, b)
    assert np.array_equal(*first) != stateful, "a state is carried on, or it isn't"


def test_what_a_part_is_made_with_is_in_the_key():
    found = [
        runs.grid(make, WORDS, LABELS, seeds=1, epochs=1, **others).at(seed=0).key
        for others in ({}, {"units": 5}, {"mode": "sum"}, {"stateful": True}, {"frozen": True})
    ]
    assert len({*found}) == 5


def test_a_state_that_a_model_brings_is_refused():
    """Training begins with it and leaves none, which a remembered run wouldn't do."""
    nn.set_random_seed(0)
    model = make(stateful=True)
    model.predict(WORDS[:4])
    with pytest.raises(TypeError, match="GRU has other attributes after training than before"):
        runs.fit(model, WORDS, LABELS, name="run", batch_size=4, shuffle=False)
    model.reset_states()
    runs.fit(model, WORDS, LABELS, name="run", batch_size=4, shuffle=False)
