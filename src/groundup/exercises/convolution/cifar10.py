"""Exercises of the chapter on CIFAR-10."""

import numpy as np

from groundup.exercises.checking import Hint, check, numbers, rounded


@check
def two_roads(input_gradient) -> None:
    """The way back through a residual block, :eq:`residual-gradient` with two layers.

    Args:
        input_gradient: of dY, X, V and W, the gradient dX, where Y = X + relu(X V) W.
    """
    rng = np.random.default_rng(0)
    X, V, W, dY = (rng.normal(size=shape) for shape in ((5, 3), (3, 4), (4, 3), (5, 3)))
    found = numbers(input_gradient(dY.copy(), X.copy(), V.copy(), W.copy()), None, "dX")
    if found.shape != X.shape:
        raise Hint(f"dX is to have the shape of X, {X.shape}, and this has {found.shape}")
    on = X @ V > 0
    through = ((dY @ W.T) * on) @ V.T
    if np.allclose(found, _by_differences(dY, X, V, W), atol=1e-5):
        return
    slips = {
        "this is the road through the layers alone; the other one leads past them": through,
        "this is the shortcut alone; X goes through the layers, too": dY,
        "both roads are there, but where they meet gradients add up": dY * through,
        "where do units that are off let the gradient pass?": dY + dY @ W.T @ V.T,
        "ReLU lets the gradient pass where its unit is on, and here it's the other way round": dY
        + ((dY @ W.T) * ~on) @ V.T,
        "going back, ReLU multiplies by its slope, 0 or 1, and not by its value": dY
        + ((dY @ W.T) * np.maximum(X @ V, 0)) @ V.T,
        "this is half of it; where two roads meet gradients add up, nothing is shared out": (
            dY + through
        )
        / 2,
        "there is one shortcut, and here it counts twice": 2 * dY + through,
    }
    for said, slip in slips.items():
        if np.allclose(found, slip):
            raise Hint(said)
    raise Hint(
        "it differs from central differences; go back step by step: through W, through ReLU, through V, "
        "and add what came by the shortcut"
    )


def _by_differences(dY, X, V, W, step: float = 1e-6) -> np.ndarray:
    """The gradient of the sum of Y times dY with respect to X, by central differences."""
    found = np.empty_like(X)
    for place in np.ndindex(*X.shape):
        ends = []
        for sign in (1, -1):
            moved = X.copy()
            moved[place] += sign * step
            ends.append(np.sum(dY * (moved + np.maximum(moved @ V, 0) @ W)))
        found[place] = (ends[0] - ends[1]) / (2 * step)
    return found


@check
def lowest(loss) -> None:
    """The lowest cross-entropy with labels of which a fifth is spread over ten classes.

    Args:
        loss: it.
    """
    found = numbers(loss, called="the loss")
    y = np.append(0.82, np.full(9, 0.02))
    truth = -np.sum(y * np.log(y))
    if rounded(found, truth, to=0.001):
        return
    slips = (
        (0, "zero is the lowest loss without smoothing; here the nine others have targets, too"),
        (-truth, "a cross-entropy has a minus in front"),
        (-0.82 * np.log(0.82), "the nine others belong to the sum as well"),
        (-np.log(0.82), "each logarithm is multiplied by its target"),
        (
            truth / np.log(2),
            "this is in bits; Keras and this book take the logarithm to the base e",
        ),
        (truth / np.log(10), "this has the logarithm to the base 10; take that to the base e"),
        (truth / 10, "add the ten up; the mean is over examples, not over classes"),
        (-0.82 * np.log(0.82) - 0.02 * np.log(0.02), "there are nine others, not one"),
        (-0.8 * np.log(0.8) - 9 * 0.02 * np.log(0.02), "the right class gets its share, too: 0.82"),
        (np.log(10), "that's the loss of a network that knows nothing"),
    )
    for slip, said in slips:
        if rounded(found, slip, to=0.001):
            raise Hint(said)
    raise Hint("add up minus target times logarithm of the probability, over all ten classes")


@check
def without_dropout(prediction, accuracies, points, before) -> None:
    """The twin without dropout, after a prediction.

    Args:
        prediction: by how many percentage points the mean of the accuracies would change.
        accuracies: of the twins without dropout, one for each seed.
        points: by how many it changed.
        before: the accuracies of the twins as they are.
    """
    before = np.asarray(before, float)
    guess = numbers(prediction, called="the prediction")
    if abs(guess) > 100:
        raise Hint("a share can't change by more than 100 points")
    found = numbers(accuracies, None, "accuracies")
    if found.shape != before.shape:
        raise Hint(
            f"hand in an accuracy for each of {len(before)} seeds; this is of shape {found.shape}"
        )
    if found.min() < 0 or found.max() > 1:
        raise Hint("accuracies are shares between 0 and 1")
    if np.array_equal(found, before):
        raise Hint("these are the twins with dropout; train them with dropout=0.0")
    change = numbers(points, called="points")
    truth = 100 * (found.mean() - before.mean())
    if rounded(change, truth, to=0.1):
        return
    if rounded(change, -truth, to=0.1):
        raise Hint("the sign is the other way round: after less before")
    if rounded(change, truth / 100, to=0.001):
        raise Hint("this is a share; a percentage point is a hundredth")
    if rounded(change, 100 * (found.mean() / before.mean() - 1), to=0.1):
        raise Hint(
            "this is in percent of what it was; points are the difference of two percentages"
        )
    if rounded(change, 100 * (found.max() - before.max()), to=0.1):
        raise Hint("this compares the best of each; compare the means")
    raise Hint("points is the mean of the accuracies less the mean before, times 100")


@check
def six_answers(error) -> None:
    """The expected calibration error of six answers.

    Of three it says 0.6, and one of them is right; of three it says 0.9, and all of them are right.

    Args:
        error: it, :eq:`calibration-error`.
    """
    found = numbers(error, called="the error")
    truth = (abs(1 / 3 - 0.6) + abs(1 - 0.9)) / 2
    if rounded(found, truth, to=0.001):
        return
    signed = (1 / 3 - 0.6 + 1 - 0.9) / 2
    slips = (
        (abs(signed), "in each bin the distance counts, so that gaps of two kinds don't cancel"),
        (signed, "a distance isn't negative, and it's taken in each bin"),
        (2 * truth, "each bin counts by its share of all answers, which is a half"),
        (2 / 6, "this is the share of wrong answers"),
        (abs(1 / 3 - 0.6), "this is the first bin's gap; the second one has one, too"),
        (0.1, "this is the second bin's gap; the first one has one, too"),
        (abs(1 / 3 - 0.6) / 2, "the second bin's gap isn't zero: it was right more often than it said"),
        (
            np.sqrt((abs(1 / 3 - 0.6) ** 2 + 0.1**2) / 2),
            "take the gaps as they are, without squares",
        ),
        (3 * truth, "divide by all six answers"),
        (100 * truth, "write it as a share, and not in percent"),
    )  # fmt: skip
    for slip, said in slips:
        if rounded(found, slip, to=0.001):
            raise Hint(said)
    raise Hint("of each bin: how far is the share that's right from what it said? Then the mean")
