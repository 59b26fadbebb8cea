"""Optimizers by hand, also close to denormals; schedules at the points that define them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup import nn
from groundup.nn import optimizer as base
from groundup.nn import optimizers


def steps(optimizer, gradients, start=1.0):
    """Where one parameter goes under these gradients."""
    w, path = np.array([start]), []
    for gradient in gradients:
        optimizer.apply(np.array([gradient]), w)
        path.append(w[0])
    return path


def test_sgd():
    assert steps(nn.SGD(0.5), [2.0, -2.0]) == [0.0, 1.0]
    assert steps(nn.SGD(), [1.0]) == [0.99]


def test_without_momentum_nothing_is_remembered_but_the_steps():
    optimizer = nn.SGD(0.5)
    steps(optimizer, [2.0])
    assert list(optimizer.variables) == ["iterations"]


def test_momentum():
    """v = 0.5 v − 0.1 g: −0.1, −0.15, −0.075."""
    assert np.allclose(steps(nn.SGD(0.1, momentum=0.5), [1, 1, 0]), [0.9, 0.75, 0.675])


def test_nesterov_looks_ahead():
    """The step is 0.5 v − 0.1 g: −0.15, −0.175, −0.0375."""
    path = steps(nn.SGD(0.1, momentum=0.5, nesterov=True), [1, 1, 0])
    assert np.allclose(path, [0.85, 0.675, 0.6375])


def test_rmsprop():
    """v = 0.9 v + 0.1 g²: 0.4, then 0.36 + 0.9 = 1.26."""
    expected = 1 - 0.1 * 2 / math.sqrt(0.4 + 0.01)
    path = steps(nn.RMSprop(0.1, epsilon=0.01), [2, 3])
    assert np.allclose(path, [expected, expected - 0.1 * 3 / math.sqrt(1.26 + 0.01)])


def test_the_first_step_of_adam_is_the_learning_rate_whatever_the_gradient():
    for gradient in (1e-3, 1.0, -1e3):
        (w,) = steps(nn.Adam(0.1, epsilon=0), [gradient])
        assert math.isclose(w, 1 - math.copysign(0.1, gradient))


def test_adam():
    """Two steps as the paper writes them, with its epsilon hat."""
    m, v, w, path = 0.0, 0.0, 1.0, []
    for t, g in enumerate([2.0, -1.0, 0.5], start=1):
        m, v = 0.8 * m + 0.2 * g, 0.9 * v + 0.1 * g**2
        w -= 0.1 * math.sqrt(1 - 0.9**t) / (1 - 0.8**t) * m / (math.sqrt(v) + 0.01)
        path.append(w)
    assert np.allclose(steps(nn.Adam(0.1, 0.8, 0.9, 0.01), [2, -1, 0.5]), path)


def test_adamw_decays_beside_the_gradient():
    adam, adamw = nn.Adam(0.1), nn.AdamW(0.1, weight_decay=0.5)
    assert np.isclose(steps(adamw, [2.0])[0], steps(adam, [2.0], start=0.0)[0] + 1 - 0.1 * 0.5)
    expected = steps(adam.__class__(0.1), [2.0], start=0.0)[0] + 3 * (1 - 0.1 * 0.5)
    assert np.isclose(steps(nn.AdamW(0.1, weight_decay=0.5), [2.0], start=3.0)[0], expected)
    assert np.allclose(steps(nn.AdamW(0.1, 0.0), [2, -1]), steps(nn.Adam(0.1), [2, -1]))
    settings = (0.8, 0.9, 0.01)
    assert np.allclose(
        steps(nn.AdamW(0.1, 0.0, *settings), [2, -1]), steps(nn.Adam(0.1, *settings), [2, -1])
    )
    assert nn.AdamW().weight_decay == 0.004


EACH = [
    nn.SGD(0.1), nn.SGD(0.1, 0.9), nn.SGD(0.1, 0.9, True), nn.RMSprop(), nn.Adam(), nn.AdamW(),
]  # fmt: skip


@pytest.mark.parametrize("optimizer", EACH, ids=repr)
def test_the_gradient_is_left_alone_and_the_precision_stays(optimizer):
    optimizer = optimizers.get(optimizer)
    w, dw = np.ones(4, np.float32), np.full(4, 0.5, np.float32)
    optimizer.apply(dw, w)
    assert (dw == 0.5).all()
    assert all(v.dtype == np.float32 for n, v in optimizer.variables.items() if n != "iterations")
    assert optimizer.variables["iterations"] == 1
    assert optimizer.variables["iterations"].dtype == np.int64
    assert set(optimizer.variables) == {*optimizer.remembers, "iterations"}


@pytest.mark.parametrize("optimizer", EACH, ids=repr)
def test_the_pieces_of_a_long_vector_make_the_same_steps(optimizer, monkeypatch):
    """Five parameters in pieces of two, and in one go: not one is left out, and none changed twice."""
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=5), rng.normal(size=(3, 5))
    found = []
    for piece in (2, 5):
        monkeypatch.setattr(base, "PIECE", piece)
        w, stepper = start.copy(), optimizers.get(optimizer)
        for dw in gradients:
            stepper.apply(dw, w)
        found.append(w)
    assert np.array_equal(*found)
    assert (found[0] != start).all()


@pytest.mark.parametrize("optimizer", [nn.SGD(0.1, 0.9), nn.RMSprop(), nn.Adam()], ids=repr)
def test_what_fades_does_not_stay_denormal(optimizer):
    """One gradient and then none: moments fade, by 0.9 a step, and end at zero, not at 1e-45."""
    optimizer = optimizers.get(optimizer)
    w = np.ones(3, np.float32)
    optimizer.apply(np.array([1e-3, 1.0, 0.0], np.float32), w)
    smallest = np.finfo(np.float32).tiny
    for step in range(2, 1001):
        optimizer.apply(np.zeros(3, np.float32), w)
        for name in optimizer.remembers:
            values = np.abs(optimizer.variables[name])
            assert step % 50 or ((values == 0) | (values >= smallest)).all()
    first = optimizer.variables[optimizer.remembers[0]]
    assert (first == 0).all()


def test_what_is_forgotten_is_denormal_and_has_no_gradient(computed_by):
    """At the fiftieth step, and not before; in compiled form at each, and what changes no parameter."""
    optimizer, w = nn.SGD(1.0, 0.5), np.ones(4)
    optimizer.build(w)
    optimizer.variables["iterations"][...] = 48
    velocity, tiny = optimizer.variables["velocity"], np.finfo(float).tiny
    velocity[:] = [8 * tiny, -8 * tiny, tiny, tiny]
    dw = np.array([0, 0, 0, -tiny / 4])
    if computed_by == "fused":
        faded = tiny / np.finfo(float).eps
        velocity[:2] = [2 * faded, -1.99 * faded]
        optimizer.apply(dw, w)
        assert (velocity == [faded, 0, 0, 0.75 * tiny]).all()
        assert (w == 1).all()
        return
    optimizer.apply(dw, w)
    assert (velocity == [4 * tiny, -4 * tiny, tiny / 2, 0.75 * tiny]).all(), "not yet"
    optimizer.apply(dw, w)
    assert (velocity == [2 * tiny, -2 * tiny, 0, 0.625 * tiny]).all()


def by_the_rule(optimizer, gradients) -> float:
    """Where a parameter gets to from zero, in Python's numbers."""
    w = m = v = 0.0
    rate = optimizer.learning_rate
    for t, g in enumerate(gradients, 1):
        if isinstance(optimizer, nn.SGD):
            m = optimizer.momentum * m - rate * g
            w += m
        elif isinstance(optimizer, nn.RMSprop):
            v += (1 - optimizer.rho) * (g * g - v)
            w -= rate * g / math.sqrt(v + optimizer.epsilon)
        else:
            m = optimizer.beta_1 * m + (1 - optimizer.beta_1) * g
            v = optimizer.beta_2 * v + (1 - optimizer.beta_2) * g * g
            correction = math.sqrt(1 - optimizer.beta_2**t) / (1 - optimizer.beta_1**t)
            w -= rate * correction * m / (math.sqrt(v) + optimizer.epsilon)
    return w


