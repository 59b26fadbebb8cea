"""The small encoder: its block by hand, its gaps, and that it learns."""

import math

import keras
import numpy as np
import pytest

from groundup import data, runs
from groundup.models import bert, wordpiece


def normalized(x, gamma, beta):
    centred = x - x.mean(axis=-1, keepdims=True)
    return gamma * centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12) + beta


def gelu(z):
    return z * (1 + np.vectorize(math.erf)(z / 2**0.5)) / 2


def block_by_hand(x, seen, weights):
    """One text, (T, d), by loops over heads and places; ``seen`` is (T, T)."""
    Wq, bq, Wk, bk, Wv, bv, Wo, bo, g1, b1, W1, c1, W2, c2, g2, b2 = weights
    heads, size = bq.shape
    looked = np.zeros_like(x) + bo
    for h in range(heads):
        Q, K, V = (x @ W[:, h] + b[h] for W, b in ((Wq, bq), (Wk, bk), (Wv, bv)))
        for t in range(len(x)):
            e = np.exp(K @ Q[t] / math.sqrt(size)) * seen[t]
            looked[t] += (e / e.sum()) @ V @ Wo[h]
    x = normalized(x + looked, g1, b1)
    return normalized(x + gelu(x @ W1 + c1) @ W2 + c2, g2, b2)


@pytest.mark.parametrize("kind", ["all", "causal", "padded"])
def test_a_block_is_attention_and_a_dense_network_with_shortcuts(kind):
    rng = np.random.default_rng(0)
    T, d, heads = 5, 6, 2
    states = keras.Input((T, d))
    counts = keras.Input((1, T), dtype="bool")
    seen = counts if kind == "padded" else None
    outputs = bert.block(states, heads, seen=seen, causal=kind == "causal")
    model = keras.Model([states, counts], outputs)
    weights = [rng.normal(0, 0.5, w.shape) for w in model.weights]
    model.set_weights(weights)
    x = rng.normal(size=(2, T, d))
    which = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 0]], bool)[:, None]
    found = model.predict([x.astype("float32"), which], verbose=0)
    for n in range(2):
        sees = {"all": np.ones((T, T)), "causal": np.tri(T), "padded": np.tile(which[n], (T, 1))}[
            kind
        ]
        by_hand = block_by_hand(x[n], sees, weights)
        np.testing.assert_allclose(found[n], by_hand, atol=2e-5)


def test_gaps_are_where_they_say_and_show_what_they_should():
    rng = np.random.default_rng(0)
    pieces = 50
    rows = rng.integers(5, pieces, (2000, 64)).astype("int32")
    rows[:, 7] = wordpiece.END
    before = rows.copy()
    np.random.seed(0)
    hidden, places, truth = bert.with_gaps(rows, pieces)
    assert np.array_equal(rows, before)
    assert places.shape == (2000, bert.GAPS)
    assert all(len(set(row)) == bert.GAPS for row in places)
    assert not (places == 7).any()
    assert np.array_equal(truth, np.take_along_axis(rows, places, axis=1))
    outside = np.ones(rows.shape, bool)
    np.put_along_axis(outside, places, False, axis=1)
    assert np.array_equal(hidden[outside], rows[outside])
    shown = np.take_along_axis(hidden, places, axis=1)
    assert shown.min() >= wordpiece.GAP
    gap, right = shown == wordpiece.GAP, shown == truth
    others = pieces - len(wordpiece.SPECIAL)
    assert abs(gap.mean() - 0.8) < 0.01
    assert abs(right.mean() - (0.1 + 0.1 / others)) < 0.01
    spread = np.bincount(places.ravel(), minlength=64)
    assert abs(np.delete(spread, 7) / 2000 - bert.GAPS / 63).max() < 0.03


def test_the_causal_twin_sees_nothing_that_comes_later():
    row = np.random.default_rng(0).integers(5, 40, (1, 64)).astype("int32")
    changed = row.copy()
    changed[0, 31] = 4
    for causal in (True, False):
        model = bert.make_filler(40, causal)
        scores = [np.asarray(model([r, np.array([[30, 31]])]))[0] for r in (row, changed)]
        assert np.array_equal(scores[0][0], scores[1][0]) == causal
        assert not np.array_equal(scores[0][1], scores[1][1])


@pytest.mark.parametrize("causal", [False, True])
def test_training_teaches_what_follows_what(causal):
    """Each token is the one before it plus one, so a neighbour on either side tells it."""
    rng = np.random.default_rng(0)
    steps = rng.integers(0, 12, (256, 1)) + np.arange(bert.STEPS)
    rows = (steps % 12 + 5).astype("int32")
    arguments = {"causal": causal, "epochs": 6, "name": "counting up"}
    trained = runs.remember(bert.pretrain, rows[:224], rows[224:], 17, **arguments)
    assert trained.result["held"][-1] < 0.8 < np.log(12)
    model = bert.filler(trained, 17, causal)
    places = np.full((32, 1), 20)
    scores = model.predict([rows[224:], places - causal], verbose=0)[:, 0]
    expected = rows[224:, 20]
    assert np.mean(scores.argmax(axis=1) == expected) > 0.9


def test_it_begins_with_the_frequencies():
    rows = np.random.default_rng(0).integers(5, 9, (64, 64)).astype("int32")
    trained = runs.remember(bert.pretrain, rows, rows, 400, epochs=1, rate=1e-9, name="untrained")
    assert abs(trained.result["held"][0] - np.log(4)) < 0.2


def test_what_is_read_no_comparison_uses():
    imdb = data.imdb.stand_in()
    texts, others = bert.reading(imdb)
    assert (len(texts), len(others)) == (200, 60)
    assert texts == [*map(str, imdb.x_train[:-201:-1])]
    assert others == [*map(str, imdb.x_train[-201:-261:-1])]


def test_rows_are_the_texts_one_after_the_other():
    vocabulary = wordpiece.learn(["ab ba"], 20)
    rows = bert.rows(["ab ba"] * 50, vocabulary)
    numbers = [vocabulary.index(piece) for piece in ("ab", "ba", "[SEP]")]
    assert rows.shape == (2, 64)
    assert rows.ravel().tolist() == (numbers * 50)[:128]
