"""The checks of the chapter on gated networks: right answers pass, likely mistakes get their hints."""

import numpy as np
import pytest

from groundup.exercises.sequences import lstm_and_gru as checks


def windows(series, lags):
    pairs = [(series[t - lags : t], series[t]) for t in range(lags, len(series))]
    X, y = zip(*pairs, strict=True)
    return np.array(X), np.array(y)


def by_view(series, lags):
    view = np.lib.stride_tricks.sliding_window_view
    return [view(series[:-1], lags).tolist(), list(series[lags:])]


def cut_with(X=lambda X: X, y=lambda y: y):
    def wrong(series, lags):
        right_X, right_y = windows(series, lags)
        return X(right_X), y(right_y)

    return wrong


def without_target(series, lags):
    return np.array([series[t : t + lags] for t in range(len(series) - lags + 1)]), series[lags:]


def with_target(series, lags):
    view = np.lib.stride_tricks.sliding_window_view
    return view(series[1:], lags), series[lags:]


def back(i, f, g, o, c_before, c, dh, dc):
    dc = dc + dh * o * (1 - np.tanh(c) ** 2)
    return (
        dc * g * i * (1 - i),
        dc * c_before * f * (1 - f),
        dc * i * (1 - g**2),
        dh * np.tanh(c) * o * (1 - o),
        dc * f,
    )


def by_nudging(i, f, g, o, c_before, c, dh, dc):
    """Each gradient as a difference of what the step gives, weighed with dh and dc."""
    scores = np.log(i / (1 - i)), np.log(f / (1 - f)), np.arctanh(g), np.log(o / (1 - o))
    point, written = np.array([*scores, c_before]), f * c_before + i * g

    def given(point):
        zi, zf, zg, zo, before = point
        i, f, o = (1 / (1 + np.exp(-z)) for z in (zi, zf, zo))
        now = c + f * before + i * np.tanh(zg) - written
        return dh * o * np.tanh(now) + dc * now

    step = 1e-5 * np.eye(5)[:, :, None]
    return np.array([(given(point + by) - given(point - by)) / 2e-5 for by in step])


def back_with(whole=None, kept="c_before", last=None):
    def wrong(i, f, g, o, c_before, c, dh, dc):
        slope = 1 - np.tanh(c) ** 2
        all_of_it = whole(dc, dh, o, slope) if whole else dc + dh * o * slope
        dzi, dzf, dzg, _, dc_before = back(i, f, g, o, c_before, c, 0 * dh, all_of_it)
        if kept == "c":
            dzf = all_of_it * c * f * (1 - f)
        if last:
            dc_before = last(dc, f)
        return dzi, dzf, dzg, dh * np.tanh(c) * o * (1 - o), dc_before

    return wrong


def bias(steps, share):
    f = share ** (1 / steps)
    return np.log(f / (1 - f))


def by_halving(steps, share):
    """The score whose sigmoid, to the power of the steps, is the share."""
    low, high = -50.0, 50.0
    for _ in range(100):
        middle = (low + high) / 2
        kept = -steps * np.logaddexp(0, -middle)
        low, high = (middle, high) if kept < np.log(share) else (low, middle)
    return middle


def error(series, lags, bias=True, fit=72, end=96, on_fit=False, later=0, root=np.sqrt):
    t = np.arange(max(lags) + later, end)
    X = np.array([series[t - lag - later] for lag in lags] + [np.ones(len(t))] * bias).T
    y, known = series[t], t < fit
    w = np.linalg.lstsq(X[known], y[known])[0]
    judged = known if on_fit else t >= 72
    return root(np.mean((X[judged] @ w - y[judged]) ** 2))


def by_normal_equations(series, lags):
    t = np.arange(max(lags), 96)
    X = np.array([(series[t - lag] - 200) / 100 for lag in lags] + [np.ones(len(t))]).T
    y = series[t]
    w = np.linalg.solve(X[:-24].T @ X[:-24], X[:-24].T @ y[:-24])
    return float(np.linalg.norm(X[-24:] @ w - y[-24:]) / 24**0.5)


def mistaken(**how):
    return lambda series, lags: error(series, lags, **how)


