"""The checks of the chapter on attention: right answers pass, likely mistakes get their hints."""

import numpy as np
import pytest

from groundup import nn
from groundup.exercises.sequences import attention as checks
from groundup.models.gpt import make_gpt


def changed_from(x, t):
    other = x.copy()
    other[:, t:] = (other[:, t:] + 1) % 5
    return other


def every_place(predict, x):
    before = predict(x)
    return any(
        not np.allclose(predict(changed_from(x, t))[:, :t], before[:, :t])
        for t in range(1, x.shape[1])
    )


def one_at_a_time(predict, x):
    """Change a single character, and look at each place before it."""
    before = predict(x)
    for t in range(x.shape[1]):
        other = x.copy()
        other[:, t] = (other[:, t] + 1) % 5
        if np.abs(predict(other) - before)[:, :t].max(initial=0) > 1e-5:
            return True
    return False


def with_the_place_itself(predict, x):
    before = predict(x)
    return any(
        not np.allclose(predict(changed_from(x, t))[:, : t + 1], before[:, : t + 1])
        for t in range(1, x.shape[1])
    )


def last_only(predict, x):
    t = x.shape[1] - 1
    return not np.allclose(predict(changed_from(x, t))[:, :t], predict(x)[:, :t])


def first_only(predict, x):
    return not np.allclose(predict(changed_from(x, 1))[:, :1], predict(x)[:, :1])


def first_half(predict, x):
    before = predict(x)
    return any(
        not np.allclose(predict(changed_from(x, t))[:, :t], before[:, :t]) for t in range(1, 6)
    )


def exactly(predict, x):
    before = predict(x)
    return any(
        (predict(changed_from(x, t))[:, :t] != before[:, :t]).any() for t in range(1, x.shape[1])
    )


def two_places(predict, x):
    before = predict(x)
    return any(not np.allclose(predict(changed_from(x, t))[:, :t], before[:, :t]) for t in (4, 6))


def by_turning_round(predict, x):
    before = predict(x)
    for t in range(1, x.shape[1]):
        other = x.copy()
        other[:, t:] = other[:, t:][:, ::-1]
        if not np.allclose(predict(other)[:, :t], before[:, :t]):
            return True
    return False


def by_rows(dS, Q, K):
    return sum(
        g * (q @ k) for q, row in zip(Q, dS, strict=True) for g, k in zip(row, K, strict=True)
    )


LATER = np.eye(6, k=1)
BEFORE = np.eye(6, k=-1)


def small_network():
    nn.set_random_seed(0)
    model = make_gpt(10, blocks=2, width=8)
    rng = np.random.default_rng(0)
    model.set_weights([w + rng.normal(scale=0.3, size=w.shape) for w in model.get_weights()])
    x = rng.integers(0, 65, size=(4, 64))
    y = np.roll(x, -1, axis=1)
    return model, x, y


def extra_losses(model, x, y, restore=True):
    def loss():
        p = model.predict(x)
        return -np.mean([np.log(p[i, t, y[i, t]]) for i, t in np.ndindex(x.shape)])

    base, found = loss(), np.zeros((2, 2))
    kept = [w.copy() for w in model.get_weights()]
    for i, layer in enumerate((model.layers[2].layers[1], model.layers[4].layers[1])):
        for h in range(2):
            layer.W_output[h] = 0
            found[i, h] = loss() - base
            if restore:
                model.set_weights(kept)
    model.set_weights(kept)
    return found, base


NETWORK = small_network()
EXTRA, BASE = extra_losses(*NETWORK)
KEPT_OFF, _ = extra_losses(*NETWORK, restore=False)

