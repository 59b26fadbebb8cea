"""Exercises of the chapter on gated recurrent networks."""

import itertools

import numpy as np

from groundup.exercises.checking import Hint, alike, check, numbers, parts

GRADIENTS = ("dzi", "dzf", "dzg", "dzo", "dc_before")
FIT, VALIDATED = 72, 96  # months that a fit may see, and where the validation stretch ends
MONTHS_BACK = range(2, 14)


@check
def windows(cut) -> None:
    """A function of a series and a number of lags that returns the windows, (m, lags), the oldest value
    first, and for each the value after it, (m,).
    """
    rng = np.random.default_rng(0)
    for length, lags in ((6, 3), (20, 13), (9, 1), (4, 3)):
        series = rng.normal(size=length)
        given = parts(cut(series.copy(), lags), ("the windows", "the values after them"))
        X, y = (
            numbers(part, None, called)
            for part, called in zip(given, ("the windows", "the values after them"), strict=True)
        )
        truth_X = np.array([series[t - lags : t] for t in range(lags, length)])
        truth_y, where = series[lags:], f"of {length} values and {lags} lags "
        shaped = X.shape == truth_X.shape and y.shape == truth_y.shape
        if shaped and alike(X, truth_X) and alike(y, truth_y):
            continue
        raise Hint(where + _of_windows(X, y, truth_X, truth_y))


def _of_windows(X, y, truth_X, truth_y) -> str:
    """What to think of next where windows are wrong."""
    m, lags = truth_X.shape
    if X.ndim == 2 and X.shape == (m - 1, lags) and len(y) == m - 1:
        return f"it makes {m - 1} pairs, and {m} windows have a value behind them"
    if X.ndim == 2 and X.shape[1] == lags and len(X) == m + 1:
        return "the last window has no value behind it"
    if X.shape != (m, lags):
        return f"the windows are to be of shape {(m, lags)}, and they are of {X.shape}"
    if y.shape != (m,):
        return f"the values after them are to be of shape {(m,)}, and they are of {y.shape}"
    if lags > 1 and alike(X, truth_X[:, ::-1]):
        return "each window runs backwards: the oldest value comes first"
    if alike(X, truth_X):
        if alike(y, truth_X[:, -1]):
            return "the value to predict is the window's own last one"
        return "the windows are right, but not the values after them"
    if alike(X[:, -1], truth_y):
        return "each window has the value that it's to predict in it"
    return "the windows aren't runs of values that follow each other"


@check
def way_back(back) -> None:
    """A function of what a step of an LSTM kept and of the gradients that come to it, ``(i, f, g, o,
    c_before, c, dh, dc)``, that returns the gradients with respect to the four scores and to the cell
    state before.
    """
    rng = np.random.default_rng(0)
    i, f, o = rng.uniform(0.1, 0.9, size=(3, 4))
    g, (c_before, dh, dc) = rng.uniform(-0.9, 0.9, size=4), rng.normal(size=(3, 4))
    c = f * c_before + i * g
    given = (i, f, g, o, c_before, c, dh, dc)
    found = back(*(array.copy() for array in given))
    if np.ndim(found) == 0 or len(found) != len(GRADIENTS):
        raise Hint(f"the function is to return five things, {', '.join(GRADIENTS)}")
    found = [numbers(part, (4,), name) for part, name in zip(found, GRADIENTS, strict=True)]
    truth = _back(*given)
    wrong = [name for name, a, b in zip(GRADIENTS, found, truth, strict=True) if not alike(a, b)]
    if not wrong:
        return
    raise Hint(_of_way_back(wrong, dict(zip(GRADIENTS, found, strict=True)), given))


def _of_way_back(wrong: list, found: dict, given: tuple) -> str:
    """What to think of next where a way back is wrong."""
    i, f, g, o, _, c, dh, dc = given
    whole, through = dc + dh * o * (1 - np.tanh(c) ** 2), i * (1 - g**2)
    if alike(found["dzg"], dc * through):
        return (
            "c acts in two places: along the belt, and where else? Its gradient has a term for each"
        )
    if alike(found["dzg"], (dc + dh) * through):
        return "dh has to go back through o and through tanh before it's added to dc"
    if alike(found["dzg"], (dc + dh * o) * through):
        return "on its way from h to c a gradient passes tanh, and is multiplied by its slope"
    if alike(found["dzg"], (whole - dc) * through):
        return "now what came along the belt is lost: add, don't replace"
    if "dzf" in wrong and alike(found["dzf"], whole * c * f * (1 - f)):
        return "what did the forget gate multiply: the belt before it was written to, or after?"
    if wrong == ["dc_before"]:
        return "on to the month before goes all that came to c, times f"
    if "dzo" in wrong and len(wrong) == 1:
        return "dzo was right as your friend had it: o multiplied tanh(c), and nothing of dc comes to it"
    return (
        f"these aren't right: {', '.join(wrong)}; the others are"
        if len(wrong) < 5
        else "none is right"
    )


