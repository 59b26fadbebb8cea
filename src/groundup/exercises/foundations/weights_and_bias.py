"""Exercises of the chapter on weights and bias."""

from dis import get_instructions
from types import CodeType, FunctionType

import numpy as np

from groundup import nn
from groundup.exercises.checking import Hint, alike, check, numbers, parts, rounded


@check
def heating(weight, bias) -> None:
    """A neuron that says 1/2 at 18 °C and 9/10 at 14 °C."""
    w, b = numbers(weight, called="the weight"), numbers(bias, called="the bias")
    said = nn.Sigmoid().forward(np.array([18, 14]) * w + b)
    # w and b rounded to two or three digits move the two probabilities by a quarter of a hundredth.
    if rounded(said, np.array([0.5, 0.9]), to=0.005):
        return
    if w == 0:
        raise Hint("with a weight of zero the neuron says the same at every temperature")
    if w > 0:
        raise Hint(
            "with a positive weight it heats where it's warm; which sign turns it on *below* "
            "the threshold?"
        )
    if np.isclose(-b / w, -18, atol=0.01):
        raise Hint("the threshold lies at -18 °C; mind the sign of -b / w")
    if not np.isclose(-b / w, 18, atol=0.01):
        raise Hint(f"the threshold -b / w should be at 18 °C; with these it's at {-b / w:.4g} °C")
    if np.isclose(w, -np.log10(9) / 4, atol=1e-3):
        raise Hint(
            "the threshold is right; the logarithm that undoes e^z is the natural one, np.log"
        )
    raise Hint(
        f"the threshold is right; at 14 °C the neuron says {said[1]:.3f}: which score belongs to 0.9, "
        "and how much is that for each degree?"
    )


@check
def boundary(weights, bias) -> None:
    """Weights of length one, and bias: a boundary through (12, 0) and (18, 8), on in the cold."""
    w, b = np.squeeze(numbers(weights, None, "the weights")), numbers(bias, called="the bias")
    numbers(w, (2,), "the weights")
    length = np.linalg.norm(w)
    if length == 0:
        raise Hint("with both weights zero there is no boundary")
    for point in ((12, 0), (18, 8)):
        score = w @ point + b
        if not np.isclose(score / length, 0, atol=0.01):
            if np.isclose(score, 2 * b):
                raise Hint("almost: the bias has the wrong sign, for w x + b is to be zero there")
            raise Hint(
                f"the score at {point} is {score:.4g}, and on the boundary it's zero; are the weights "
                "perpendicular to the step from one point to the other?"
            )
    if b < 0:
        raise Hint("the boundary is right, but this one is on when it's warm; flip all three signs")
    if not np.isclose(length, 1, atol=1e-3):
        raise Hint(
            f"boundary and side are right; the weights have length {length:.4g}, so scores are "
            f"{length:.4g} times the distance"
        )


@check
def origin(move) -> None:
    """A function of inputs (m, 2) that lets a neuron without a bias do as well as one with."""
    found, wanted = [], []
    for seed in range(3):
        (X, y), (X_new, y_new) = _diary(seed), _diary(seed + 100)
        moved, moved_new = (_moved(move, inputs) for inputs in (X, X_new))
        found.append(_share_right(moved, y, moved_new, y_new))
        ones, ones_new = (np.column_stack([inputs, np.ones(len(inputs))]) for inputs in (X, X_new))
        wanted.append(_share_right(ones, y, ones_new, y_new))
    found, wanted = np.mean(found), np.mean(wanted)
    if found > wanted - 0.02:
        return
    said = f"without a bias it's right in {found:.0%} of the hours, with one in {wanted:.0%}"
    if np.allclose(_moved(move, np.zeros((1, 2))), 0):
        raise Hint(
            f"{said}; this leaves the origin where it is, and every boundary passes through it"
        )
    raise Hint(f"{said}; does the boundary between on and off pass through the new origin?")