@given(
    exponent=st.floats(-18, -3),
    signs=st.lists(st.sampled_from([1, 1, 1, -1, 0]), min_size=1, max_size=7),
    dtype=st.sampled_from([np.float32, np.float64]),
    kind=st.sampled_from(
        [nn.SGD(0.01, 0.9), nn.RMSprop(0.01, epsilon=1e-34), nn.Adam(0.01, epsilon=1e-20)]
    ),
)
@settings(max_examples=60)
def test_small_gradients_are_followed_by_the_rule(exponent, signs, dtype, kind):
    """However small they are; some of them are zero, also when what fades is forgotten."""
    gradients = [10**exponent * signs[step % len(signs)] for step in range(120)]
    optimizer, w = optimizers.get(kind), np.zeros(1, dtype)
    gradients = [float(dtype(g)) for g in gradients]
    way = 0.0
    for g in gradients:
        before = w.copy()
        optimizer.apply(np.array([g], dtype), w)
        way += abs(float(w[0] - before[0]))
    assert w[0] == pytest.approx(by_the_rule(kind, gradients), rel=1e-3, abs=1e-3 * way + 1e-44)


def test_a_schedule_counts_the_steps_taken():
    optimizer = nn.SGD(nn.PiecewiseConstantDecay([0, 2], [1.0, 0.5, 0.25]))
    assert optimizer.rate() == 1.0
    assert steps(optimizer, [1, 1, 1, 1], start=0.0) == [-1.0, -1.5, -2.0, -2.25]
    assert optimizer.rate() == 0.25
    assert nn.Adam().rate() == 0.001