RIGHT = [
    (checks.windows, [windows]),
    (checks.windows, [by_view]),
    (checks.way_back, [back]),
    (checks.way_back, [by_nudging]),
    (checks.forget_bias, [bias]),
    (checks.forget_bias, [by_halving]),
    (checks.lags, [error, 12, (12, 13)]),
    (checks.lags, [by_normal_equations, 12.0, [13, 12]]),
]
WRONG = [
    (checks.windows, [lambda series, lags: (..., ...)], "put your answer"),
    (checks.windows, [lambda series, lags: windows(series, lags)[0]], "two things"),
    (checks.windows, [cut_with(lambda X: X[:-1], lambda y: y[:-1])], "pairs, and"),
    (checks.windows, [without_target], "no value behind it"),
    (checks.windows, [cut_with(lambda X: X[:, ::-1])], "runs backwards"),
    (checks.windows, [with_target], "in it"),
    (checks.windows, [cut_with(lambda X: X.T)], "to be of shape"),
    (checks.windows, [lambda s, n: (windows(s, n)[0], windows(s, n)[0][:, -1])], "own last one"),
    (checks.windows, [cut_with(y=lambda y: y + 1)], "not the values after them"),
    (checks.windows, [cut_with(lambda X: X[::-1])], "aren't runs"),
    (checks.way_back, [lambda *given: (...,) * 5], "put your answer"),
    (checks.way_back, [lambda *given: back(*given)[:4]], "five things"),
    (checks.way_back, [back_with(lambda dc, dh, o, slope: dc, "c")], "in two places"),
    (checks.way_back, [back_with(lambda dc, dh, o, slope: dc)], "in two places"),
    (checks.way_back, [back_with(lambda dc, dh, o, slope: dc + dh)], "through o and through tanh"),
    (checks.way_back, [back_with(lambda dc, dh, o, slope: dc + dh * o)], "passes tanh"),
    (checks.way_back, [back_with(lambda dc, dh, o, slope: dh * o * slope)], "don't replace"),
    (checks.way_back, [back_with(kept="c")], "before it was written to"),
    (checks.way_back, [back_with(last=lambda dc, f: dc * f)], "all that came to c"),
    (checks.forget_bias, [lambda steps, share: ...], "put your answer"),
    (checks.forget_bias, [lambda steps, share: None], "None"),
    (checks.forget_bias, [lambda steps, share: share ** (1 / steps)], "which score"),
    (checks.forget_bias, [lambda steps, share: -bias(steps, share)], "sign is turned"),
    (checks.forget_bias, [lambda steps, share: bias(1, share)], "for one step"),
    (checks.forget_bias, [lambda steps, share: np.log(share) / steps], "isn't an exponential"),
    (checks.forget_bias, [lambda steps, share: np.arctanh(share ** (1 / steps))], "for tanh"),
    (checks.forget_bias, [lambda steps, share: bias(1, share / steps)], "they don't add up"),
    (checks.forget_bias, [lambda steps, share: 1.0], "first find the gate"),
    (checks.lags, [lambda series, lags: ..., 12, (12, 13)], "put your answer"),
    (checks.lags, [error, ..., (12, 13)], "put your answer"),
    (checks.lags, [mistaken(bias=False), 12, (12, 13)], "without a bias"),
    (checks.lags, [mistaken(fit=96), 12, (12, 13)], "has seen the validation stretch"),
    (checks.lags, [mistaken(on_fit=True), 12, (12, 13)], "fitted to"),
    (checks.lags, [mistaken(end=144), 12, (12, 13)], "into the test years"),
    (checks.lags, [mistaken(root=lambda mean: mean), 12, (12, 13)], "its root"),
    (checks.lags, [mistaken(later=1), 12, (12, 13)], "the month just before"),
    (checks.lags, [error, 13, (12, 13)], "by itself the 13th"),
    (checks.lags, [error, 11, (12, 13)], "which month is most like it"),
    (checks.lags, [error, 1, (12, 13)], "from 2 to 13"),
    (checks.lags, [error, 12, (11, 12)], "makes a step"),
    (checks.lags, [error, 12, 13], "the pair"),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right(check, attempt):
    assert check(*attempt).hint is None


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_wrong(check, attempt, hint):
    result = check(*attempt)
    assert not result.passed
    assert hint in result.hint