def _back(i, f, g, o, c_before, c, dh, dc):
    dc = dc + dh * o * (1 - np.tanh(c) ** 2)
    return (
        dc * g * i * (1 - i),
        dc * c_before * f * (1 - f),
        dc * i * (1 - g**2),
        dh * np.tanh(c) * o * (1 - o),
        dc * f,
    )


@check
def forget_bias(bias) -> None:
    """A function of a number of steps and of a share that returns the bias with which a forget gate, if
    nothing else acts on it, lets this share of a gradient through over so many steps.
    """
    for steps, share in ((12, 0.5), (200, 0.5), (1, 0.5), (200, 0.9), (3, 0.01)):
        found = numbers(bias(steps, share), called="the bias")
        f = share ** (1 / steps)
        truth = np.log(f / (1 - f))
        if abs(found - truth) <= 1e-4 * (1 + abs(truth)):
            continue
        where = (
            f"over {steps} step{'s' * (steps > 1)} it gave {found:.3g} for a share of {share:g}; "
        )
        raise Hint(where + _of_bias(found, steps, share))


def _of_bias(found, steps: int, share: float) -> str:
    """What to think of next where a bias is wrong."""
    f = share ** (1 / steps)
    for wrong, hint in (
        (f, "that's what the gate has to say; which score makes a sigmoid say it?"),
        (-np.log(f / (1 - f)), "the sign is turned: more is to be kept, the larger the bias"),
        (np.log(share / (1 - share)), "that's for one step; each of the steps multiplies again"),
        (np.log(f), "that's the gate's logarithm, and a sigmoid isn't an exponential"),
        (np.arctanh(f), "that would be for tanh; a gate is a sigmoid"),
    ):
        if abs(found - wrong) <= 1e-4 * (1 + abs(wrong)):
            return hint
    f = share / steps
    if 0 < f < 1 and abs(found - np.log(f / (1 - f))) <= 1e-4:
        return "gates multiply, they don't add up: which number, to the power of the steps, is the share?"
    return "first find the gate: a number that gives the share when it's raised to the steps"


@check
def lags(error, partner, pair) -> None:
    """What least squares needs of the past.

    Args:
        error: a function of the passengers of 144 months and of a tuple of lags, that fits least squares
            with a bias to the first 72 months and returns the RMSE on the 24 after them.
        partner: the lag from 2 to 13 that helps most beside the lag 1.
        pair: the two that do.
    """
    series = _made_up_months()
    for chosen in ((1,), (1, 12), (1, 12, 13), (2, 5, 6)):
        found = numbers(error(series.copy(), chosen), called="the error")
        if alike(found, _error(series, chosen)):
            continue
        where = f"for the lags {chosen} of a made-up series your error is {found:.4g}, "
        raise Hint(where + _of_error(found, series, chosen))
    named = {"partner": partner, "pair": pair}
    if not np.shape(partner) == () or int(partner) not in MONTHS_BACK:
        raise Hint(f"the partner is to be one number from 2 to 13, and it is {named['partner']!r}")
    if int(partner) != 12:
        hint = (
            "by itself the 13th adds little"
            if int(partner) == 13
            else "which month is most like it?"
        )
        raise Hint(f"your function is right; but {int(partner)} isn't the best partner: {hint}")
    two = np.sort(numbers(pair, (2,), "the pair"))
    if two.tolist() != [12, 13]:
        raise Hint(
            f"your function and the partner are right; but {tuple(two.astype(int).tolist())} isn't the "
            "best pair: what with month 12 makes a step of a year ago?"
        )


def _made_up_months() -> np.ndarray:
    """144 months with growth and a season."""
    t = np.arange(144)
    rng = np.random.default_rng(0)
    season = 1 + 0.2 * np.sin(2 * np.pi * t / 12)
    return 100 * np.exp(0.01 * t) * season + rng.normal(size=144)


def _error(series, lags, fit=FIT, end=VALIDATED, bias=True, on_fit=False, squared=False) -> float:
    """The error by the rule, or with a mistake in it."""
    t = np.arange(max(lags), end)
    X = np.column_stack([series[t - lag] for lag in lags] + [np.ones(len(t))] * bias)
    y, known = series[t], t < fit
    w = np.linalg.lstsq(X[known], y[known])[0]
    judged = known if on_fit else t >= FIT
    mean = np.mean((X[judged] @ w - y[judged]) ** 2)
    return float(mean if squared else np.sqrt(mean))


def _of_error(found, series, lags) -> str:
    """What to think of next where an error is wrong."""
    for mistake, hint in (
        ({"bias": False}, "which is right without a bias"),
        ({"fit": VALIDATED}, "which is so if the fit has seen the validation stretch"),
        ({"on_fit": True}, "which is the error on the months that it was fitted to"),
        ({"end": 144}, "which reaches into the test years"),
        ({"squared": True}, "which is the mean square: its root is asked for"),
    ):
        if alike(found, _error(series, lags, **mistake)):
            return hint
    for late in itertools.chain(range(-1, 0), range(1, 2)):
        moved = tuple(lag + late for lag in lags)
        if min(moved) > 0 and alike(found, _error(series, moved)):
            return "which is that of a month more or less: lag 1 is the month just before"
    return f"and it should be {_error(series, lags):.4g}"
