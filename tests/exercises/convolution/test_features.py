"""The checks of the chapter on features: right answers pass, likely mistakes get their hints."""

import itertools

import numpy as np
import pytest
from tests.exercises import handed_in

from groundup import nn
from groundup.exercises.convolution import features as checks


def threes_and_eights():
    """Pictures whose eights have ink on the left, with thin pens and thick ones."""
    rng = np.random.default_rng(0)
    labels = rng.choice([3, 8], size=200)
    pictures = rng.uniform(0, 0.1, size=(200, 28, 28))
    pictures[:, 4:24, 16:20] += 0.6
    pictures[labels == 8, 8:12, 6:10] += 0.6
    pictures *= rng.uniform(0.3, 1, size=(200, 1, 1))
    return pictures.clip(0, 1), labels


PICTURES, LABELS = threes_and_eights()


def left(pictures):
    return pictures[:, 8:12, 6:10].sum(axis=(1, 2)) / pictures.sum(axis=(1, 2))


def corner(pictures):
    return pictures[:, 0, 0]


def right_in(percent):
    """A hundred pictures whose corner says in so many whether they are eights."""
    labels = np.where(np.arange(100) % 2, 8, 3)
    pictures = np.zeros((100, 28, 28))
    pictures[:, 0, 0] = (labels == 8) == (np.arange(100) < percent)
    return pictures, labels


MOSTLY_EIGHTS = np.zeros((100, 28, 28)), np.where(np.arange(100) > 1, 8, 3)


def turned(F):
    return np.roll(np.rot90(F, axes=(1, 2)), -2, axis=3)


def turned_by_loops(F):
    new = np.empty_like(F)
    for row, column, k in itertools.product(range(7), range(7), range(8)):
        new[:, 6 - column, row, (k - 2) % 8] = F[:, row, column, k]
    return new


def network(frozen, output=True):
    """Two convolutions, of which so many of the first are frozen."""
    nn.set_random_seed(0)
    convolutions = [nn.Conv2D(2, 3, activation="relu"), nn.Conv2D(3, 3, activation="relu")]
    for layer, is_frozen in zip(convolutions, frozen, strict=False):
        layer.trainable = not is_frozen
    last = nn.Dense(4, activation="softmax")
    last.trainable = output
    layers = convolutions[: len(frozen)]
    model = nn.Sequential([nn.Input((8, 8, 1)), *layers, nn.Flatten(), last])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


X = np.random.default_rng(0).uniform(size=(200, 8, 8, 1)).astype("float32")


def runs_of(frozen, epochs=10, **how):
    return [handed_in.run(network(frozen, **how), epochs, seed) for seed in range(5)]


RUNS = runs_of((True, False))
Y = handed_in.labels_read(RUNS[0].model, X, 0.7)
READ = [handed_in.accuracy(run.model, X, Y) for run in RUNS]

