"""Exercises of the chapter on recurrent networks."""

import numpy as np

from groundup.exercises.checking import NOTHING_YET, Hint, alike, check, numbers

STEPS = 7
LONGEST_REST = 1000  # steps until a unit that is left alone has come to rest


@check
def start(gradient) -> None:
    """A function of inputs and targets, both (T,), of w, u, b, v and c, and of the first state, that
    returns the gradient of the mean squared error with respect to the first state.
    """
    for steps in (1, 2, STEPS):
        x, y, parameters = _trial(steps)
        found = numbers(gradient(x.copy(), y.copy(), *parameters, 0.3), called="dh_0")
        dh, dz = _back(x, y, *parameters, h_0=0.3)
        u, v = parameters[1], parameters[3]
        if alike(found, u * dz[0]):
            continue
        said = 2 * (_forward(x, *parameters, 0.3)[1] - y) / steps
        where = f"with {steps} step{'s' * (steps > 1)} "
        if alike(found, dz[0]):
            raise Hint(where + "this is dz_1; the first state goes into z_1 with a factor")
        if alike(found, dh[0]):
            raise Hint(where + "this is dh_1, a step too late")
        if alike(found, u * dh[0]):
            raise Hint(where + "between the first state and dh_1 stands tanh, with its slope")
        if alike(found, u * dz[0] + v * said[0]):
            raise Hint(where + "the first state isn't used for a prediction; only step 1 hears it")
        own = v * said[0] * (1 - _forward(x, *parameters, 0.3)[0][1] ** 2)
        if alike(found, u * own):
            raise Hint(
                where + "only the first step's own error has come back; the later ones count"
            )
        if alike(found, u * _back(x, y, *parameters, h_0=0.0)[1][0]):
            raise Hint(where + "the way forward has begun at zero, not at the state that was given")
        if alike(found, u * dz[0] * steps):
            raise Hint(where + "the loss is the mean over the steps, not their sum")
        raise Hint(where + "it isn't right: nudge the first state, and see how the loss changes")


@check
def reaching(gradients) -> None:
    """A function of k, of inputs and targets, both (T,), and of w, u, b, v and c, that returns dw, du and
    db if each step's error goes back through k steps, its own the first of them.
    """
    x, y, parameters = _trial(STEPS)
    for k in (1, 2, 4, STEPS, 20):
        found = numbers(gradients(k, x.copy(), y.copy(), *parameters), (3,), "what it returns")
        if alike(found, _reaching(k, x, y, *parameters)):
            continue
        where = f"with k = {k} "
        if alike(found, _reaching(STEPS, x, y, *parameters)):
            raise Hint(where + "every error goes back to the first step")
        if alike(found, _reaching(k + 1, x, y, *parameters)):
            raise Hint(where + "the errors go back a step too far: their own step is the first")
        if k > 1 and alike(found, _reaching(k - 1, x, y, *parameters)):
            raise Hint(where + "the errors stop a step too early: their own step is the first")
        if alike(found, _pieces(k, x, y, *parameters)):
            raise Hint(
                where + "these are pieces, as in the text; here each error has its own reach"
            )
        if alike(found, _reaching(k, x, y, *parameters, only=STEPS - 1)):
            raise Hint(where + "only the last step's error has gone back; every step has one")
        raise Hint(
            where
            + "it isn't right: begin anew for each error, with dh = v dŷ at its own step, and "
            "go back from there"
        )


@check
def latch(unit) -> None:
    """A function that returns w, u and b of a unit that keeps a bit: an input of 1 or −1 sets its sign,
    and it keeps that sign through 200 steps of noise between −0.1 and 0.1.
    """
    w, u, b = numbers(unit(), (3,), "w, u and b")
    up, down = (_quiet(np.tanh(w * push + b), u, b) for push in (1, -1))
    if u < 0 and abs(up[-1] - up[-2]) > 0.1:
        raise Hint("it flips from step to step: what does a negative u do to the state's sign?")
    if max(abs(up[-1]), abs(down[-1])) < 0.1:
        raise Hint("it fades: with no input, how steep must tanh(u h) be at zero, for h to grow?")
    if up[-1] < 0 < down[-1]:
        raise Hint("it takes a push up for a push down: what is the sign of w?")
    if up[-1] * down[-1] > 0 or min(abs(up[-1]), abs(down[-1])) < 0.1:
        raise Hint("after a push up and after one down it rests on the same side; what does b do?")
    for push, h in ((1, down[-1]), (-1, up[-1])):
        if _quiet(np.tanh(w * push + u * h + b), u, b)[-1] * push < 0.1:
            raise Hint("a push doesn't turn it over: w has to win against u times the state")
    rng, h = np.random.default_rng(0), 0.0
    for push in (1, -1, -1, 1, 1, -1, 1):
        h = np.tanh(w * push + u * h + b)
        for x in rng.uniform(-0.1, 0.1, size=200):
            h = np.tanh(w * x + u * h + b)
            if h * push <= 0:
                raise Hint("noise turns it over: a tenth of w is too much for it")


