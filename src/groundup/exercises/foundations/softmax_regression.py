"""Exercises of the chapter on losses and softmax regression."""

import numpy as np

from groundup import nn
from groundup.exercises.checking import (
    Hint,
    accuracies,
    alike,
    called,
    check,
    numbers,
    parts,
    rounded,
    trained,
)


@check
def by_hand(probabilities, loss, derivatives) -> None:
    """Three scores, 0, log 2 and log 5, of which the second belongs to the true class.

    Args:
        probabilities: what softmax makes of them.
        loss: the cross-entropy.
        derivatives: those of the cross-entropy with respect to the scores.
    """
    p, y = np.array([1, 2, 5]) / 8, np.array([0, 1, 0])
    found = numbers(probabilities, (3,), "the probabilities")
    if not _rounded(found, p):
        if _rounded(found, np.array([1, 2, 5])):
            raise Hint("these are the exponentials; divide each by their sum")
        scores = np.log([1, 2, 5])
        if _rounded(found, scores / scores.sum()):
            raise Hint("these are the scores divided by their sum; first take their exponentials")
        raise Hint("the exponentials of the scores are 1, 2 and 5; divide each by their sum")
    value = numbers(loss, called="the loss")
    if not _rounded(value, np.log(4)):
        if _rounded(value, -np.log(4)):
            raise Hint("the probabilities are right; mind the minus sign before the logarithm")
        if _rounded(value, 2) or _rounded(value, np.log10(4)):
            raise Hint("the probabilities are right; the logarithm of the loss is the natural one")
        raise Hint("the probabilities are right; the loss is -log of the one of the true class")
    slopes = numbers(derivatives, (3,), "the derivatives")
    if not _rounded(slopes, p - y):
        if _rounded(slopes, y - p):
            raise Hint("the derivatives have the wrong sign: prediction minus target")
        if _rounded(slopes, p):
            raise Hint("these are the probabilities; the target is 1 for the true class")
        if _rounded(slopes, np.where(y, -1 / p, 0)):
            raise Hint(
                "these are the derivatives by the probabilities; by the scores they are simpler"
            )
        raise Hint("the derivatives are prediction minus target, of three classes")


def _rounded(found, truth) -> bool:
    """Whether numbers are right to the two digits that somebody may have rounded them to."""
    return rounded(found, truth, to=0.01)


@check
def two_classes(first_probability) -> None:
    """A function of two scores, each (m,), that returns σ(z₁ - z₂): softmax's first probability."""
    z1, z2 = np.random.default_rng(0).normal(scale=5, size=(2, 1000))
    given, names = called(first_probability, z1.copy(), z2.copy())
    found = numbers(given, z1.shape, "ŷ₁")
    truth = nn.Softmax().forward(np.stack([z1, z2], axis=1))
    if alike(found, truth[:, 0]):
        if any("softmax" in name.lower() for name in names):
            raise Hint("the values are right; now make them without a softmax")
        _judge_large(first_probability)
        return
    if np.allclose(found, truth[:, 1]):
        raise Hint("this is the probability of the second class; mind the sign of the difference")
    for z, name in ((z1, "z₁"), (z2, "z₂"), (z1 + z2, "z₁ + z₂")):
        if np.allclose(found, 1 / (1 + np.exp(-z))):
            raise Hint(f"this is σ({name}), but softmax sees only the difference of the scores")
    if (found < 0).any() or (found > 1).any():
        raise Hint("probabilities lie between zero and one, and some of these don't")
    raise Hint("divide numerator and denominator of the softmax by e^z₁, and look at what remains")


def _judge_large(first_probability) -> None:
    z1, z2 = np.array([[1000.0, 999], [-1000, -999], [-1000, -1000], [1000, 0]]).T
    with np.errstate(all="ignore"):
        given = first_probability(z1.copy(), z2.copy())
        if not np.allclose(given, nn.Sigmoid().forward(z1 - z2)):
            raise Hint(
                "right for small scores; but the exponentials of 1000 and 999, say, are too large for "
                "the computer: divide numerator and denominator by e^z₁, and the difference is left"
            )


@check
def without_looking(solve) -> None:
    """What a network without weights learns from labels.

    Args:
        solve: a function of labels, (m,), and the number of classes K that returns the K probabilities
            after training, and the loss that is left.
    """
    rng = np.random.default_rng(0)
    _judge_shares(solve, rng.choice(4, size=200, p=[0.4, 0.3, 0.2, 0.1]), 4)
    _judge_shares(solve, rng.choice([1, 2, 4], size=50), 6)  # three of the six don't occur