def _diary(seed: int):
    """Temperatures and winds, and whether the heater was on."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.normal(17, 6, 400), rng.uniform(0, 10, 400)])
    return X, rng.uniform(size=400) < nn.Sigmoid().forward(X @ [-0.5, 0.4] + 7)


def _moved(move, X):
    answer = np.asarray(numbers(move(X.copy()), None, "the inputs"))
    if answer.ndim == 2 and answer.shape[1] > X.shape[1]:
        raise Hint(
            "a third input whose weight is learned is a bias by another name; do it with two"
        )
    return numbers(answer, X.shape, "the inputs")


def _share_right(X, y, X_new, y_new) -> float:
    """Of new examples, by logistic regression without a bias; dividing the inputs moves no origin."""
    size = np.sqrt(np.mean(X**2, axis=0)) + 1e-12
    X, sigmoid, w = X / size, nn.Sigmoid(), np.zeros(X.shape[1])
    for _ in range(2000):
        w -= X.T @ (sigmoid.forward(X @ w) - y) / len(y)
    return float(np.mean((X_new / size @ w > 0) == y_new))


@check
def dz_of_squares(dz_of) -> None:
    """A function of predictions and targets, each (m,), that gives dz for the mean squared error."""
    rng = np.random.default_rng(0)
    for y in (np.array([1.0, 0, 1, 1, 0, 0]), np.array([0.0, 1, 1, 0, 1])):
        _judge_dz(dz_of, rng.normal(scale=2, size=len(y)), y)


def _judge_dz(dz_of, z, y) -> None:
    sigmoid = nn.Sigmoid()
    y_hat = sigmoid.forward(z)
    found = numbers(dz_of(y_hat.copy(), y.copy()), y.shape, "dz")
    truth = sigmoid.backward(2 * (y_hat - y) / len(y))
    if alike(found, truth):
        return
    for wrong, hint in (
        (-truth, "the sign is wrong: prediction minus target"),
        ((y_hat - y) / len(y), "this is the dz of the cross-entropy; nothing cancels here"),
        (
            2 * (y_hat - y) / len(y),
            "this is the derivative with respect to ŷ; go on through the sigmoid",
        ),
        (truth / 2, "the derivative of a square brings a factor of two"),
        (truth * len(y), "the loss is a mean: divide by the number of examples"),
        (truth * len(y) / 6, f"right for six examples, but here there are {len(y)}"),
        (truth / (1 - y_hat), "the derivative of the sigmoid is ŷ (1 - ŷ); a factor is missing"),
        (truth / y_hat, "the derivative of the sigmoid is ŷ (1 - ŷ); a factor is missing"),
    ):
        if np.allclose(found, wrong):
            raise Hint(hint)
    raise Hint(
        "by the chain rule: the derivative of the loss with respect to ŷ, times that of ŷ with respect "
        "to z"
    )


# Two exercises that no chapter has yet: they lie in book/foundations/drafts/weights-and-bias-left.md.


@check
def unscaled(unscale) -> None:
    """A function of w̃, b̃, μ and s, (d,) but for b̃, that gives w and b for inputs as measured."""
    rng = np.random.default_rng(0)
    for d, b_scaled in ((4, 0.7), (3, -2.1)):
        w_scaled, mu = rng.normal(size=d), rng.normal(5, 3, size=d)
        _judge_units(unscale, w_scaled, b_scaled, mu, rng.uniform(0.5, 3, size=d))
    if isinstance(unscale, FunctionType) and _loops(unscale.__code__):
        raise Hint("w and b are right; now without a loop: NumPy divides all features at once")


def _loops(code: CodeType) -> bool:
    """Whether a function, or one within it, goes round in a loop."""
    within = (part for part in code.co_consts if isinstance(part, CodeType))
    back = any("JUMP_BACKWARD" in step.opname for step in get_instructions(code))
    return back or any(map(_loops, within))


def _judge_units(unscale, w_scaled, b_scaled, mu, s) -> None:
    answer = parts(unscale(w_scaled.copy(), b_scaled, mu.copy(), s.copy()), ("w", "b"))
    w, b = numbers(answer[0], w_scaled.shape, "w"), numbers(answer[1], None, "b")
    truth = w_scaled / s
    if not alike(w, truth):
        if np.allclose(w, w_scaled * s):
            raise Hint("w̃ / s, not w̃ times s: a feature in smaller units has a smaller weight")
        raise Hint("w isn't right; which factor has x_j in the sum of w̃_j (x_j - μ_j) / s_j?")
    if b.size != 1:
        raise Hint(f"w is right; there is one bias, so sum over the features; this has {b.shape}")
    if not alike(b, b_scaled - truth @ mu):
        if np.isclose(b, b_scaled + truth @ mu):
            raise Hint("w is right, and b but for a sign: the mean is taken off")
        if np.isclose(b, b_scaled - w_scaled @ mu):
            raise Hint("w is right; in b each mean is divided by its s too")
        if np.isclose(b, b_scaled):
            raise Hint("w is right; at x = 0 the scaled inputs aren't zero, so b isn't b̃")
        if np.isclose(b, -truth @ mu):
            raise Hint("w is right; b̃ is missing in b")
        raise Hint("w is right; what is left of the score has no x in it, and that is b")


@check
def corrected_bias(correct) -> None:
    """A function of b and of the shares of yes, as seen and in truth, that gives the bias in truth."""
    for b, seen, true in ((-0.4, 0.3, 0.02), (1.3, 0.5, 0.1), (0.2, 0.6, 0.8)):
        _judge_bias(numbers(correct(b, seen, true), called="the bias"), b, seen, true)


def _judge_bias(found, b: float, seen: float, true: float) -> None:
    step = np.log(true / (1 - true)) - np.log(seen / (1 - seen))
    if alike(found, b + step):
        return
    for wrong, hint in (
        (b - step, "this makes the class still more frequent; in truth the odds are smaller"),
        (b + np.log(true / seen), "almost: the odds are what is multiplied, not the shares"),
        (b + step / np.log(10), "the logarithm is the natural one, np.log"),
        (b + np.exp(step), "the odds are multiplied; what does that do to their logarithm?"),
        (step, "this is what b changes by; add it to b"),
        (np.log(true / (1 - true)), "this is the bias of a model that sees no inputs; correct b"),
    ):
        if np.isclose(found, wrong):
            raise Hint(hint)
    raise Hint(
        "by which factor are the odds too large among the examples seen, and what is that in log-odds?"
    )