def _quiet(h: float, u: float, b: float) -> list[float]:
    """The states from this one on, without any input."""
    states = [h]
    for _ in range(LONGEST_REST):
        states.append(np.tanh(u * states[-1] + b))
    return states


@check
def clip(clipped) -> None:
    """A function of a list of gradients and of the largest length that they may have together, that
    returns the list, made so long if it was longer.
    """
    rng = np.random.default_rng(0)
    long = [rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=(2, 1))]
    _judge_clipped(clipped, long, 2.0)
    _judge_clipped(clipped, long, 3.0)
    _judge_clipped(clipped, [g / 100 for g in long], 1.0)
    _judge_clipped(clipped, [np.zeros(3), np.zeros((2, 2))], 1.0)


def _judge_clipped(clipped, given: list, longest: float) -> None:
    found = clipped([g.copy() for g in given], longest)
    if found is ...:
        raise Hint(NOTHING_YET)
    if not isinstance(found, list | tuple) or len(found) != len(given):
        raise Hint(f"of {len(given)} gradients it's to make a list of as many")
    with_numbers = [numbers(f, g.shape, "a gradient") for f, g in zip(found, given, strict=True)]
    length = np.sqrt(sum(np.sum(g**2) for g in given))
    shrink = longest / max(length, longest)
    if all(alike(f, g * shrink) for f, g in zip(with_numbers, given, strict=True)):
        return
    if length < longest:
        raise Hint("what is shorter than the limit stays as it is")
    lengths = [np.linalg.norm(g) for g in given]
    for made, words in (
        ([g * longest / max(n, longest) for g, n in zip(given, lengths, strict=True)],
         "here each array is shortened by itself, which changes the direction of the whole"),
        ([np.clip(g, -longest, longest) for g in given],
         "here each number is limited by itself, which changes the direction"),
        ([g * longest for g in given], "divide by the length, too"),
        ([g * longest / length**2 for g in given], "the length has a root"),
    ):  # fmt: skip
        if all(alike(f, g) for f, g in zip(with_numbers, made, strict=True)):
            raise Hint(words)
    found_length = np.sqrt(sum(np.sum(f**2) for f in with_numbers))
    raise Hint(
        f"together they were {length:.3g} long and are now {found_length:.3g}, not {longest:g}"
    )


def _trial(steps: int):
    rng = np.random.default_rng(steps)
    return rng.normal(size=steps), rng.normal(size=steps), (0.8, -0.9, 0.1, 1.3, -0.2)


def _forward(x, w, u, b, v, c, h_0=0.0):
    h = [h_0]
    for x_t in x:
        h.append(np.tanh(w * x_t + u * h[-1] + b))
    h = np.array(h)
    return h, v * h[1:] + c


def _back(x, y, w, u, b, v, c, h_0=0.0):
    """dh and dz of all steps."""
    h, said = _forward(x, w, u, b, v, c, h_0)
    dh, dz = np.zeros(len(x)), np.zeros(len(x) + 1)
    for t in reversed(range(len(x))):
        dh[t] = 2 * v * (said[t] - y[t]) / len(x) + u * dz[t + 1]
        dz[t] = (1 - h[t + 1] ** 2) * dh[t]
    return dh, dz


def _reaching(k, x, y, w, u, b, v, c, only=None):
    """dw, du and db, each error going back k steps; ``only`` that of one step."""
    h, said = _forward(x, w, u, b, v, c)
    shares = np.zeros(3)
    for at in range(len(x)) if only is None else [only]:
        dh = 2 * v * (said[at] - y[at]) / len(x)
        for t in range(at, max(at - k, -1), -1):
            dz = (1 - h[t + 1] ** 2) * dh
            shares += dz * x[t], dz * h[t], dz
            dh = u * dz
    return shares


def _pieces(k, x, y, w, u, b, v, c):
    """The same, cut after each k steps."""
    h, said = _forward(x, w, u, b, v, c)
    shares, dz = np.zeros(3), 0.0
    for t in reversed(range(len(x))):
        later = 0.0 if (t + 1) % k == 0 else u * dz
        dz = (1 - h[t + 1] ** 2) * (2 * v * (said[t] - y[t]) / len(x) + later)
        shares += dz * x[t], dz * h[t], dz
    return shares
