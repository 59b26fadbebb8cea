"""Exercises of the chapter on automatic differentiation."""

import math

import numpy as np

from groundup.exercises.checking import Hint, alike, check, numbers, parts, rounded
from groundup.tape import Value


@check
def routes(count) -> None:
    """A function of an even n that returns how many routes there are through n by n blocks, going only
    two ways, and how many of them lead over the crossing in the middle.
    """
    for n in (2, 4, 10):
        found = parts(count(n), ("all routes", "those over the middle"))
        total, middle = (
            numbers(part, called=name)
            for part, name in zip(
                found, ("the number of all", "the number over the middle"), strict=True
            )
        )
        _judge_routes(n, float(total), float(middle))


def _judge_routes(n: int, total: float, middle: float) -> None:
    half = math.comb(n, n // 2)
    right = math.comb(2 * n, n), half**2
    if (total, middle) == right:
        return
    said = f"for {n} by {n} blocks"
    if (middle, total) == right:
        raise Hint("both numbers are right, but swapped")
    if total == math.comb(2 * n - 2, n - 1):
        raise Hint(f"{n} by {n} blocks have {n + 1} by {n + 1} crossings")
    if total == 2 ** (2 * n):
        raise Hint("this counts routes that leave the town, too")
    if total != right[0]:
        raise Hint(
            f"{said} the number of all routes isn't {total:g}; a crossing is the sum of the one to its "
            "north and the one to its west, and outside the town there is nothing"
        )
    if middle == half:
        raise Hint(
            "this is how many ways lead to the middle; each of them goes on along each way from there"
        )
    if middle == 2 * half:
        raise Hint("every route to the middle combines with every route onward, so multiply")
    raise Hint(
        f"the number of all routes is right; {said} {middle:g} isn't that of those over the middle: what "
        "does a crossing's value count, and what its gradient?"
    )


@check
def softplus(operation) -> None:
    """A function of a ``Value`` x that returns the ``Value`` of log(1 + e^x), with its way back."""
    rng = np.random.default_rng(0)
    X, G = 2 * rng.normal(size=(2, 3, 4))
    y = operation(Value(X))
    if not isinstance(y, Value):
        raise Hint(
            f"the function is to return a Value, and this is a {type(y).__name__}; without it the tape "
            "breaks off here"
        )
    if y.data.shape != X.shape or not alike(y.data, np.logaddexp(0, X)):
        raise Hint("y isn't log(1 + e^x), entry by entry; leave that line as it was")
    given = [value for value in _behind(y) if not value.parents and alike(value.data, X)]
    if not given:
        raise Hint("the result remembers nothing of x; hand Value the pair (x, back) as well")
    if all(parent is not given[0] for parent, _ in y.parents):
        raise Hint(
            "that is right, but made of several operations of the tape, which keeps the result of each; "
            "make it one operation, with its own way back"
        )
    y.backward(G)
    _judge_softplus(given[0].gradient, X, G)


def _judge_softplus(found: np.ndarray, X: np.ndarray, G: np.ndarray) -> None:
    slope = 1 / (1 + np.exp(-X))
    if alike(found, G * slope):
        return
    if alike(found, slope):
        raise Hint("this is the slope alone; the gradient g of the result goes times that")
    if alike(found, G):
        raise Hint("g comes back as it went in; multiply it by the derivative of softplus")
    if alike(found, G * (1 - slope)):
        raise Hint("this is one minus the derivative; 1 / (1 + e^x) is e^-y")
    if alike(found, -G * slope):
        raise Hint("right except for the sign: softplus rises everywhere")
    if alike(found, G / (1 + np.exp(-np.logaddexp(0, X)))):
        raise Hint("the sigmoid is right, but it should be of x, and this is of y")
    if alike(found, G * np.exp(np.logaddexp(0, X))):
        raise Hint("this is the derivative of e^y; the derivative of y is e^x / (1 + e^x)")
    raise Hint("the derivative is e^x / (1 + e^x); then put in y, with 1 + e^x = e^y")


def _behind(value: Value) -> list[Value]:
    """A value and everything that it was computed from."""
    found, new = [], [value]
    while new:
        found += new
        new = [
            parent
            for parent in {id(p): p for v in new for p, _ in v.parents}.values()
            if all(parent is not known for known in found)
        ]
    return found


@check
def unasked(ratio, ratio_turned) -> None:
    """How many times as many multiplications a tape takes that gives the inputs a gradient, too: in a
    network of 784, 128 and 10 units, and in one of 10, 128 and 784.
    """
    found = np.array([numbers(ratio, called="ratio"), numbers(ratio_turned, called="ratio_turned")])
    first, second = products = np.array([784 * 128, 128 * 10])
    everything = 3 * products.sum()
    right = everything / (everything - products)
    if rounded(found, right, to=0.01):
        return
    if rounded(found, right[::-1], to=0.01):
        raise Hint("both are right, but swapped")
    if np.allclose(found, 1 / right, atol=0.006):
        raise Hint("these are by hand against the tape; divide the other way")
    back = 2 * products.sum()
    if rounded(found, back / (back - products), to=0.01):
        raise Hint(
            "this compares the ways back alone; the way forward is the same for both, add it"
        )
    if np.allclose(found, 1.5, atol=0.006):
        raise Hint("three products against two, as if there were only the first layer; count both")
    if rounded(found[0], right[0], to=0.01):
        raise Hint(
            f"ratio is right; in the turned network the first matrix has {second:,} entries, the other "
            f"one {first:,}"
        )
    raise Hint(
        "forward, each matrix takes one product for an example; back, two, for dW and for dA, and "
        "by hand the first layer's dA is left out"
    )


# What is minimized where ``descend`` is judged: its derivatives are easy.
RATE, START = 0.1, (1.2, 2.0)


@check
def descend(train) -> None:
    """A function of a formula and a number of steps that goes down so many steps, with a rate of 0.1,
    from 1.2 and 2.0, and returns the two values, each a ``Value``; none is to remember a step.

    The formula is a function of the two.
    """
    seen, remembered = [], []

    def formula(w, u):
        for name, value in (("w", w), ("u", u)):
            if value is ...:
                raise TypeError("an ellipsis is no value")
            if not isinstance(value, Value):
                raise Hint(
                    f"{name} has become a plain {type(value).__name__}; put it into a new Value, or no "
                    "gradient comes back to it"
                )
        seen.append((float(w.data), float(u.data)))
        remembered.append(len(_behind(w)) + len(_behind(u)))
        return (w - 2) ** 2 + (w + 2 * u - 1) ** 2

    steps = 6
    last = parts(train(formula, steps), ("w", "u"))
    if len(seen) != steps:
        raise Hint(f"for {steps} steps the formula is to be called {steps} times, not {len(seen)}")
    seen.append(tuple(float(numbers(getattr(v, "data", v))) for v in last))
    path = _path(RATE, steps)
    if not np.allclose(seen, path):
        for wrong, hint in (
            (_path(-RATE, steps), "the steps go up: subtract the gradient"),
            (_path(1.0, steps), "the steps have lost their rate of 0.1"),
            (_path(RATE, steps, still=1), "u stays where it was; it needs the same repair as w"),
            (_path(RATE, steps, still=0), "w stays where it was; it needs the same repair as u"),
        ):
            if np.allclose(seen[:3], wrong[:3]):
                raise Hint(hint)
        raise Hint("the steps don't go where they went before; only what is remembered was wrong")
    if max(remembered) > 2:
        raise Hint(
            f"the steps are right, but after {steps - 1} of them w and u still remember "
            f"{remembered[-1] - 2} other values; take the step with plain numbers, w.data"
        )


def _path(rate: float, steps: int, still: int | None = None) -> list[tuple[float, float]]:
    """Where a descent comes by, with the formula's derivatives by hand; one of both may stand still."""
    w, u = START
    path = [START]
    for _ in range(steps):
        shared = 2 * (w + 2 * u - 1)
        dw, du = 2 * (w - 2) + shared, 2 * shared
        w, u = w - rate * dw * (still != 0), u - rate * du * (still != 1)
        path.append((w, u))
    return path
