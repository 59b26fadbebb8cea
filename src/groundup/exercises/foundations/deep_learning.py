"""Exercises of the chapter on what deep learning is."""

import itertools

import numpy as np

from groundup import nn
from groundup.exercises.checking import Hint, Run, alike, check, numbers
from groundup.nn import random

SIZES = ([784, 64, 10], [5, 4, 3, 2], [2, 13, 13, 13, 1], [3, 1])


@check
def parameters(count) -> None:
    """A function of a network's sizes, inputs first, that returns how many parameters it has."""
    for sizes in SIZES:
        found = numbers(count(list(sizes)), called=f"the number for {sizes}")
        pairs = list(itertools.pairwise(sizes))
        weights = sum(d * n for d, n in pairs)
        if found == weights + sum(sizes[1:]):
            continue
        if found == weights:
            raise Hint("these are the weights alone; each unit has a bias too")
        if found == weights + sum(sizes):
            raise Hint("almost: inputs aren't units, and have no bias")
        if found == weights + len(pairs):
            raise Hint("almost: a layer has a bias for each of its units, not one for all")
        if found == weights + sum(sizes[:-1]):
            raise Hint(
                "almost: the biases belong to the layer on the right, one for each of its units"
            )
        if len(sizes) > 3 and found == (sizes[0] + 1) * sizes[1] + (sizes[1] + 1) * sizes[2]:
            raise Hint(
                f"right for three sizes, but {sizes} has {len(sizes)}: add up every pair of neighbours"
            )
        raise Hint(
            f"for {sizes} it isn't {found:.0f}; in each pair of neighbours, how many weights and biases "
            "does a unit of the right-hand layer have?"
        )


@check
def mean_loss(loss) -> None:
    """A function of probabilities (m, 10) and true digits (m,) that gives their loss, a number."""
    rng = np.random.default_rng(0)
    for m in (7, 4):
        scores = rng.normal(scale=2, size=(m, 10))
        p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        _judge_loss(loss, p, rng.integers(10, size=m))


def _judge_loss(loss, p, digits) -> None:
    found = numbers(loss(p.copy(), digits.copy()), called="the loss")
    of_truth = p[np.arange(len(digits)), digits]
    truth = -np.mean(np.log(of_truth))
    if alike(found, truth):
        return
    for wrong, hint in (
        (-truth, "the sign is wrong: the logarithm of a probability is negative"),
        (truth * len(digits), "this is the sum; the loss is the mean"),
        (truth / np.log(10), "this is the logarithm to base ten; np.log is the natural one"),
        (truth / np.log(2), "this is the logarithm to base two; np.log is the natural one"),
        (
            -np.mean(np.log(p.max(axis=1))),
            "this takes the largest probability; the loss wants that of the true digit",
        ),
        (-np.log(of_truth.mean()), "take the logarithms first, then their mean"),
        (1 - of_truth.mean(), "almost: it's -log p that counts for each picture, not 1 - p"),
        (-np.mean(np.log(p)), "only the probability of the true digit counts, not all ten"),
        (-np.log(p).sum() / len(p), "only the probability of the true digit counts, not all ten"),
        (
            -np.mean(np.log(p[:, digits])),
            "p[:, digits] takes all of these columns in every row; from each row you want only its own "
            "digit",
        ),
        (
            truth / p.shape[1],
            "the sum is right, but you divide it by the number of all entries; divide by the number of "
            "pictures",
        ),
    ):
        if np.isclose(found, wrong, rtol=1e-4):
            raise Hint(hint)
    raise Hint(
        f"for {len(digits)} pictures it isn't {found:.4g}; for the first, what is -log of "
        f"{of_truth[0]:.3f}?"
    )


