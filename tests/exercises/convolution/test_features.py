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


def fold(F):
    return F[..., :4] + F[..., 4:]


def reader(inputs, *hidden):
    """Some hidden layers, and ten outputs."""
    nn.set_random_seed(0)
    layers = [nn.Dense(units, activation="relu") for units in hidden]
    model = nn.Sequential([nn.Input((inputs,)), *layers, nn.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


F = np.random.default_rng(0).uniform(size=(200, 7, 7, 8))


def runs_of(inputs=196, *hidden, epochs=4):
    return [handed_in.run(reader(inputs, *hidden), epochs, seed) for seed in range(5)]


RUNS = runs_of()
FOLDED = fold(F).reshape(200, -1)
FOLDED = np.sqrt(FOLDED / np.linalg.norm(FOLDED, axis=1, keepdims=True))
Y = handed_in.labels_read(RUNS[0].model, FOLDED, 0.7)
READ = [handed_in.accuracy(run.model, FOLDED, Y) for run in RUNS]

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
    (checks.folded, [fold, RUNS, READ, F, Y]),
    (
        checks.folded,
        [lambda F: F.reshape(*F.shape[:3], 2, 4).sum(axis=3), tuple(RUNS), np.round(READ, 3), F, Y],
    ),
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
    (checks.folded, [lambda F: ..., RUNS, READ, F, Y], "put your answer"),
    (checks.folded, [fold, ..., READ, F, Y], "put your answer"),
    (checks.folded, [lambda F: F[..., :4], RUNS, READ, F, Y], "add each to its opposite"),
    (
        checks.folded,
        [lambda F: F[..., ::2] + F[..., 1::2], RUNS, READ, F, Y],
        "these are neighbours",
    ),
    (checks.folded, [lambda F: F[..., :4] + F[..., :3:-1], RUNS, READ, F, Y], "0 has met 7"),
    (checks.folded, [lambda F: fold(F) / 2, RUNS, READ, F, Y], "this is their mean"),
    (
        checks.folded,
        [lambda F: F[..., 4:] * 2, RUNS, READ, F, Y],
        "the one that points to the left",
    ),
    (checks.folded, [lambda F: F, RUNS, READ, F, Y], "is to be of shape (3, 7, 7, 4)"),
    (checks.folded, [fold, None, READ, F, Y], "hand in the runs too"),
    (checks.folded, [fold, RUNS[:4], READ, F, Y], "there are to be 5 runs"),
    (checks.folded, [fold, runs_of(epochs=8), READ, F, Y], "to have 4 epochs"),
    (checks.folded, [fold, runs_of(392), READ, F, Y], "ten outputs that get 196 numbers"),
    (checks.folded, [fold, runs_of(196, 3), READ, F, Y], "is to be linear"),
    (checks.folded, [fold, RUNS, [0.91] * 5, F, Y], "isn't the accuracy"),
    (checks.folded, [fold, RUNS, np.mean(READ), F, Y], "of shape (5,)"),
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