RIGHT = [
    (checks.looks_ahead, [every_place]),
    (checks.looks_ahead, [one_at_a_time]),
    (checks.sharpness, [lambda dS, Q, K: np.sum(dS * (Q @ K.T))]),
    (checks.sharpness, [by_rows]),
    (checks.one_before, [20 * BEFORE, np.eye(6)]),
    (checks.one_before, [np.eye(6), (30 * LATER).tolist()]),
    (checks.missed, [EXTRA, *NETWORK]),
    (checks.missed, [EXTRA.round(2).tolist(), *NETWORK]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


WRONG = [
    (checks.looks_ahead, [...], "put your answer"),
    (checks.looks_ahead, [lambda predict, x: ...], "True or False"),
    (checks.looks_ahead, [lambda predict, x: True], "a network that doesn't"),
    (checks.looks_ahead, [lambda predict, x: False], "one ahead"),
    (checks.looks_ahead, [with_the_place_itself], "a network that doesn't"),
    (checks.looks_ahead, [last_only], "in the middle looks two ahead"),
    (checks.looks_ahead, [first_only], "one place in the middle"),
    (checks.looks_ahead, [first_half], "late in the window"),
    (checks.looks_ahead, [exactly], "seventh digit"),
    (checks.looks_ahead, [two_places], "alone sees place"),
    (checks.looks_ahead, [by_turning_round], "place 6 alone sees place 7"),
    (checks.looks_ahead, [lambda predict, x: predict(x) > 1], "True or False"),
    (checks.sharpness, [lambda dS, Q, K: ...], "put your answer"),
    (checks.sharpness, [lambda dS, Q, K: dS * (Q @ K.T)], "one number"),
    (checks.sharpness, [lambda dS, Q, K: np.mean(dS * (Q @ K.T))], "the sum back"),
    (checks.sharpness, [lambda dS, Q, K: np.sum(dS * (Q @ K.T)) / Q.shape[1] ** 0.5], "root is gone"),
    (checks.sharpness, [lambda dS, Q, K: np.trace(dS * (Q @ K.T))], "diagonal only"),
    (checks.sharpness, [lambda dS, Q, K: np.sum(dS * (K @ Q.T))], "the query of t"),
    (checks.sharpness, [lambda dS, Q, K: dS.sum()], "the dot product there"),
    (checks.sharpness, [lambda dS, Q, K: np.sum(Q @ K.T)], "dS come in"),
    (checks.sharpness, [lambda dS, Q, K: -np.sum(dS * (Q @ K.T))], "but for the sign"),
    (checks.sharpness, [lambda dS, Q, K: 7.0], "add these up"),
    (checks.one_before, [..., np.eye(6)], "put your answer"),
    (checks.one_before, [BEFORE, np.eye(6)], "softmax sharper"),
    (checks.one_before, [20 * np.eye(6), np.eye(6)], "looks at itself"),
    (checks.one_before, [20 * LATER, np.eye(6)], "the one after it"),
    (checks.one_before, [np.eye(6), 20 * BEFORE], "the one after it"),
    (checks.one_before, [20 * BEFORE, 20 * BEFORE], "looks at itself"),
    (checks.one_before, [np.zeros((6, 6)), np.eye(6)], "all scores are alike"),
    (checks.one_before, [20 * np.eye(6)[[0, 0, 1, 1, 3, 4]], np.eye(6)], "character 4 looks most at 2"),
    (checks.one_before, [np.eye(5), np.eye(6)], "shape (6, 6)"),
    (checks.missed, [..., *NETWORK], "put your answer"),
    (checks.missed, [-EXTRA, *NETWORK], "the sign is turned"),
    (checks.missed, [EXTRA + BASE, *NETWORK], "that of the whole network"),
    (checks.missed, [EXTRA[::-1], *NETWORK], "wrong order"),
    (checks.missed, [EXTRA[:, ::-1], *NETWORK], "changed places"),
    (checks.missed, [KEPT_OFF, *NETWORK], "put back"),
    (checks.missed, [EXTRA[0], *NETWORK], "shape (2, 2)"),
    (checks.missed, [EXTRA + 0.5, *NETWORK], "some aren't"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_mistakes_get_a_hint(check, attempt, hint):
    assert hint in check(*attempt).hint
