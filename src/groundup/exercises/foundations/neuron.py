"""Exercises of the chapter on one neuron."""

import numpy as np

from groundup.exercises.checking import Hint, alike, check, numbers, parts, rounded


@check
def by_hand(loss, dw, db, w, b) -> None:
    """A step by hand: 0, 10, 20 °C are 32, 50, 68 °F; the neuron has w = 2, b = 30; η is 0.003.

    Args:
        loss: the loss before the step.
        dw, db: its derivatives there.
        w, b: where the step ends.
    """
    x, y = np.array([0.0, 10, 20]), np.array([32.0, 50, 68])
    error = 2 * x + 30 - y
    truths = np.mean(error**2), 2 * np.mean(error * x), 2 * np.mean(error)
    found = numbers(loss, called="the loss")
    if not rounded(found, truths[0], to=0.01):
        if rounded(found, np.sum(error**2), to=0.01):
            raise Hint("the loss is the mean of the squares, this is their sum")
        if np.isclose(found, 0):
            raise Hint("the errors cancel; their squares don't")
        raise Hint("the predictions are 30, 50 and 70; what is the mean of the squared errors?")
    for name, found, truth, sum_of in (
        ("w", numbers(dw, called="dw"), truths[1], error * x),
        ("b", numbers(db, called="db"), truths[2], error),
    ):
        if not rounded(found, truth, to=0.1):  # 26.7 has three digits
            raise Hint(_of_derivative(name, found, truth, sum_of))
    for name, found, before, derivative in (
        ("w", numbers(w, called="the new w"), 2, truths[1]),
        ("b", numbers(b, called="the new b"), 30, truths[2]),
    ):
        if rounded(found, before - 0.003 * derivative, to=0.01):
            continue
        if rounded(found, before + 0.003 * derivative, to=0.01):
            raise Hint(f"the derivatives are right; the new {name} is a step up and not down")
        raise Hint(
            f"the derivatives are right; the new {name} is {before} minus 0.003 times its derivative"
        )


def _of_derivative(name: str, found, truth, terms) -> str:
    """What to think of next where a derivative by hand is wrong."""
    if rounded(found, truth / 2, to=0.1):
        return f"the loss is right, and d{name} but for the factor of two from the square"
    if rounded(found, -truth, to=0.1):
        return f"the loss is right, and d{name} but for its sign: an error is ŷ - y"
    if rounded(found, 2 * terms.sum(), to=0.1):
        return f"the loss is right; d{name} is twice the mean over the three, this is twice the sum"
    return (
        f"the loss is right; d{name} is twice the mean of the three errors"
        + (", each multiplied by its input" if name == "w" else "")
        + f", and this is {found:.4g}"
    )


@check
def one_step(learning_rate) -> None:
    """The learning rate that leads to the lowest point in one step, where every curvature is 2."""
    rate = numbers(learning_rate, called="the learning rate")
    factor = 1 - 2 * rate
    if np.isclose(factor, 0, atol=1e-6):
        return
    if rate <= 0:
        raise Hint("a learning rate is positive, or the steps would lead upwards or nowhere")
    if np.isclose(rate, 1):
        raise Hint("this is the limit, 2 / λ: each step lands as far away on the other side")
    if np.isclose(rate, 2):
        raise Hint("this is the curvature λ; how long must a step be for 1 - η λ to be zero?")
    raise Hint(
        f"with {rate:.4g} a step multiplies the distance by 1 - 2η = {factor:.3g}; "
        "for which η does nothing of it remain?"
    )


@check
def fahrenheit_to_celsius(weight, bias) -> None:
    """The weight and the bias of a neuron that turns degrees Fahrenheit into degrees Celsius."""
    w, b = numbers(weight, called="the weight"), numbers(bias, called="the bias")
    w_right = rounded(w, 1 / 1.8, to=0.001)  # to three digits: 0.556 and -17.8
    if w_right and rounded(b, -32 / 1.8, to=0.1):
        return
    if np.isclose(w, 1.8, atol=1e-2):
        raise Hint("this weight turns Celsius into Fahrenheit; solve F = 1.8 C + 32 for C")
    if w > 5:
        raise Hint(
            "is this the weight for scaled inputs? Go back to degrees: w = w̃ / s, b = b̃ - w̃ μ / s, "
            "with the mean and the standard deviation of the new inputs, the degrees Fahrenheit"
        )
    if not w_right:
        raise Hint(
            f"one degree Fahrenheit more isn't {w:.4g} degrees Celsius more; has the neuron trained long "
            "enough, with scaled inputs and the learning rate 0.3?"
        )
    if np.isclose(b, -32, atol=0.1):
        raise Hint(
            "the weight is right; the bias is in degrees Celsius, so 32 is divided by 1.8 too"
        )
    if rounded(b, 32 / 1.8, to=0.1):
        raise Hint("the weight is right, and the bias but for its sign: 32 °F are 0 °C")
    raise Hint(f"the weight is right; but 32 °F are 0 °C, and with this bias {32 * w + b:.2f} °C")


