"""Exercises of the chapter on the perceptron."""

from collections.abc import Iterator
from itertools import permutations, product

import numpy as np
from sklearn.datasets import load_iris

from groundup.exercises.checking import Hint, check, numbers

CORNERS = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
XOR = np.array([-1, 1, 1, -1])


@check
def first_epoch(w1, w2, bias, epochs) -> None:
    """Weights and bias for *and* after the first epoch, and the epochs until one has no update."""
    given = (w1, "w₁"), (w2, "w₂"), (bias, "the bias"), (epochs, "the number of epochs")
    w1, w2, b, epochs = (float(numbers(value, called=name)) for value, name in given)
    if (w1, w2, b) != (1, 1, 0):
        raise Hint(_of_epoch(w1, w2, b))
    needed = len(_learn(CORNERS, np.array([-1, -1, -1, 1]))[1])
    if epochs == needed - 1:
        raise Hint("count the last epoch too, the one without an update")
    if epochs != needed:
        raise Hint(
            f"the weights are right, but it isn't {epochs:g} epochs; go on by hand from (1, 1) and 0, or "
            "call perceptron(…, in_order=True) with epochs=1, 2, 3 …: the first number that adds no "
            "update is the answer"
        )


def _of_epoch(w1, w2, b) -> str:
    """What to think of next where the weights after the first epoch are wrong."""
    if not (w1 or w2 or b):
        return "a score of exactly zero counts as wrong; otherwise nothing would ever start"
    if (w1, w2, b) == (0, 0, -1):
        return "these are the weights after (0, 0), (0, 1) and (1, 0); do they get (1, 1) right?"
    if (w1, w2, b) == (1, 1, -1):
        return "w is right; the update for (1, 1) changes the bias too"
    if (w1, w2, b) == (1, 1, 1):
        return "the update for (0, 0), with y = −1, has made the bias −1 by the time (1, 1) has its turn"
    path, updates = _learn(CORNERS, np.array([-1, -1, -1, 1]))
    if np.array_equal(path[-1], (w1, w2, b)):
        return f"these are the weights at the very end, after {len(updates)} epochs, not after the first"
    return "only two of the four examples are wrong when their turn comes: the first and the last"


@check
def prepared(function) -> None:
    """A function of flowers, (m, 2), that gives inputs with which a perceptron is soon done."""
    iris = load_iris()
    order = np.random.default_rng(1).permutation(100)
    flowers, y = iris.data[order, :2], np.where(iris.target[order] == 1, 1, -1)
    for unit, size in (("centimetres", 1), ("millimetres", 10), ("metres", 0.01)):
        measured = size * flowers
        inputs = numbers(function(measured.copy()), measured.shape, "what the function gives")
        _is_a_new_ruler(measured, inputs)
        for seed in range(3):
            shuffled = np.random.default_rng(seed).permutation(100)
            path, updates = _learn(inputs[shuffled], y[shuffled], epochs=60)
            if updates[-1] or len(path) > SOON:
                end = f" in {len(updates)} epochs, and it still wasn't done" if updates[-1] else ""
                raise Hint(
                    f"with flowers in {unit} there were {len(path):,} updates{end}; where on your ruler "
                    "is zero, and how far from it do the flowers lie?"
                )


SOON = 100  # updates
ROUNDING = (
    1e-12  # how far from zero a score may be that should be zero, as a share of what is added up
)


def _is_a_new_ruler(measured, inputs) -> None:
    """Refuse what isn't each input by itself, moved and stretched: the same lines can be drawn."""
    for j in (0, 1):
        x = np.column_stack([measured[:, j], np.ones(len(measured))])
        fitted = x @ np.linalg.lstsq(x, inputs[:, j], rcond=None)[0]
        spread = np.std(inputs[:, j])
        if spread == 0 or np.abs(fitted - inputs[:, j]).max() > 1e-6 * spread:
            raise Hint(
                "measure each input with another ruler, with its zero somewhere else: subtract a number "
                "from each column, divide it by another"
            )


@check
def more_features(function) -> None:
    """A function of XOR's four inputs, (4, 2), that appends inputs with which a perceptron learns."""
    inputs = CORNERS.copy()
    found = numbers(function(inputs), None, "what the function gives")
    if found.ndim != 2 or len(found) != 4:
        raise Hint(
            f"the function is to give a row for each of the four examples, got {found.shape}"
        )
    if found.shape[1] < 3:
        raise Hint(f"give each example at least three inputs; this has {found.shape[1]}")
    if not np.array_equal(found[:, :2], CORNERS):
        raise Hint("the first two inputs should stay as they are")
    order = [2, 0, 3, 1]
    if not np.allclose(function(CORNERS[order]), found[order]):
        raise Hint("a new input may depend only on its own example, not on its place in the list")
    for corner, row in zip(CORNERS, found, strict=True):
        alone = numbers(
            function(corner[None].copy()), (1, len(row)), "what one example alone gives"
        )
        if not np.allclose(alone, row):
            raise Hint(
                f"for {tuple(map(int, corner))} alone the function gives different inputs than among all "
                "four; a new input may depend only on its own example"
            )
    if np.linalg.matrix_rank(_with_one(found)) < 4:
        raise Hint(
            "at the four corners the new input is a weighted sum of the others and 1, so it tells the "
            "perceptron nothing new; it needs a product, a maximum, or the like"
        )
    if _learn(found, XOR, epochs=20_000)[1][-1]:
        raise Hint(
            "with these inputs a plane can separate the corners, but 20,000 epochs didn't find it; "
            "give the new input a size like that of the others"
        )


