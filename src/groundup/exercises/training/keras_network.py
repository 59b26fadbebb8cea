"""Exercises of the chapter on a deep network in Keras."""

import itertools

import numpy as np

from groundup.exercises.checking import Hint, check, numbers, parts

SIZES = (784, 128, 128, 128, 10)


def _parameters(sizes) -> int:
    """By :eq:`layer-parameters`; the number of inputs comes first."""
    return sum((n_in + 1) * n for n_in, n in itertools.pairwise(sizes))


@check
def hidden_widths(widths) -> None:
    """Two hidden layers between 784 inputs and 10 outputs, with 109,386 parameters.

    Args:
        widths: how many units each hidden layer has, the first one 128.
    """
    first, second = (
        numbers(width, called="a width")
        for width in parts(widths, ("the first width", "the second"))
    )
    if (first, second) == (64, 128):
        raise Hint("the right widths in the wrong order: the wider layer comes first")
    if first != 128:
        raise Hint("the first hidden layer has 128 units")
    if second % 1 or second < 1:
        raise Hint("a layer has a whole number of units")
    if second == 128:
        raise Hint(
            f"this network has {_parameters((784, 128, 128, 10)):,} parameters, which is too many"
        )
    found = _parameters((784, 128, int(second), 10))
    if found != 109_386:
        slip = 784 * 128 + 128 * second + second * 10
        hint = "; did you count the biases?" if abs(slip - 109_386) < 139 else ""
        raise Hint(f"this network has {found:,} parameters, not 109,386{hint}")


@check
def totals(plain, momentum) -> None:
    """What Keras's total comes to for the chapter's network, with each of two optimizers.

    Args:
        plain: with ``SGD()``.
        momentum: with ``SGD(momentum=0.9)``.
    """
    p = _parameters(SIZES)
    names = {"plain descent": (plain, 0), "momentum": (momentum, 1)}
    for name, (attempt, remembered) in names.items():
        found = numbers(attempt, called=f"the total with {name}")
        if found == (1 + remembered) * p + 2:
            continue
        if found == (1 + remembered) * p:
            raise Hint(f"with {name}: nearly; every optimizer keeps two more numbers for itself")
        if found == remembered * p + 2:
            raise Hint(f"with {name}: this is the optimizer's share alone; add the network's own")
        if remembered == 0 and found == 2 * p + 2:
            raise Hint(
                "with plain descent: it uses a gradient and forgets it, so what does it have to keep?"
            )
        raise Hint(
            f"with {name}: how many numbers does it remember for each of the {p:,} parameters?"
        )


@check
def confusion(count) -> None:
    """A function that counts how often each digit was taken for each.

    Args:
        count: of the true labels and what the network says, (m,) each, the counts as an array (10, 10);
            rows are true, columns are what it says.
    """
    rng = np.random.default_rng(0)
    truth, said = rng.integers(0, 9, 300), rng.integers(0, 10, 300)
    expected = np.zeros((10, 10))
    np.add.at(expected, (truth, said), 1)
    given = truth.copy(), said.copy()
    found = numbers(count(*given), (10, 10), called="the table")
    if np.array_equal(found, expected):
        return
    if np.array_equal(found, expected.T):
        raise Hint("rows and columns have changed places: a row belongs to what a digit truly is")
    if np.array_equal(found, expected > 0):
        raise Hint(
            "each entry is 0 or 1; an assignment with += on many places counts each place once"
        )
    if np.isclose(found.sum(), 1) or np.allclose(found.sum(axis=1)[:9], 1):
        raise Hint("count, don't divide")
    if np.array_equal(found, expected * (1 - np.eye(10))):
        raise Hint("the diagonal is missing: count the digits that are read correctly, too")
    raise Hint(f"of 300 digits the table counts {found.sum():g}, or not all at their places")


@check
def moved(move, plain_share, shift_share) -> None:
    """Held-out digits moved by four pixels, before two kinds of networks.

    Args:
        move: a function that moves pictures, (m, 784), by four pixels to the right.
        plain_share: the share of these that the networks without shifts read, a mean over seeds.
        shift_share: the same of those that trained with shifts.
    """
    pictures = np.random.default_rng(0).random((3, 784)).astype("float32")
    found = numbers(move(pictures.copy()), (3, 784), called="what move gives")
    before, after = pictures.reshape(-1, 28, 28), found.reshape(-1, 28, 28)
    if not np.allclose(after[:, :, 4:], before[:, :, :-4], atol=1e-6):
        if np.allclose(after[:, :, :-4], before[:, :, 4:], atol=1e-6):
            raise Hint("this moves to the left")
        if np.allclose(after[:, 4:], before[:, :-4], atol=1e-6):
            raise Hint("this moves down: axis 1 are the rows, axis 2 the columns")
        raise Hint("each pixel is to be found four columns further right")
    if np.abs(after[:, :, :4]).max() > 0:
        if np.allclose(after, np.roll(pictures, 4, axis=1).reshape(-1, 28, 28), atol=1e-6):
            raise Hint("what leaves a row enters the next one; make pictures of 28 by 28 first")
        raise Hint("the first four columns have to be paper, which is 0")
    shares = [
        numbers(share, called=name)
        for share, name in ((plain_share, "plain_share"), (shift_share, "shift_share"))
    ]
    if not all(0 <= share <= 1 for share in shares):
        raise Hint("a share lies between 0 and 1")
    if shares[0] >= shares[1]:
        raise Hint(
            "the networks that saw shifts read more of the moved digits; are the two changed round?"
        )
    if shares[0] > 0.95:
        raise Hint("so much is read of digits that stand where they were; are these moved?")
