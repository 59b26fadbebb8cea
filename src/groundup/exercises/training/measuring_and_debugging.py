"""Exercises of the chapter on measuring and debugging."""

import itertools

import numpy as np

from groundup.exercises.checking import Hint, alike, check, numbers, parts, rounded


@check
def confusion(counts, accuracy, recall, precision, labels=None) -> None:
    """What a confusion matrix says.

    Args:
        counts: how often each class was taken for each, rows true, (k, k); or which share of all.
        accuracy: the share of all examples that are right.
        recall: for each class the share of its examples that were taken for it, (k,).
        precision: for each class the share of what was taken for it that is it, (k,).
        labels: the true classes, from 0 on, (m,); they tell whether rows are true.
    """
    counts = numbers(counts, None, "the confusion matrix")
    if counts.ndim != 2 or len(set(counts.shape)) > 1:
        raise Hint(f"a confusion matrix has a row and a column for each class, not {counts.shape}")
    if labels is not None:
        _judge_rows(counts / counts.sum(), numbers(labels, None, "the labels").astype(int))
    right = np.diag(counts)
    share = numbers(accuracy, called="the accuracy")
    of_row, rows = _shares(recall, right, counts.sum(axis=1), "the recall")
    of_column, columns = _shares(precision, right, counts.sum(axis=0), "the precision")
    if not _rounded(share, right.sum() / counts.sum()):
        if _rounded(share, rows.mean()):
            raise Hint(
                "this is the mean of the recalls, in which a rare digit counts like any other"
            )
        if np.isclose(share, 100 * right.sum() / counts.sum(), atol=1e-2):
            raise Hint("the accuracy is to be a share from 0 to 1")
        raise Hint("the accuracy is what stands on the diagonal, divided by all there is")
    if _rounded(of_row, rows) and _rounded(of_column, columns):
        return
    if _rounded(of_row, columns) and _rounded(of_column, rows):
        raise Hint("recall and precision have changed places; rows are the true digits")
    for found, truth, name in ((of_row, rows, "recall"), (of_column, columns, "precision")):
        if _rounded(found / 100, truth):
            raise Hint(f"the {name} is to be a share from 0 to 1")
    for found, truth, name, over in (
        (of_row, rows, "recall", "what is it, a row"),
        (of_column, columns, "precision", "what was taken for it, a column"),
    ):
        if not _rounded(found, truth):
            if _rounded(found, right / counts.sum()):
                raise Hint(f"the {name} of a digit isn't its share of all digits; divide by {over}")
            raise Hint(f"the {name} of a digit is its number on the diagonal, divided by {over}")


def _judge_rows(shares: np.ndarray, labels: np.ndarray) -> None:
    true = np.bincount(labels, minlength=len(shares)) / len(labels)
    if np.shape(true) == shares.shape[:1] and alike(shares.sum(axis=1), true):
        return
    if np.shape(true) == shares.shape[:1] and alike(shares.sum(axis=0), true):
        raise Hint("the matrix is transposed: rows are to be the true digits, columns the answers")
    raise Hint("the sums of the matrix's rows aren't how often each digit occurs among the labels")


def _shares(attempt, right: np.ndarray, of: np.ndarray, called: str) -> tuple:
    """An attempt and the truth; both are zero for a class of which there's nothing to be a share of."""
    found = numbers(attempt, None, called) if np.all(of) else np.asarray(attempt, dtype=float)
    if found.shape == of.shape:
        found = np.where(of == 0, 0, found)
    return numbers(found, of.shape, called), right / np.where(of == 0, 1, of)


def _rounded(found, truth) -> bool:
    """Whether shares are right, to three digits at least."""
    return rounded(found, truth, to=0.001)


@check
def area(of) -> None:
    """A function of probabilities and targets 0 and 1, both (m,): the area under the ROC curve."""
    rng = np.random.default_rng(0)
    for eights, others, apart in ((7, 30, 1.0), (20, 5, 0.0), (3, 40, -0.7)):
        y = rng.permutation(np.repeat([1.0, 0.0], [eights, others]))
        p = 1 / (1 + np.exp(-rng.normal(size=len(y)) - apart * y + 1))
        _judge_area(of, p, y)