@check
def largest_rate(limit) -> None:
    """A function of x, (m,), that returns the learning rate which a neuron's descent must stay below."""
    rng = np.random.default_rng(0)
    # The larger eigenvalue is in turn that of the weight, of the bias, and of both.
    for x in (
        rng.normal(3, 2, size=40),
        rng.normal(-0.2, 0.5, size=25),
        rng.normal(1, 0.3, size=30),
        rng.uniform(-40, 100, size=60),
    ):
        _judge_rate(numbers(limit(x.copy()), called="the learning rate"), x)


def _judge_rate(found, x) -> None:
    H = 2 * np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1]])
    flat, steep = np.linalg.eigvalsh(H)
    truth = 2 / steep
    if alike(found, truth):
        return
    if np.isclose(found, 2 / flat):
        raise Hint("this is the limit of the flat direction; the steep one sets the smaller limit")
    if np.isclose(found, 1 / steep):
        raise Hint(
            "this learning rate goes to the bottom of the steep direction in one step; it may be larger"
        )
    if np.isclose(found, 2 * truth):
        raise Hint("is the factor of two missing in H? The second derivative of a square is 2")
    if np.isclose(found, truth / len(x)):
        raise Hint("H has the mean over the examples, not the sum")
    if np.isclose(found, 1 / np.mean(x * x)):
        raise Hint(
            "this is the limit for the weight alone; weight and bias together curve more steeply than "
            "either alone, and the eigenvalues of H say how much"
        )
    if np.isclose(found, steep):
        raise Hint("this is the larger curvature λ; the factor 1 - η λ is to stay above -1")
    raise Hint(
        f"for {len(x)} inputs with mean {x.mean():.3g} and mean square {np.mean(x * x):.3g} this gives "
        f"{found:.4g}; what is two divided by the larger eigenvalue of H?"
    )


@check
def lowest_point(solve) -> None:
    """A function of x and y, both (m,), that returns w, b and the mean squared error at its lowest."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-40, 100, size=50)
    _judge_line(solve, x, 1.8 * x + 32 + rng.normal(scale=5, size=50))
    x = rng.normal(4, 2, size=8)
    _judge_line(solve, x, rng.normal(-0.7 * x, 3))


def _judge_line(solve, x, y) -> None:
    given = parts(solve(x.copy(), y.copy()), ("w", "b", "loss"))
    w, b, loss = (
        numbers(part, called=name) for part, name in zip(given, ("w", "b", "the loss"), strict=True)
    )
    w_true = np.mean((x - x.mean()) * (y - y.mean())) / x.var()
    b_true = y.mean() - w_true * x.mean()
    least = np.mean((w_true * x + b_true - y) ** 2)
    if not alike(w, w_true):
        raise Hint(_of_weight(w, w_true, x, y, least, b))
    if not alike(b, b_true):
        if np.isclose(b, y.mean()):
            raise Hint("w is right; b is the mean of y only where the mean of x is zero")
        raise Hint("w is right; now the derivative for b, at zero, says what b is for this w")
    if not alike(loss, least):
        if np.isclose(loss, least * len(x)):
            raise Hint("w and b are right; the loss is the mean of the squares, this is their sum")
        if np.isclose(loss, np.sqrt(least)):
            raise Hint("w and b are right; this is the square root of the loss")
        raise Hint(
            f"w and b are right; the loss there isn't {loss:.4g} but the mean of the squares"
        )


def _of_weight(w, w_true, x, y, least, b) -> str:
    """What to think of next where the weight is wrong."""
    if alike(b, w_true):
        return "w and b have changed places"
    if np.isclose(w, 1.8, atol=1e-9):
        return "this is the rule without noise; the lowest point for noisy examples lies elsewhere"
    if np.isclose(w, np.mean(x * y) / np.mean(x * x)):
        return (
            "this is the slope of a line through the origin; put b = mean(y) - w mean(x) into the "
            "derivative for w"
        )
    if np.isclose(w / w_true, len(x) / (len(x) - 1)):
        return "almost: np.cov divides by m - 1, np.var by m; take the same in both"
    return (
        f"for the check's {len(x)} examples the loss can be as low as {least:.4g}; at your w and b it is "
        f"{np.mean((w * x + b - y) ** 2):.4g}. Does the function look at nothing but its x and y?"
    )
