"""The equations of the chapter on writing like Shakespeare."""

import itertools

import keras
import numpy as np
import pytest
import sympy
from numeric import central_differences
from scipy import stats
from tests.equations.checks import agree, formula, same

from groundup import nn
from groundup.models import writing

RNG = np.random.default_rng(0)
K = 5


def softmax(z):
    return np.exp(z) / np.sum(np.exp(z))


@pytest.mark.equation("nats")
def test_the_loss_per_character(book):
    """The engine's loss over windows, and what stepping through them gives."""
    nn.set_random_seed(0)
    model = nn.Sequential(
        [
            nn.Input((6,)),
            nn.Embedding(65, 3),
            nn.LSTM(4, return_sequences=True),
            nn.Dense(65, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    text = RNG.integers(65, size=7)
    x, y = writing.windows(text, 6)
    p = model.predict(x)[0][np.arange(6), y[0]].astype(float)
    loss = model.evaluate(x, y, verbose=0)
    np.testing.assert_allclose(writing.carried(model, text, streams=1), loss, rtol=1e-5)
    np.testing.assert_allclose(-np.log(p).mean(), loss, rtol=1e-5)
    agree(book["nats"], {"L": -np.log(p).mean(), "p": p, "n": 6})


def counts_of(text):
    """How often each of K characters follows each, by going along."""
    counts = np.zeros((K, K), int)
    for before, after in itertools.pairwise(text):
        counts[before, after] += 1
    return counts


@pytest.mark.equation("add-k")
def test_imaginary_characters_are_shared_out_equally(book):
    """The mean of a Dirichlet distribution after what was counted."""
    N, kappa = counts_of(RNG.integers(K, size=40)), 2.5
    means = [stats.dirichlet.mean(row + kappa / K) for row in N]
    values = {
        "p": None, "N": N, "n": N.sum(axis=1), r"\kappa": kappa, "K": K,
    }  # fmt: skip
    for s, k in itertools.product(range(1, K + 1), repeat=2):
        given = {**values, "s": s, "k": k, "p": means[s - 1]}
        agree(book["add-k"], given, recurs=True)
    np.testing.assert_allclose(np.sum(means, axis=1), 1)


@pytest.mark.equation("shorter-context")
def test_imaginary_characters_are_shared_out_by_the_shorter_context(book):
    """The same, with a prior that isn't equal; and equal shares are a case of it."""
    N, kappa = counts_of(RNG.integers(K, size=40)), 2.5
    q = RNG.dirichlet(np.ones(K))
    for s, k in itertools.product(range(1, K + 1), repeat=2):
        values = {"N": N, "n": N.sum(axis=1), r"\kappa": kappa, "q": q, "s": s, "k": k, "K": K}
        found = stats.dirichlet.mean(N[s - 1] + kappa * q)
        agree(book["shorter-context"], {**values, "p": found}, recurs=True)
        equal = formula(book["shorter-context"])({**values, "q": np.full(K, 1 / K)})
        same(equal, formula(book["add-k"])(values), "equal shares, by both equations")


@pytest.mark.equation("writing-parameters")
def test_the_networks_parameters(book):
    equation = book["writing-parameters"]
    agree(equation, {}, code=writing.make_lstm().count_params())
    agree(equation, {}, code=writing.make_keras_lstm().count_params())


@pytest.mark.equation("tempered-odds")
def test_a_temperature_divides_differences_of_scores(book):
    z = RNG.normal(size=K)
    for T in (0.3, 1.0, 2.5):
        p = np.array(keras.ops.softmax(z / T))
        agree(book["tempered-odds"], {"p": p, "z": z, "T": T}, k=range(1, K + 1), c=range(1, K + 1))


@pytest.mark.equation("tempered")
def test_a_temperature_is_a_power_of_probabilities(book):
    z = RNG.normal(size=K)
    q = softmax(z)
    for T in (0.3, 1.0, 2.5):
        p = np.array(keras.ops.softmax(z / T))
        (code,) = writing.at_temperature(q[None], T)
        same(code, p, "the code and Keras")
        values = {"p": p, "z": z, "q": q, "T": T, "c": range(1, K + 1)}
        agree(book["tempered"], values, k=range(1, K + 1))


@pytest.mark.equation("text-entropy")
def test_entropy(book):
    """It's what SciPy says, and the loss that is expected."""
    for p in (np.full(K, 1 / K), RNG.dirichlet(np.ones(K))):
        truth = stats.entropy(p)
        agree(book["text-entropy"], {"H": truth, "p": p, "k": range(1, K + 1)})
    assert stats.entropy(np.full(65, 1 / 65)) == pytest.approx(np.log(65))


@pytest.mark.equation("entropy-slope")
def test_entropy_rises_with_the_temperature(book):
    z = RNG.normal(size=K)

    def entropy_at(T):
        p = softmax(z / T)
        return -np.sum(p * np.log(p))

    def entropy(given):
        powers = [sympy.exp(score / given["T"]) for score in z]
        p = [power / sum(powers) for power in powers]
        return -sum(share * sympy.log(share) for share in p)

    for T in (0.4, 1.0, 3.0):
        place = np.array([T])
        (numeric,) = central_differences(lambda place=place: entropy_at(place.item()), place)
        assert numeric > 0
        p = softmax(z / T)
        values = {"H": entropy, "p": p, "z": z, "T": T, "k": range(1, K + 1)}
        agree(book["entropy-slope"], values)
        np.testing.assert_allclose(formula(book["entropy-slope"])(values), numeric, rtol=1e-5)