def _judge_area(of, p, y) -> None:
    found = numbers(of(p.copy(), y.copy()), called="the area")
    wins = p[y == 1][:, None] > p[y == 0]
    truth = wins.mean()
    if alike(found, truth):
        return
    if np.isclose(found, 1 - truth):
        raise Hint("this is the area above the curve; the most probable come first")
    if np.isclose(found, wins.sum()):
        raise Hint("a step up is 1 over the number of eights, one to the right 1 over the others")
    if np.isclose(found, wins.sum() / len(p) ** 2):
        raise Hint("divide by the pairs of an eight and another digit, not by all pairs")
    if np.isclose(found, np.mean((p > 0.5) == (y == 1))):
        raise Hint("this is the accuracy at a threshold of one half; the area has no threshold")
    raise Hint(
        f"for {int(y.sum())} eights and {int((1 - y).sum())} others the area is {truth:.4f}, and this "
        f"is {found:.4f}; add up, for each step to the right, the height that you have reached"
    )


@check
def prepared(prepare) -> None:
    """A function of images (m, 28, 28) from 0 to 255, labels (m,), and a random generator.

    It gives rows (m, 784) from 0 to 1, and 1.0 for each eight, both in one random order.
    """
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.arange(60) % 10)
    # Each picture knows its label and has a brightness of its own.
    images = np.zeros((60, 28, 28), "uint8")
    images[:, 0, 0], images[:, 0, 1], images[:, 5, 5] = labels, np.arange(60), 90 + 2 * labels
    x, y = parts(prepare(images.copy(), labels.copy(), np.random.default_rng(1)), ("x", "y"))
    x, y = numbers(x, (60, 784), "x"), numbers(y, (60,), "y")
    pixels = np.rint(255 * x[:, :2]).astype(int)
    known, which = pixels.T
    if x.max() > 1 or not (np.array_equal(known, labels[which % 60])):
        if np.allclose(x, np.rint(x)) and x.max() > 1:
            raise Hint("the pixels still go up to 255")
        if alike(np.sort(x, axis=None), np.sort(images / 255, axis=None)):
            raise Hint("a row has pixels of several pictures: make rows of 784, a picture each")
        raise Hint(
            "the pixels aren't those of before divided by 255; a divisor that depends on the pictures "
            "scales another set in another way"
        )
    if len(set(which)) < 60:
        raise Hint("some pictures are there twice and others are gone; shuffle, don't draw")
    if not set(np.unique(y)) <= {0.0, 1.0}:
        raise Hint("y is to be 1 for an eight and 0 for any other digit")
    if not np.array_equal(y, known == 8):
        if y.sum() == np.sum(known != 8):
            raise Hint("y is to be 1 for an eight, not for the others")
        raise Hint("a picture doesn't have its own target: draw one order, and use it for both")
    if np.array_equal(which, np.arange(60)):
        raise Hint("the pictures stand in their old order; shuffle them and their targets alike")


@check
def memory(predict) -> None:
    """A function of the layers' sizes, inputs first, and of the batch size: the bytes of training."""
    for sizes, m in (([3, 5, 2], 1), ([784, 4096, 4096, 10], 32), ([784, 10], 60_000)):
        found = numbers(predict(list(sizes), m), called="the memory")
        counted = sum((n + 1) * k for n, k in itertools.pairwise(sizes))
        bare = sum(n * k for n, k in itertools.pairwise(sizes))
        kept = m * sum(sizes)
        truth = 4 * (2 * counted + kept)
        if alike(found, truth):
            continue
        for other, hint in (
            (truth / 4, "these are numbers; each takes four bytes"),
            (2 * truth, "this is for double precision; in single, a number takes four bytes"),
            (4 * (counted + kept), "each parameter has a gradient as well"),
            (4 * (2 * bare + kept), "each unit has a bias besides its weights"),
            (4 * (2 * counted + sum(sizes)), "the outputs are kept for each example of the batch"),
            (4 * m * (2 * counted + sum(sizes)), "the parameters are there once for the batch"),
            (4 * (2 * counted + kept - m * sizes[0]), "the inputs are kept as well: l begins at 0"),
            (4 * (4 * counted + kept), "this is for Adam; plain descent remembers nothing"),
        ):
            if alike(found, other):
                raise Hint(hint)
        raise Hint(
            f"for sizes {sizes} and {m} examples it takes {truth:,} bytes, and this is {found:,.0f}"
        )