def _judge_shares(solve, labels: np.ndarray, k: int) -> None:
    given = parts(solve(labels.copy(), k), ("the probabilities", "the loss"))
    found = numbers(given[0], (k,), "the probabilities")
    shares = np.bincount(labels, minlength=k) / len(labels)
    if not np.allclose(found, shares, rtol=0, atol=1e-3):
        if np.allclose(found, 1 / k):
            raise Hint(
                "that is where it starts; which probabilities make the classes that occur probable?"
            )
        if np.allclose(found, shares * len(labels)):
            raise Hint("these are counts; probabilities have the sum one")
        if not np.isclose(found.sum(), 1):
            raise Hint(f"probabilities have the sum one, and these have {found.sum():.4g}")
        raise Hint("for which probabilities is the mean of prediction minus target zero?")
    if np.ndim(given[1]) == 0 and np.isnan(given[1]):
        raise Hint("the loss isn't a number where a class doesn't occur: what is 0 log 0 to be?")
    loss = numbers(given[1], called="the loss")
    truth = -np.mean(np.log(shares[labels]))
    if not np.isclose(loss, truth, rtol=1e-3):
        if np.isclose(loss, truth / np.log(2), rtol=1e-3):
            raise Hint("the probabilities are right; the logarithm of the loss is the natural one")
        if np.isclose(loss, truth * len(labels), rtol=1e-3):
            raise Hint("the probabilities are right; the loss is the mean, this is the sum")
        if np.isclose(loss, -truth, rtol=1e-3):
            raise Hint("the probabilities are right; mind the minus sign before the logarithm")
        raise Hint(
            "the probabilities are right; the loss is the mean, over the labels, of -log of the "
            "probability of each label's class"
        )


@check
def temperature(find) -> None:
    """A function that finds the temperature at which a network is as often right as it says.

    Args:
        find: a function of scores, (m, K), and labels, (m,), that returns the temperature T at which the
            mean over the examples of softmax's largest probability is the share that is right.
    """
    rng = np.random.default_rng(0)
    for examples, classes, true in ((2000, 10, 0.6), (3000, 3, 1.7), (1000, 5, 12.0)):
        Z = rng.normal(scale=2, size=(examples, classes))
        labels = np.array([rng.choice(classes, p=row) for row in _cooled(Z, 1.0)])
        _judge_temperature(find, Z * true, labels)


def _cooled(Z: np.ndarray, T: float) -> np.ndarray:
    return nn.Softmax().forward(Z / T)


def _judge_temperature(find, Z: np.ndarray, labels: np.ndarray) -> None:
    T = float(numbers(find(Z.copy(), labels.copy()), called="the temperature"))
    if T <= 0:
        raise Hint(
            f"a temperature is positive, and this is {T:.4g}: it would turn the scores round"
        )
    right = np.mean(Z.argmax(axis=1) == labels)

    def says(temperature: float) -> float:
        return float(_cooled(Z, temperature).max(axis=1).mean())

    if np.isclose(says(T), right, rtol=0, atol=4e-3):
        return
    told = f"at T = {T:.4g} the network says {says(T):.3f} on average, and {right:.3f} are right"
    if np.isclose(says(1 / T), right, rtol=0, atol=4e-3):
        raise Hint(f"{told}; this is 1 / T: the temperature divides the scores")
    if np.isclose(T, 1):
        raise Hint(f"{told}; no temperature has been looked for")
    of_truth = _cooled(Z, T)[np.arange(len(Z)), labels].mean()
    if np.isclose(of_truth, right, rtol=0, atol=4e-3):
        raise Hint(f"{told}; it's the largest probability that counts, not that of the truth")
    way = "up" if says(T) > right else "down"
    raise Hint(f"{told}; what it says falls as the temperature rises, so go {way}")


# Three exercises that no chapter has at present: they lie in
# book/foundations/drafts/softmax-regression-left.md.


