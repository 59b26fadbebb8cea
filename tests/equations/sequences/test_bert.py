"""The equations of the chapter on BERT."""

import itertools
import math

import keras
import numpy as np
import pytest
from tests.equations.checks import agree, formula, same

from groundup.models import bert, minilm

RNG = np.random.default_rng(0)


@pytest.mark.equation("gap-loss")
def test_loss_of_the_gaps(book):
    """Each gap of each row is an example, and the compiled loss takes the mean over all."""
    model = bert.make_filler(pieces=12, width=8, heads=2, blocks=1)
    rows = RNG.integers(5, 12, (3, 16)).astype("int32")
    shown, places, truth = bert.with_gaps(rows, 12, gaps=4)
    scores = np.asarray(model([shown, places]), float)
    P = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    p = np.take_along_axis(P, truth[..., None], axis=-1).ravel()
    found = float(model.loss(truth, keras.ops.convert_to_tensor(scores)))
    agree(book["gap-loss"], {"L": found, "p": p, "m": p.size})


@pytest.mark.equation("kept-or-random")
def test_whether_what_is_seen_is_right(book):
    """All ways in which a gap comes to show the word, one by one."""
    for kept, other, V in [(0.1, 0.1, 4), (0.15, 0.05, 7), (0.02, 0.3, 3)]:
        shares = RNG.dirichlet(np.ones(V))
        for word in range(V):
            right = seen = 0.0
            for truth, any_token in itertools.product(range(V), range(V)):
                ways = (
                    {truth: kept, any_token: other} if truth != any_token else {truth: kept + other}
                )
                for shown, share in ways.items():
                    if shown == word:
                        seen += shares[truth] / V * share
                        right += shares[truth] / V * share * (truth == word)
            values = {r"\kappa": kept, r"\rho": other, "V": V, "f": shares[word]}
            same(formula(book["kept-or-random"])(values), right / seen, "the formula and all ways")


@pytest.mark.equation("two-neighbours")
def test_what_stands_between_two_neighbours(book):
    """In a chain, where what follows depends on what stands before it alone, the scores are as the
    probabilities, which all three words in a row have together."""
    n = 5
    C = RNG.integers(1, 30, (n, n)).astype(float)
    alone = C.sum(axis=1)
    first, then = alone / alone.sum(), C / alone[:, None]
    for u, v in itertools.product(range(n), range(n)):
        together = np.array([first[u] * then[u, k] * then[k, v] for k in range(n)])
        values = [
            formula(book["two-neighbours"])(
                {"C": C, "n": alone, "u": u + 1, "k": k + 1, "v": v + 1}
            )
            for k in range(n)
        ]
        same(np.array(values) / sum(values), together / together.sum(), "scores and probabilities")


@pytest.mark.equation("encoder-parameters")
def test_parameters_of_an_encoder(book):
    for V, d, N in [(2000, 96, 2), (50, 12, 3), (30, 8, 1)]:
        model = bert.make_filler(pieces=V, width=d, blocks=N, heads=4)
        values = {"V": V, "T": bert.STEPS, "d": d, "N": N}
        biases_of_the_guesses = V
        assert (
            formula(book["encoder-parameters"])(values)
            == model.count_params() - biases_of_the_guesses
        )


@pytest.mark.equation("mean-pooling")
def test_mean_of_the_states_that_count(book):
    h = RNG.normal(size=(7, 3))
    M = np.array([1.0, 1, 0, 1, 0, 0, 1])
    a = np.asarray(minilm.mean_of(h[None].astype("float32"), M[None].astype("float32")))[0]
    same(np.round(a, 5), np.round(h[M == 1].mean(axis=0), 5), "Keras and NumPy")
    agree(
        book["mean-pooling"],
        {"a": h[M == 1].mean(axis=0), "h": h, "M": M, "T": 7},
        k=range(1, 4),
    )


@pytest.mark.equation("embedding-cosine")
def test_cosine_of_the_angle(book):
    for angle, long, longer in [(0.3, 2.0, 5.0), (2.5, 0.1, 1.0), (1.0, 1.0, 1.0)]:
        turned = np.array([math.cos(0.7 + angle), math.sin(0.7 + angle)])
        a, c = long * np.array([math.cos(0.7), math.sin(0.7)]), longer * turned
        agree(book["embedding-cosine"], {"a": a, "c": c}, code=math.cos(angle))
