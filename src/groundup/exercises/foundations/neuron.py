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
            raise Hint("the loss is the mean of the squares; this is their sum")
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
            raise Hint(f"the derivatives are right; the new {name} is a step up, not down")
        raise Hint(
            f"the derivatives are right; the new {name} is {before} minus 0.003 times its derivative"
        )


def _of_derivative(name: str, found, truth, terms) -> str:
    """What to think of next where a derivative by hand is wrong."""
    if rounded(found, truth / 2, to=0.1):
        return f"the loss is right, and so is d{name}, except for the factor of two from the square"
    if rounded(found, -truth, to=0.1):
        return f"the loss is right, and so is d{name}, except for its sign: an error is ŷ - y"
    if rounded(found, 2 * terms.sum(), to=0.1):
        return f"the loss is right; d{name} is twice the mean over the three examples, this the sum"
    return (
        f"the loss is right; d{name} is twice the mean of the three errors"
        + (", each multiplied by its input" if name == "w" else "")
        + f", and this is {found:.4g}"
    )


@check
def kelvin(centred, divided, x, y) -> None:
    """Steps until the loss is below 1 with inputs in kelvin, if only one of the two changes is made.

    Args:
        centred: with the mean subtracted.
        divided: divided by the standard deviation.
        x, y: the training set in degrees Celsius and Fahrenheit, (m,).
    """
    found = numbers(centred, called="the first count"), numbers(divided, called="the second count")
    hot = x + 273.15
    truths = _steps(hot - hot.mean(), y), _steps(hot / hot.std(), y)
    right = [_counted(n, truth) for n, truth in zip(found, truths, strict=True)]
    if all(right):
        return
    if _counted(found[0], truths[1]) and _counted(found[1], truths[0]):
        raise Hint("both counts are right, but they have changed places")
    if min(found) <= 1:
        raise Hint(
            "a single step is what the two changes give together; make one of them at a time"
        )
    if _counted(found[1], _steps(x / x.std(), y)):
        raise Hint(
            "the second count is the one for degrees Celsius; in kelvin, zero lies elsewhere"
        )
    if right[0]:
        raise Hint("the first count is right; for the second, only divide the kelvins by s")
    if right[1]:
        raise Hint("the second count is right; for the first, only subtract the mean")
    raise Hint(
        "give steps_needed the inputs in kelvin, minus their mean; then the inputs in "
        "kelvin, divided by their s"
    )


def _counted(found, truth: int) -> bool:
    """Whether a count is right; rounding may make a step more or less."""
    return abs(found - truth) <= 1


def _steps(x, y) -> int:
    """Steps from zero until the loss is below 1, at half the limit."""
    H = 2 * np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1]])
    rate, w, b, steps = 1 / np.linalg.eigvalsh(H)[-1], 0.0, 0.0, 0
    error = -y
    while np.mean(error**2) > 1:
        w, b, steps = w - 2 * rate * np.mean(error * x), b - 2 * rate * np.mean(error), steps + 1
        error = w * x + b - y
    return steps


@check
def turned_round(learn) -> None:
    """A function of x and y, both (m,), that learns the weight and the bias of the line through them."""
    fahrenheit = np.random.default_rng(0).uniform(-40, 212, size=60)
    _judge_learned(learn, fahrenheit, (fahrenheit - 32) / 1.8, "from Fahrenheit to Celsius")
    rng = np.random.default_rng(1)
    x = rng.uniform(300, 500, size=40)
    _judge_learned(learn, x, 7 - 0.3 * x + rng.normal(size=40), "on other pairs")


def _judge_learned(learn, x, y, where: str) -> None:
    """Whether what was learned is the lowest point, to four digits: descent comes only near."""
    w_true = np.mean((x - x.mean()) * (y - y.mean())) / x.var()
    b_true = y.mean() - w_true * x.mean()
    given = parts(learn(x.copy(), y.copy()), ("w", "b"))
    w, b = (numbers(part, called=name) for part, name in zip(given, ("w", "b"), strict=True))
    if np.allclose([w, b], [w_true, b_true], rtol=1e-4):
        return
    if np.isclose(w, 1 / w_true, rtol=1e-2):
        raise Hint(f"{where} this is the line from targets to inputs; x is what goes in")
    if np.isclose(w, w_true * x.std(), rtol=1e-3):
        raise Hint(
            f"{where} this is the weight for scaled inputs; go back to the units of x, by w = w̃ / s"
        )
    if np.isclose(w, w_true, rtol=1e-3):
        if np.isclose(b, y.mean(), rtol=1e-3):
            raise Hint(
                f"{where} w is right, but b is the one for scaled inputs; you want b̃ - w̃ μ / s"
            )
        raise Hint(f"{where} w is right; but the mean error is {np.mean(w * x + b - y):.3g}")
    if np.isclose(w, w_true, rtol=1e-2):
        raise Hint(
            f"{where} w should be {w_true:.4f} and is {w:.4f}, so nearly there; take more "
            "steps, or longer ones"
        )
    if np.isclose(w, 5 / 9, rtol=1e-2):
        raise Hint(f"{where} the rule isn't 5/9; does the function use anything but its x and y?")
    raise Hint(
        f"{where} the loss can be as low as {np.mean((w_true * x + b_true - y) ** 2):.3g}, and is "
        f"{np.mean((w * x + b - y) ** 2):.3g}; scale x by its *own* mean and s, and take enough steps"
    )


@check
def repaired(gradient) -> None:
    """A function of x, (m,), a column of targets, (m, 1), w and b, that returns both derivatives."""
    rng = np.random.default_rng(0)
    x, Y, w, b = rng.normal(2, 3, size=9), rng.normal(5, 2, size=(9, 1)), 0.7, -1.2
    error = w * x + b - Y[:, 0]
    truths = 2 * np.mean(error * x), 2 * np.mean(error)
    crossed = 2 * np.mean((w * x + b - Y) * x)
    given = parts(gradient(x.copy(), Y.copy(), w, b), ("dw", "db"))
    dw, db = (numbers(part, called=name) for part, name in zip(given, ("dw", "db"), strict=True))
    if alike(dw, truths[0]) and alike(db, truths[1]):
        return
    if np.isclose(dw, crossed):
        raise Hint(
            "the error still has 9 times 9 entries: give predictions and targets the same shape"
        )
    if np.isclose(dw, -truths[0]) or np.isclose(db, -truths[1]):
        raise Hint("an error is prediction minus target, not the other way round")
    if alike(db, truths[1]):
        raise Hint(
            "db is right; in dw each error goes with its own input, so `error` and `x` need "
            "the same shape"
        )
    raise Hint(
        f"dw should be {truths[0]:.4g} and is {dw:.4g}; nothing but the error's shape was wrong"
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
        raise Hint(
            "w is right; now set the derivative with respect to b to zero; it says what b is for this w"
        )
    if not alike(loss, least):
        if np.isclose(loss, least * len(x)):
            raise Hint("w and b are right; the loss is the mean of the squares; this is their sum")
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
        return "almost: np.cov divides by m - 1 and np.var by m; use the same for both"
    return (
        f"for the check's {len(x)} examples the loss can be as low as {least:.4g}; at your w and b it is "
        f"{np.mean((w * x + b - y) ** 2):.4g}. Does the function use anything but its x and y?"
    )


# Two exercises that no chapter has at present: they lie in book/foundations/drafts/neuron-left.md.


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
