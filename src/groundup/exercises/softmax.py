"""Exercises of the chapter on losses and softmax regression."""

import numpy as np

from groundup import nn
from groundup.exercises.checking import Hint, check, numbers


@check
def first_loss(loss) -> None:
    """The cross-entropy of a model with ten classes whose weights are all zero, to two digits."""
    found, truth = numbers(loss, called="the loss"), np.log(10)
    if np.isclose(found, truth, rtol=0, atol=5e-3):
        return
    if np.isclose(found, 0.1):
        raise Hint("this is the probability of each class; the loss is minus its logarithm")
    if np.isclose(found, 1) or np.isclose(found, np.log2(10), atol=5e-3):
        raise Hint("the logarithm of the loss is the natural one, np.log")
    if np.isclose(found, -truth, atol=5e-3):
        raise Hint("a probability is below one, so its logarithm is negative; mind the minus sign")
    if np.isclose(found, 10 * truth, atol=5e-2):
        raise Hint("only the true class's term remains of the sum over the classes")
    raise Hint(
        "all scores are zero, so all classes are equally probable: what probability does the true "
        "class get, and what is minus the logarithm of that?"
    )


@check
def two_classes(first_probability) -> None:
    """A function of two scores, each (m,), that returns σ(z₁ - z₂): softmax's first probability."""
    z1, z2 = np.random.default_rng(0).normal(scale=5, size=(2, 1000))
    found = numbers(first_probability(z1.copy(), z2.copy()), z1.shape, "ŷ₁")
    truth = nn.Softmax().forward(np.stack([z1, z2], axis=1))
    if np.allclose(found, truth[:, 0], rtol=1e-6, atol=1e-9):
        return
    if np.allclose(found, truth[:, 1]):
        raise Hint("this is the probability of the second class; mind the sign of the difference")
    for z, name in ((z1, "z₁"), (z2, "z₂"), (z1 + z2, "z₁ + z₂")):
        if np.allclose(found, 1 / (1 + np.exp(-z))):
            raise Hint(f"this is σ({name}), but softmax sees only the difference of the scores")
    if (found < 0).any() or (found > 1).any():
        raise Hint("probabilities lie between zero and one, and some of these don't")
    raise Hint("divide numerator and denominator of the softmax by e^z₁, and look at what remains")


@check
def squared_error(gradient_ratio, accuracy, accuracy_fast, needs=None) -> None:
    """The first gradients of both losses, and what the squared error reaches.

    Args:
        gradient_ratio: how many times as large the first gradient of the cross-entropy is.
        accuracy: on the validation set after twenty epochs, with a learning rate of 0.1.
        accuracy_fast: the same with a learning rate of 10.
        needs: the data set; a stand-in is too small for the accuracies to say anything.
    """
    ratio = numbers(gradient_ratio, called="the ratio of the gradients")
    if not np.isclose(ratio, 50, rtol=1e-3):
        raise Hint(_of_ratio(ratio))
    slow = numbers(accuracy, called="the accuracy with 0.1")
    fast = numbers(accuracy_fast, called="the accuracy with 10")
    for value, rate in ((slow, 0.1), (fast, 10)):
        if not 0 <= value <= 1:
            raise Hint(f"the accuracy with {rate} is {value:.4g}; it's to be a share from 0 to 1")
    if needs is not None and needs.is_stand_in:
        return
    if min(slow, fast) < 0.8:
        raise Hint("one of the accuracies is too low; are the targets one-hot, in twenty epochs?")
    if slow >= fast:
        raise Hint(
            "the accuracy with 0.1 isn't below that with 10; have they changed places, or were they "
            "trained for less than twenty epochs?"
        )


def _of_ratio(ratio) -> str:
    """What to think of next where the ratio of the gradients is wrong."""
    if np.isclose(ratio, 1 / 50, rtol=1e-3):
        return "this is the other way round: by the squared error's gradient divide cross-entropy's"
    if np.isclose(ratio, 10):
        return (
            "softmax's Jacobian brings 1/10; the derivative of the mean of ten squares brings more"
        )
    if np.isclose(ratio, 5):
        return "the mean of ten squares brings 2/10; the derivative of softmax brings more"
    if np.isclose(ratio, 100):
        return "almost: the derivative of a square brings a factor of two"
    return (
        "hand both losses the same fresh model and the same examples (model.gradients), and divide the "
        "length of the one gradient by that of the other"
    )