@pytest.mark.parametrize(
    ("schedule", "values"),
    [
        (nn.PiecewiseConstantDecay([10, 20], [3, 2, 1]), {0: 3, 10: 3, 11: 2, 20: 2, 21: 1, 99: 1}),
        (nn.ExponentialDecay(8, 10, 0.5), {0: 8, 10: 4, 20: 2, 5: 8 * math.sqrt(0.5)}),
        (nn.ExponentialDecay(8, 10, 0.5, staircase=True), {0: 8, 9: 8, 10: 4, 19: 4, 20: 2}),
        (nn.CosineDecay(8, 10), {0: 8, 5: 4, 10: 0, 11: 0}),
        (nn.CosineDecay(8, 10, alpha=0.5), {0: 8, 5: 6, 10: 4, 99: 4}),
        (nn.CosineDecay(2, 10, warmup_target=8, warmup_steps=4), {0: 2, 2: 5, 4: 8, 9: 4, 14: 0}),
        (nn.CosineDecay(2, 10, 0.25, warmup_target=8), {0: 8, 10: 2}),
    ],
    ids=repr,
)
def test_schedules(schedule, values):
    assert {step: pytest.approx(schedule(step), abs=1e-12) for step in values} == values


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: nn.SGD(-1), "^expected a learning rate of at least 0, got -1$"),
        (lambda: nn.SGD(float("nan")), "at least 0, got nan"),
        (lambda: nn.SGD(0.1, momentum=1.0), "a momentum from 0 to below 1, got 1.0"),
        (lambda: nn.SGD(0.1, momentum=-0.1), "got -0.1"),
        (lambda: nn.RMSprop(rho=1), "rho from 0 to below 1, got 1"),
        (lambda: nn.RMSprop(epsilon=-1), "epsilon of at least 0, got -1"),
        (lambda: nn.Adam(beta_1=1), "beta_1 from 0 to below 1, got 1"),
        (lambda: nn.Adam(beta_2=-1), "beta_2 from 0 to below 1, got -1"),
        (lambda: nn.Adam(epsilon=-1), "epsilon of at least 0, got -1"),
        (lambda: nn.AdamW(weight_decay=-1), "a weight decay of at least 0, got -1"),
        (lambda: nn.PiecewiseConstantDecay([1], [1]), "got 1 values for 1 boundaries"),
        (lambda: nn.PiecewiseConstantDecay([2, 2], [1, 2, 3]), r"boundaries that rise, got \[2, 2\]"),
        (lambda: nn.ExponentialDecay(1, 0, 0.5), "decay_steps, a whole number of at least 1, got 0"),
        (lambda: nn.CosineDecay(1, -1), "decay_steps, .* got -1"),
        (lambda: nn.CosineDecay(1, 0), "decay_steps, a whole number of at least 1, got 0"),
        (lambda: nn.CosineDecay(1, 1, warmup_steps=-1), "warmup_steps, .* at least 0, got -1"),
        (lambda: optimizers.get("adagrad"), "unknown optimizer 'adagrad'; expected one of 'sgd'"),
    ],
)  # fmt: skip
def test_what_is_refused(act, message):
    with pytest.raises(ValueError, match=message):
        act()