@check
def frozen_wide(runs, answer, learned, x, y) -> None:
    """How many frozen units read as much as learned ones.

    Args:
        runs: trained networks whose hidden layer is frozen, some with 256 units and some with 1,024.
        answer: the smaller of the two widths that does, or 0.
        learned: trained networks whose hidden layer has learned.
        x, y: new digits, (m, 784), and what they are, (m,).
    """
    runs = list(runs)
    if not all(isinstance(run, Run) for run in runs):
        raise Hint("hand in the runs too: what runs.grid returned")
    shares = {256: [], 1024: []}
    for run in runs:
        hidden, output = _two_layers(run.model)
        if len(hidden.b) not in shares:
            raise Hint(f"each hidden layer should have 256 or 1024 units; one has {len(hidden.b)}")
        if hidden.trainable:
            raise Hint("a hidden layer isn't frozen: hidden.trainable = False")
        if not output.trainable:
            raise Hint("the outputs should learn; only the hidden layer is frozen")
        shares[len(hidden.b)].append(_share_read(run.model, x, y))
    for units, found in shares.items():
        if not found:
            raise Hint(f"there is no network with {units} units among the runs")
        if np.mean(found) < 0.5:
            raise Hint(f"those with {units} units read {np.mean(found):.0%}; have they trained?")
    learned = list(learned)
    if times := sorted({len(run.history["loss"]) for run in [*runs, *learned]})[1:]:
        raise Hint(
            f"some networks had {times[-1]} epochs and some fewer: compare like with like, and give all, "
            "the learned ones too, the same time"
        )
    bar = np.mean([_share_read(run.model, x, y) for run in learned]) - 0.005
    truth = next((units for units, found in shares.items() if np.mean(found) >= bar), 0)
    if numbers(answer, called="the answer") != truth:
        read = ", ".join(f"{np.mean(f):.1%} with {units:,} units" for units, f in shares.items())
        raise Hint(
            f"the runs are right, but not the answer: they read {read}, and learned ones "
            f"{bar + 0.005:.1%}"
        )


def _two_layers(model) -> tuple:
    if len(model.layers) != 2:
        raise Hint(
            f"the network should have a hidden layer and outputs, not {len(model.layers)} layers"
        )
    return tuple(model.layers)


def _share_read(model, x, y) -> float:
    return float(np.mean(model.predict(x).argmax(axis=1) == y))


@check
def cleaned(clean, x, y, x_new, y_new) -> None:
    """A function of pictures, (m, 784) -> (m, 784), that leaves a network the digits and not the marks.

    Args:
        clean: the function.
        x, y: digits to learn from, without marks, and what they are; the check marks them.
        x_new, y_new: the same for new digits.
    """
    x, y, x_new, y_new = (part[:4000] for part in (x, y, x_new, y_new))
    others = (y_new + np.random.default_rng(0).integers(1, 10, size=len(y_new))) % 10
    shown, asked = (_cleaned(clean, _marked(*pair)) for pair in ((x, y), (x_new, others)))
    found, wanted = (
        _share_read(_reader(pictures, y), new, y_new)
        for pictures, new in ((shown, asked), (x, x_new))
    )
    if found >= wanted - 0.02:
        return
    said = f"with a wrong mark it reads {found:.0%}; where there are no marks at all, {wanted:.0%}"
    if np.array_equal(_cleaned(clean, x_new), _cleaned(clean, _marked(x_new, others))):
        raise Hint(f"{said}; the marks are gone, but so is part of the digits")
    raise Hint(f"{said}; it still sees the marks, which lie in the two uppermost rows")


def _marked(x, marks) -> np.ndarray:
    pictures = x.reshape(-1, 28, 28).copy()
    for picture, mark in zip(pictures, marks, strict=True):
        picture[:2, 4 + 2 * mark : 6 + 2 * mark] = 1
    return pictures.reshape(-1, 784)


def _cleaned(clean, x) -> np.ndarray:
    return numbers(clean(x.copy()), x.shape, "what comes out").astype("float32")


def _reader(x, y) -> nn.Sequential:
    """A network that has learned to read these pictures; the state of chance is left as it was."""
    before = random.generator.bit_generator.state
    nn.set_random_seed(0)
    model = nn.Sequential(
        [nn.Input((784,)), nn.Dense(64, activation="relu"), nn.Dense(10, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=50, epochs=5, verbose=0)
    random.generator.bit_generator.state = before
    return model