@check
def as_slow_as_can_be(X, y, w_star) -> None:
    """Examples (m, d), labels (m,) and a unit vector (d + 1,) that reach the bound on updates."""
    X = numbers(X, None, "X")
    if X.ndim != 2:
        raise Hint(f"X needs a row for each example; this has the shape {X.shape}")
    m, d = X.shape
    y, w_star = numbers(y, (m,), "y"), numbers(w_star, (d + 1,), "w⋆")
    if not np.isin(y, (-1, 1)).all():
        raise Hint("each target must be −1 or 1")
    different = len(np.unique(X, axis=0))
    if different < 4:
        alike = "" if different == m else f", of which {different} are different"
        raise Hint(f"this has {m} examples{alike}; find at least four, no two alike")
    if not np.isclose(np.linalg.norm(w_star), 1):
        raise Hint(f"w⋆ must have the length one; this has {np.linalg.norm(w_star):.4g}")
    rows = _with_one(X)
    gamma, R = (y * (rows @ w_star)).min(), np.linalg.norm(rows, axis=1).max()
    if gamma <= 0:
        raise Hint("w⋆ doesn't separate the examples: its margin isn't positive")
    bound = (R / gamma) ** 2
    made = []
    for order in map(list, _orders(m)):
        made.append(len(_learn(X[order], y[order])[0]))
        if not np.isclose(made[-1], bound):
            break
    else:
        return
    products = rows @ rows.T
    if not np.allclose(products[~np.eye(m, dtype=bool)], 0, atol=1e-9):
        raise Hint(
            f"the bound is {bound:.4g}, and there were {min(made)} to {max(made)} updates; does an "
            "update for one example change another's score? It doesn't if (x, 1) · (x', 1) = 0"
        )
    if max(made) == m:
        raise Hint(
            f"the examples are right: they need {m} updates; but with this w⋆ the bound is {bound:.4g}. "
            "Which direction do the weights have at the end? And are all examples of one length?"
        )
    raise Hint(f"the bound is {bound:.4g}, and there were {min(made)} to {max(made)} updates")


def _orders(m: int) -> Iterator:
    """All orders of few examples; of many, those in which each comes first, and some by chance."""
    if m <= 5:
        yield from permutations(range(m))
        return
    for first in range(m):
        rest = [i for i in range(m) if i != first]
        yield [first, *rest]
    rng = np.random.default_rng(0)
    for _ in range(100):
        yield rng.permutation(m)


def _with_one(X: np.ndarray) -> np.ndarray:
    return np.column_stack([X, np.ones(len(X))])


def _learn(X: np.ndarray, y: np.ndarray, epochs: int = 1000) -> tuple[list[np.ndarray], list[int]]:
    """The weights, with the bias last, after each update, and the number of updates in each epoch."""
    w, path, updates = np.zeros(X.shape[1] + 1), [], []
    rows = _with_one(X)
    for _ in range(epochs):
        before = len(path)
        for x, target in zip(rows, y, strict=True):
            if target * (x @ w) <= ROUNDING * (np.abs(x) @ np.abs(w)):
                w = w + target * x
                path.append(w)
        updates.append(len(path) - before)
        if not updates[-1]:
            break
    return path, updates


# An exercise that no chapter has yet: it lies in book/foundations/drafts/perceptron-left.md.


@check
def two_bits(not_learned) -> None:
    """The labels of (0, 0), (0, 1), (1, 0), (1, 1) that a perceptron can't learn: rows of four."""
    rows = numbers(not_learned, None, "the list of labels")
    if rows.ndim != 2 or rows.shape[1] != 4:
        raise Hint(f"give a list of rows of four labels each; this has the shape {rows.shape}")
    if not np.isin(rows, (-1, 1)).all():
        raise Hint("each target must be −1 or 1")
    found = {tuple(row) for row in rows.astype(int).tolist()}
    wrong = {row for row in product((-1, 1), repeat=4) if _learn(CORNERS, np.array(row))[1][-1]}
    if extra := found - wrong:
        row = min(extra)
        raise Hint(
            f"{row} can be learned: after {len(_learn(CORNERS, np.array(row))[1])} epochs, with the "
            "examples in order, there is no update any more"
        )
    if found < wrong:
        have = "XOR is one of them; " if tuple(XOR) in found else ""
        raise Hint(f"{have}there are {len(wrong)}, and you have {len(found)}")