@pytest.mark.parametrize(
    ("name", "cls"),
    {"sgd": nn.SGD, "rmsprop": nn.RMSprop, "adam": nn.Adam, "adamw": nn.AdamW}.items(),
)
def test_names(name, cls):
    assert type(optimizers.get(name)) is cls


def test_a_rule_is_to_be_written():
    with pytest.raises(NotImplementedError):
        nn.Optimizer().apply(np.ones(1), np.ones(1))
    with pytest.raises(NotImplementedError):
        nn.LearningRateSchedule()(0)


RATES, GRADIENTS = [1.0, 0.1, 0.1, 10.0, 10.0], [1.0, 2.0, -1.0, 0.5, 0.0]


def scheduled(**arguments):
    """Where one parameter goes, with a rate that falls and rises."""
    schedule = nn.PiecewiseConstantDecay([0, 2], [1.0, 0.1, 10.0])
    return steps(nn.SGD(schedule, **arguments), GRADIENTS)


def test_momentum_keeps_steps_that_were_taken_at_the_rate_of_their_time():
    """v ← 0.5 v − η g, w ← w + v, as in Keras: a new rate isn't that of the velocity there was."""
    assert np.allclose(
        scheduled(momentum=0.5), np.cumsum([1, -1, -0.7, -0.25, -5.125, -2.5625])[1:]
    )
    w, v = 1.0, 0.0
    for rate, g, found in zip(RATES, GRADIENTS, scheduled(momentum=0.5), strict=True):
        v = 0.5 * v - rate * g
        w += v
        assert math.isclose(w, found)


def test_so_does_nesterovs():
    """w ← w + 0.5 v − η g, with the new v."""
    w, v = 1.0, 0.0
    for rate, g, found in zip(
        RATES, GRADIENTS, scheduled(momentum=0.5, nesterov=True), strict=True
    ):
        v = 0.5 * v - rate * g
        w += 0.5 * v - rate * g
        assert math.isclose(w, found)


@pytest.mark.parametrize("optimizer", EACH, ids=repr)
def test_a_step_at_rate_zero_moves_nothing_and_the_next_one_does(optimizer):
    optimizer = optimizers.get(optimizer)
    optimizer.learning_rate = nn.PiecewiseConstantDecay([0], [0.0, 1.0])
    first, second = steps(optimizer, [2.0, 2.0])
    assert first == 1.0 != second


@pytest.mark.parametrize("optimizer", EACH, ids=repr)
def test_parts_take_the_step_that_they_would_take_alone(optimizer, monkeypatch):
    """Their neighbours, and what is remembered of these, stay; also where a piece ends within a part."""
    monkeypatch.setattr(base, "PIECE", 2)
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=9), rng.normal(size=(3, 9))
    parts = [slice(1, 4), slice(6, 7)]
    taken = np.isin(np.arange(9), [1, 2, 3, 6])
    some, alone = optimizers.get(optimizer), optimizers.get(optimizer)
    w, v = start.copy(), start[taken]
    for dw in gradients:
        some.apply(dw, w, parts)
        alone.apply(dw[taken], v)
    assert (w[taken] == v).all()
    assert (w[~taken] == start[~taken]).all()
    for name in some.remembers:
        assert (some.variables[name][~taken] == 0).all()
        assert (some.variables[name][taken] == alone.variables[name]).all()