RIGHT = [
    (checks.three_or_eight, [left, PICTURES, LABELS]),
    (checks.three_or_eight, [lambda p: -left(p), PICTURES, LABELS]),
    (checks.three_or_eight, [lambda p: [float(left(q[None])[0]) for q in p], PICTURES, LABELS]),
    (checks.three_or_eight, [lambda p: left(p) > 0.05, PICTURES, LABELS]),
    (checks.three_or_eight, [left, PICTURES.astype("float32"), LABELS.tolist()]),
    (checks.three_or_eight, [corner, *right_in(85)]),
    (checks.turned, [turned]),
    (checks.turned, [turned_by_loops]),
    (checks.turned, [lambda F: turned(F).tolist()]),
    (checks.first_frozen, [RUNS, READ, X, Y]),
    (checks.first_frozen, [tuple(RUNS), np.round(READ, 3), X, Y]),
    (checks.shuffled, [lambda W, order: W[order]]),
    (checks.shuffled, [lambda W, order: np.take(W, order, axis=0)]),
    (checks.shuffled, [lambda W, order: [W[j] for j in order]]),
    (checks.shuffled, [lambda W, order: np.eye(len(order))[order] @ W]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


def fields(F):
    return np.rot90(F, axes=(1, 2))


WRONG = [
    (checks.three_or_eight, [lambda p: ..., PICTURES, LABELS], "put your answer"),
    (
        checks.three_or_eight,
        [lambda p: np.zeros(len(p)), PICTURES, LABELS],
        "always saying the same",
    ),
    (checks.three_or_eight, [lambda p: p.mean(axis=(1, 2)), PICTURES, LABELS], "best threshold"),
    (checks.three_or_eight, [corner, *right_in(84)], "84.0% are right, which is close"),
    (checks.three_or_eight, [corner, *right_in(70)], "on which side is a 3 open"),
    (checks.three_or_eight, [lambda p: LABELS, PICTURES, LABELS], "in another order"),
    (checks.three_or_eight, [lambda p: left(p) - left(p).mean(), PICTURES, LABELS], "alone"),
    (checks.three_or_eight, [lambda p: left(p) > np.median(left(p)), PICTURES, LABELS], "alone"),
    (checks.three_or_eight, [left, PICTURES, LABELS * 0], "threes and eights"),
    (checks.three_or_eight, [left, PICTURES, (LABELS == 8) * 1], "threes and eights"),
    (checks.three_or_eight, [lambda p: p, PICTURES, LABELS], "the feature is to be of shape"),
    (checks.three_or_eight, [lambda p: np.zeros(len(p)), *MOSTLY_EIGHTS], "always saying the same"),
    (checks.turned, [lambda F: ...], "put your answer"),
    (checks.turned, [lambda F: F], "nothing has turned"),
    (checks.turned, [fields], "where does an edge to the right point now"),
    (checks.turned, [lambda F: np.roll(F, -2, axis=3)], "the fields, too, have to move"),
    (checks.turned, [lambda F: np.roll(F, 2, axis=3)], "the fields have to move"),
    (checks.turned, [lambda F: np.roll(fields(F), 2, axis=3)], "the directions turn the other way"),
    (checks.turned, [lambda F: np.roll(fields(F), -1, axis=3)], "two of the eight directions"),
    (checks.turned, [lambda F: np.roll(fields(F), 4, axis=3)], "half a turn"),
    (
        checks.turned,
        [lambda F: np.roll(np.rot90(F, -1, axes=(1, 2)), 2, axis=3)],
        "this is clockwise",
    ),
    (
        checks.turned,
        [lambda F: np.roll(np.rot90(F, -1, axes=(1, 2)), -2, axis=3)],
        "the fields turn the other way",
    ),
    (checks.turned, [lambda F: F[:, ::-1]], "what happens to direction 0"),
    (checks.turned, [lambda F: np.rot90(F)], "is to be of shape (3, 7, 7, 8)"),
    (checks.turned, [lambda F: turned(F)[:2]], "is to be of shape"),
    (checks.first_frozen, [..., READ, X, Y], "put your answer"),
    (checks.first_frozen, [None, READ, X, Y], "hand in the runs too"),
    (checks.first_frozen, [RUNS[:4], READ, X, Y], "there are to be 5 runs"),
    (checks.first_frozen, [runs_of((True, False), 8), READ, X, Y], "to have 10 epochs"),
    (checks.first_frozen, [runs_of((True, True)), READ, X, Y], "both convolutions are frozen"),
    (checks.first_frozen, [runs_of((False, True)), READ, X, Y], "freeze the first"),
    (checks.first_frozen, [runs_of((False, False)), READ, X, Y], "no convolution is frozen"),
    (checks.first_frozen, [runs_of((True,)), READ, X, Y], "two convolutions, and one has 1"),
    (
        checks.first_frozen,
        [runs_of((True, False), output=False), READ, X, Y],
        "the ten outputs should learn",
    ),
    (checks.first_frozen, [RUNS, [0.91] * 5, X, Y], "isn't the accuracy"),
    (checks.first_frozen, [RUNS, np.mean(READ), X, Y], "of shape (5,)"),
    (checks.shuffled, [lambda W, order: W], "these are the old weights"),
    (checks.shuffled, [lambda W, order: W[np.argsort(order)]], "the other way round"),
    (checks.shuffled, [lambda W, order: W[::-1]], "which row of W belongs"),
    (checks.shuffled, [lambda W, order: W[:, order]], "raised IndexError"),
    (checks.shuffled, [lambda W, order: W.T[order].T], "raised IndexError"),
    (checks.shuffled, [lambda W, order: np.take(W, order[::-1], axis=0)], "which row of W"),
    (checks.shuffled, [lambda W, order: W if len(W) == 5 else W[order]], "the old weights"),
    (checks.shuffled, [lambda W, order: None], "is None"),
]


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint


def test_equal_values_lie_on_one_side_of_a_threshold():
    """A constant feature tells nothing, in whatever order the labels come."""
    labels = np.array([3] * 60 + [8] * 40)
    hint = checks.three_or_eight(lambda p: np.ones(len(p)), np.zeros((100, 28, 28)), labels).hint
    assert "60.0% are right, and always saying the same gives 60.0%" in hint


def test_a_network_on_shuffled_inputs_says_the_same():
    """What ``shuffled`` holds for true, for a whole network."""
    rng = np.random.default_rng(0)
    inputs, order = rng.normal(size=(5, 8)).astype("float32"), rng.permutation(8)
    model = nn.Sequential([nn.Input((8,)), nn.Dense(4, activation="relu"), nn.Dense(2)])
    before = model.predict(inputs)
    model.layers[0].W[:] = model.layers[0].W[order]
    np.testing.assert_allclose(model.predict(inputs[:, order]), before, atol=1e-6)
