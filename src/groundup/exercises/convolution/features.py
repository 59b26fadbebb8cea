"""Exercises of the chapter on features by hand and features learned."""

import numpy as np

from groundup.exercises.checking import Hint, accuracies, alike, check, numbers, trained

ENOUGH = 0.85  # of the threes and eights
EPOCHS = 4


@check
def three_or_eight(feature, pictures, labels) -> None:
    """A number for each picture, by which a threshold tells threes from eights.

    Args:
        feature: a function (m, 28, 28) -> (m,).
        pictures: pictures of both, (m, 28, 28), from 0 to 1.
        labels: which it is, 3 or 8, (m,).
    """
    labels = numbers(labels, None, "the labels")
    if not np.array_equal(np.unique(labels), (3, 8)):
        raise Hint("among the labels are to be threes and eights, and nothing else")
    found = numbers(feature(pictures.copy()), labels.shape, "the feature")
    backwards = numbers(feature(pictures[::-1].copy()), labels.shape, "the feature")
    if not np.allclose(backwards, found[::-1], rtol=1e-4, atol=1e-6):
        raise Hint(
            "for the same pictures in another order it gives other numbers; does it look at nothing but "
            "each picture?"
        )
    for i in np.linspace(0, len(labels) - 1, 50).astype(int):
        alone = numbers(
            feature(pictures[i : i + 1].copy()), (1,), "the feature of one picture alone"
        )
        if not np.allclose(alone, found[i], rtol=1e-4, atol=1e-6):
            raise Hint(
                "a picture alone gets another number than among the others; does the function look at "
                "nothing but each picture?"
            )
    is_eight = labels == 8
    right, often = _best_threshold(found, is_eight), max(is_eight.mean(), 1 - is_eight.mean())
    if right <= often + 0.02:
        raise Hint(
            f"with the best threshold {right:.1%} are right, and always saying the same gives {often:.1%}"
        )
    if right >= ENOUGH:
        return
    if right > ENOUGH - 0.1:
        raise Hint(
            f"with the best threshold {right:.1%} are right, which is close; does the number depend on "
            "how thick the pen was?"
        )
    raise Hint(
        f"with the best threshold {right:.1%} are right, a good beginning; on which side is a 3 open, "
        "and where?"
    )


def _best_threshold(values: np.ndarray, is_one: np.ndarray) -> float:
    """The share that the best threshold gets right, whichever class lies above it."""
    order = np.argsort(values, kind="stable")
    values, signs = values[order], np.where(is_one[order], -1, 1)
    others_below = is_one.sum() + np.concatenate([[0], np.cumsum(signs)])
    between = np.concatenate([[True], values[1:] > values[:-1], [True]])  # not amid equal values
    shares = others_below[between] / len(is_one)
    return float(max(shares.max(), 1 - shares.min()))


@check
def turned(turn) -> None:
    """A function of the features of pictures, (m, 7, 7, 8), that gives those of the pictures turned by a
    quarter, anticlockwise.
    """
    F = np.random.default_rng(0).uniform(size=(3, 7, 7, 8))
    found = numbers(turn(F.copy()), F.shape, "what turned returns")
    fields = np.rot90(F, axes=(1, 2))
    if alike(found, np.roll(fields, -2, axis=3)):
        return
    for wrong, hint in (
        (F, "nothing has turned"),
        (
            fields,
            "the fields have moved to their places; where does an edge to the right point now?",
        ),
        (np.roll(F, -2, axis=3), "the directions have turned; the fields, too, have to move"),
        (np.roll(F, 2, axis=3), "the directions turn the other way, and the fields have to move"),
        (np.roll(fields, 2, axis=3), "the fields are right, and the directions turn the other way"),
        (np.roll(fields, -1, axis=3), "a quarter turn is two of the eight directions, not one"),
        (np.roll(fields, 1, axis=3), "a quarter turn is two of the eight directions, not one"),
        (np.roll(fields, 4, axis=3), "the fields are right; the directions make half a turn"),
        (
            np.roll(np.rot90(F, -1, axes=(1, 2)), 2, axis=3),
            "this is clockwise; np.rot90 turns the other way",
        ),
        (
            np.roll(np.rot90(F, -1, axes=(1, 2)), -2, axis=3),
            "the directions are right, and the fields turn the other way",
        ),
        (np.rot90(F, axes=(0, 1)), "the first axis counts the pictures; turn the second and third"),
    ):
        if found.shape == wrong.shape and alike(found, wrong):
            raise Hint(hint)
    raise Hint(
        "the field at the upper right goes to the upper left; what happens to direction 0, to the right?"
    )


@check
def folded(fold, found, accuracy, F, y) -> None:
    """Five linear readers of histograms in which opposite directions have become one.

    Args:
        fold: a function (m, 7, 7, 8) -> (m, 7, 7, 4).
        found: the five runs, of 4 epochs each.
        accuracy: the share of the held-out digits that each reads, (5,).
        F, y: the histograms of the held-out digits, (m, 7, 7, 8), and their labels.
    """
    some = np.random.default_rng(0).uniform(size=(3, 7, 7, 8))
    _judge_folded(numbers(fold(some.copy()), (3, 7, 7, 4), "what folded returns"), some)
    made = trained(found, 5, EPOCHS)
    for run in made:
        if len(run.model.layers) != 1 or run.model.layers[0].W.shape != (196, 10):
            raise Hint("each reader is to be linear, ten outputs that get 196 numbers")
    x = fold(F).reshape(len(F), -1)
    x = np.sqrt(x / np.linalg.norm(x, axis=1, keepdims=True))
    accuracies(numbers(accuracy, (5,), called="the accuracy"), [run.model for run in made], x, y)


def _judge_folded(found: np.ndarray, F: np.ndarray) -> None:
    if alike(found, F[..., :4] + F[..., 4:]):
        return
    for wrong, hint in (
        (F[..., :4], "four directions are dropped; add each to its opposite"),
        (F[..., 4:], "four directions are dropped; add each to its opposite"),
        (F[..., ::2], "every other direction is dropped; add each to its opposite"),
        (F[..., ::2] + F[..., 1::2], "these are neighbours; which number has the opposite of 0?"),
        (
            F[..., :4] + F[..., :3:-1],
            "0 has met 7, its neighbour; its opposite is half a turn away",
        ),
        ((F[..., :4] + F[..., 4:]) / 2, "this is their mean; add them up"),
    ):
        if alike(found, wrong):
            raise Hint(hint)
    raise Hint("direction 0 points to the right; which number has the one that points to the left?")


@check
def shuffled(reordered) -> None:
    """A function of W (d, n) and an order (d,) that returns weights for inputs taken in that order."""
    rng = np.random.default_rng(0)
    for d, n in ((9, 4), (5, 5)):
        _judge_shuffled(reordered, rng.normal(size=(d, n)), rng.permutation(d))


def _judge_shuffled(reordered, W: np.ndarray, order: np.ndarray) -> None:
    found = numbers(reordered(W.copy(), order.copy()), W.shape, "the weights")
    if alike(found, W[order]):
        return
    if np.allclose(found, W):
        raise Hint("these are the old weights; input j is now what input order[j] was")
    if np.allclose(found, W[np.argsort(order)]):
        raise Hint("this is the order the other way round: it takes shuffled pixels back")
    raise Hint(
        "the layer says something else; which row of W belongs to the pixel that is now the j-th?"
    )
