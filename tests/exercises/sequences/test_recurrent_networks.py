"""The checks of the chapter on recurrent networks: right answers pass, mistakes get their hints."""

import numpy as np
import pytest

from groundup.exercises.sequences import recurrent_networks as checks
from groundup.tape import Value


def forward(x, w, u, b, v, c, h_0=0.0):
    h = [h_0]
    for x_t in x:
        h.append(np.tanh(w * x_t + u * h[-1] + b))
    return np.array(h), v * np.array(h[1:]) + c


def start(x, y, w, u, b, v, c, h_0, *, last="u dz", first=None, over=None):
    h, said = forward(x, w, u, b, v, c, h_0 if first is None else first)
    d, dz = 2 * (said - y) / (over or len(x)), 0.0
    for t in reversed(range(len(x))):
        dh = v * d[t] + u * dz
        dz = (1 - h[t + 1] ** 2) * dh
    return {"u dz": u * dz, "dz": dz, "dh": dh, "u dh": u * dh, "too": u * dz + v * d[0]}[last]


def by_the_tape(x, y, *parameters):
    *numbers, h_0 = [Value(p) for p in parameters]
    w, u, b, v, c = numbers
    h, loss = h_0, 0.0
    for x_t, y_t in zip(x, y, strict=True):
        h = (w * x_t + u * h + b).tanh()
        loss = loss + (v * h + c - y_t) ** 2 / len(x)
    loss.backward()
    return h_0.gradient


def own_error(x, y, w, u, b, v, c, h_0):
    h, said = forward(x, w, u, b, v, c, h_0)
    return u * (1 - h[1] ** 2) * v * 2 * (said[0] - y[0]) / len(x)


def reaching(k, x, y, w, u, b, v, c, *, more=0, errors=None):
    h, said = forward(x, w, u, b, v, c)
    shares = np.zeros(3)
    for at in errors or range(len(x)):
        dh = v * 2 * (said[at] - y[at]) / len(x)
        for t in range(at, max(at - k - more, -1), -1):
            dz = (1 - h[t + 1] ** 2) * dh
            shares += dz * x[t], dz * h[t], dz
            dh = u * dz
    return shares


def by_sweeps(k, x, y, w, u, b, v, c):
    """All errors at once, a step further back in each of k sweeps."""
    h, said = forward(x, w, u, b, v, c)
    slopes, T = 1 - h[1:] ** 2, len(x)
    dz, total = slopes * v * 2 * (said - y) / T, np.zeros(3)
    for back in range(min(k, T)):
        here = dz[: T - back]
        total += here @ x[: T - back], here @ h[: T - back], here.sum()
        dz = u * here[1:] * slopes[: T - back - 1]
    return list(total)


def pieces(k, x, y, w, u, b, v, c):
    h, said = forward(x, w, u, b, v, c)
    shares, dz = np.zeros(3), 0.0
    for t in reversed(range(len(x))):
        dz = (0 if (t + 1) % k == 0 else u * dz) + v * 2 * (said[t] - y[t]) / len(x)
        dz *= 1 - h[t + 1] ** 2
        shares += dz * x[t], dz * h[t], dz
    return shares


def cut_after_the_first(k, *given):
    return reaching(k, *given) if k == 1 else pieces(k, *given)


def clip(gradients, longest):
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g * (longest / max(length, longest)) for g in gradients]


def clip_if_long(gradients, longest):
    length = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))
    return [g * longest / length for g in gradients] if length > longest else gradients


def one_by_one(gradients, longest):
    return [g * longest / max(np.linalg.norm(g), longest) for g in gradients]


def always(gradients, longest):
    length = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g * longest / (length + 1e-12) for g in gradients]


def number_by_number(gradients, longest):
    return [np.clip(g, -longest, longest) for g in gradients]


def without_the_root(gradients, longest):
    squares = sum(np.sum(g**2) for g in gradients)
    return [g * longest / squares for g in gradients]


RIGHT = [
    (checks.start, [start]),
    (checks.start, [by_the_tape]),
    (checks.reaching, [reaching]),
    (checks.reaching, [by_sweeps]),
    (checks.latch, [lambda: (5.0, 2.0, 0.0)]),
    (checks.latch, [lambda: np.array([3.0, 1.5, 0.05])]),
    (checks.clip, [clip]),
    (checks.clip, [clip_if_long]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


WRONG = [
    (checks.start, [lambda *given: ...], "put your answer"),
    (checks.start, [lambda *given: start(*given, last="dz")], "this is dz_1"),
    (checks.start, [lambda *given: start(*given, last="dh")], "a step too late"),
    (checks.start, [lambda *given: start(*given, last="u dh")], "stands tanh"),
    (checks.start, [lambda *given: start(*given, last="too")], "isn't used for a prediction"),
    (checks.start, [own_error], "only the first step's own error"),
    (checks.start, [lambda *given: start(*given, first=0.0)], "has begun at zero"),
    (checks.start, [lambda *given: start(*given, over=1)], "not their sum"),
    (checks.start, [lambda *given: 0.0], "nudge the first state"),
    (checks.reaching, [lambda *given: ...], "put your answer"),
    (checks.reaching, [lambda k, *given: reaching(99, *given)], "back to the first step"),
    (checks.reaching, [lambda *given: reaching(*given, more=1)], "a step too far"),
    (checks.reaching, [lambda *given: reaching(*given, more=-1)], "it isn't right"),
    (checks.reaching, [lambda k, *given: reaching(max(k - 1, 1), *given)], "a step too early"),
    (checks.reaching, [cut_after_the_first], "these are pieces"),
    (checks.reaching, [lambda *given: reaching(*given, errors=[6])], "only the last step's error"),
    (checks.reaching, [lambda *given: 2 * reaching(*given)], "begin anew for each error"),
    (checks.reaching, [lambda *given: reaching(*given)[:2]], "of shape (3,)"),
    (checks.latch, [lambda: ...], "put your answer"),
    (checks.latch, [lambda: (5.0, 0.9, 0.0)], "it fades"),
    (checks.latch, [lambda: (5.0, 1.0, 0.0)], "it fades"),
    (checks.latch, [lambda: (5.0, -2.0, 0.0)], "it flips from step to step"),
    (checks.latch, [lambda: (-5.0, 2.0, 0.0)], "what is the sign of w"),
    (checks.latch, [lambda: (5.0, 2.0, 3.0)], "what does b do"),
    (checks.latch, [lambda: (1.0, 2.0, 0.0)], "a push doesn't turn it over"),
    (checks.latch, [lambda: (30.0, 2.0, 0.0)], "noise turns it over"),
    (checks.latch, [lambda: (5.0, 2.0)], "of shape (3,)"),
    (checks.clip, [lambda gradients, longest: ...], "put your answer"),
    (checks.clip, [one_by_one], "each array is shortened by itself"),
    (checks.clip, [number_by_number], "each number is limited"),
    (checks.clip, [always], "what is shorter than the limit stays"),
    (checks.clip, [lambda gradients, longest: [g * longest for g in gradients]], "divide by the length"),
    (checks.clip, [without_the_root], "the length has a root"),
    (checks.clip, [lambda gradients, longest: clip(gradients, longest)[0]], "a list of as many"),
    (checks.clip, [lambda gradients, longest: gradients], "together they were"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint
