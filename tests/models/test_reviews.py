"""A neuron that reads features of reviews."""

import numpy as np

from groundup.models import reviews

RNG = np.random.default_rng(0)


def test_more_labels_help_where_there_is_something_to_learn():
    x = RNG.normal(size=(1500, 30))
    y = (x @ RNG.normal(size=30) + RNG.normal(size=1500) > 0).astype(np.uint8)
    shares = reviews.few_labels(x[:500], y[:500], x[500:], y[500:], [50, 500], repeats=3)
    assert shares.shape == (2, 3)
    assert (shares[1] > shares[0]).all()
    assert shares[1].min() > 0.8


def test_the_strength_is_the_one_that_does_best_on_the_validation_set():
    x = RNG.normal(size=(300, 40))
    y = (x[:, 0] + 2 * RNG.normal(size=300) > 0).astype(np.uint8)
    head = reviews.fitted(x[:100], y[:100], x[100:], y[100:])
    scores = [
        type(head)(C=C, max_iter=2000).fit(x[:100], y[:100]).score(x[100:], y[100:])
        for C in reviews.STRENGTHS
    ]
    assert head.score(x[100:], y[100:]) == max(scores)


def test_a_bag_of_words_finds_the_word_that_tells():
    y = RNG.integers(0, 2, 400).astype(np.uint8)
    words = np.array(["film", "plot", "the", "it"])
    texts = [f"{' '.join(RNG.choice(words, 6))} {('bad', 'good')[label]}" for label in y]
    found = reviews.count_words(texts[:300], y[:300], texts[300:], y[300:], [40, 300])
    assert found["words"] == 6
    assert found["shares"][1].min() == 1
    assert found["seconds"] > 0