@check
def first_loss(loss) -> None:
    """The cross-entropy of a model with ten classes whose weights are all zero, to two digits."""
    found, truth = numbers(loss, called="the loss"), np.log(10)
    if rounded(found, truth, to=0.01):
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
def counts(loss, derivative) -> None:
    """Loss and derivative for counts with a Poisson distribution whose mean is e^z.

    Args:
        loss: a function of scores and counts, each (m,), that returns the loss of each example; what
            doesn't depend on the score may be left out.
        derivative: the same for its derivative with respect to the score.
    """
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=50), rng.poisson(2, size=50).astype(float)
    # Only what changes with the score counts, so losses are compared with those at the score zero.
    found = numbers(loss(z.copy(), y.copy()), z.shape, "the loss of each example")
    found = found - numbers(loss(np.zeros(50), y.copy()), z.shape, "the loss of each example")
    truth = np.exp(z) - y * z - 1
    if not alike(found, truth):
        if np.allclose(found, -truth):
            raise Hint("this is the log-likelihood; the loss is minus that")
        if np.allclose(found, np.exp(z) - 1 - y * (np.exp(z) - 1)):
            raise Hint("the second term has the logarithm of the mean, y log ŷ, and log ŷ is z")
        raise Hint("take the logarithm of p, change its sign, and put e^z in the place of ŷ")
    slopes = numbers(derivative(z.copy(), y.copy()), z.shape, "the derivative of each loss")
    if not alike(slopes, np.exp(z) - y):
        if np.allclose(slopes, y - np.exp(z)):
            raise Hint("the loss is right; the derivative has the wrong sign")
        if np.allclose(slopes, (np.exp(z) - y) / len(z)):
            raise Hint(
                "the loss is right; this is divided by the examples, and each has its own loss"
            )
        if np.allclose(slopes, 1 - y * np.exp(-z)):
            raise Hint(
                "the loss is right; this is the derivative by the mean, and not by the score"
            )
        raise Hint("the loss is right; what is the derivative of e^z - y z with respect to z?")


@check
def squared_error(gradient_ratio, accuracy, accuracy_fast, runs, x, y, needs=None) -> None:
    """The first gradients of both losses, and what the squared error reaches.

    Args:
        gradient_ratio: how many times as large the first gradient of the cross-entropy is.
        accuracy: on the validation set after twenty epochs, with a learning rate of 0.1.
        accuracy_fast: the same with a learning rate of 10.
        runs: the two runs that they come from, in this order.
        x, y: the validation set, (m, 784), and its labels, (m,).
        needs: the data set; a stand-in is too small to say which accuracy is higher.
    """
    ratio = numbers(gradient_ratio, called="the ratio of the gradients")
    if not np.isclose(ratio, 50, rtol=1e-3):
        raise Hint(_of_ratio(ratio))
    slow = numbers(accuracy, called="the accuracy with 0.1")
    fast = numbers(accuracy_fast, called="the accuracy with 10")
    for value, rate in ((slow, 0.1), (fast, 10)):
        if not 0 <= value <= 1:
            raise Hint(f"the accuracy with {rate} is {value:.4g}; it's to be a share from 0 to 1")
    models = [run.model for run in trained(runs, number=2, epochs=20)]
    for model, rate in zip(models, (0.1, 10), strict=True):
        if not isinstance(model.loss, nn.MeanSquaredError):
            raise Hint("one of the runs has another loss; it's to be mean_squared_error")
        if not np.isclose(model.optimizer.learning_rate, rate):
            raise Hint(
                f"the run that is to have the learning rate {rate} has "
                f"{model.optimizer.learning_rate:g}; hand in first that with 0.1, then that with 10"
            )
    accuracies(np.array([slow, fast]), models, x, y)
    if needs is not None and needs.is_stand_in:
        return
    if slow >= fast:
        raise Hint("with 10 it's to be higher than with 0.1; are the targets one-hot?")


def _of_ratio(ratio) -> str:
    """What to think of next where the ratio of the gradients is wrong."""
    if np.isclose(ratio, 1 / 50, rtol=1e-3):
        return "this is the other way round: by the squared error's gradient divide cross-entropy's"
    if np.isclose(ratio, 10):
        return "softmax's derivative brings 1/10; the derivative of the mean of ten squares brings more"
    if np.isclose(ratio, 5):
        return "the mean of ten squares brings 2/10; the derivative of softmax brings more"
    if np.isclose(ratio, 100):
        return "almost: the derivative of a square brings a factor of two"
    return (
        "hand both losses the same fresh model and the same examples (model.gradients), and divide the "
        "length of the one gradient by that of the other"
    )
