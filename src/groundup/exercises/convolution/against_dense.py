"""Exercises of the chapter that holds convolutional networks against dense ones."""

import numpy as np

from groundup.exercises.checking import Hint, alike, check, numbers, rounded, trained

PARAMETERS = 20_680  # of the dense network
EPOCHS, NETWORKS = 30, 5


@check
def deeper(width, five, shares, x, y) -> None:
    """A dense network with two hidden layers that has as many parameters as the others.

    Args:
        width: how many units each hidden layer has.
        five: the five runs.
        shares: what share of the held-out digits each network reads, (5,).
        x, y: the held-out digits, (m, 28, 28, 1), and their labels.
    """
    found = numbers(width, called="the width")
    if found % 1 or found < 1:
        raise Hint("a layer has a whole number of units")
    count = 785 * found + (found + 1) * found + (found + 1) * 10
    off = count / PARAMETERS - 1
    if abs(off) > 0.02:
        if found == 26:
            raise Hint(
                f"with 26 units in each of two layers there are {count:,.0f} parameters; "
                "the second layer has some, too"
            )
        side = "more" if off > 0 else "fewer"
        raise Hint(
            f"such a network has {count:,.0f} parameters, {side} than the {PARAMETERS:,} of the dense one"
        )
    for run in trained(five, NETWORKS, EPOCHS):
        if run.model.count_params() != count:
            raise Hint(
                f"the width is right, but a network that you handed in has {run.model.count_params():,} "
                f"parameters, not {count:,.0f}"
            )
    _judge_shares(shares, five, x, y)


@check
def local_and_shuffled(five, shares, x, y) -> None:
    """Five local networks that have learned from shuffled digits.

    Args:
        five: the five runs.
        shares: what share of the shuffled held-out digits each network reads, (5,).
        x, y: the shuffled held-out digits, (m, 28, 28, 1), and their labels.
    """
    for run in trained(five, NETWORKS, EPOCHS):
        if run.model.count_params() != 20_746:
            raise Hint("this isn't the local network with 4 maps, which make_local makes")
    _judge_shares(shares, five, x, y)


def _judge_shares(shares, five, x, y) -> None:
    """Whether each share is what a network reads, to three digits."""
    found = numbers(shares, None, "the shares")
    if found.shape != (NETWORKS,):
        raise Hint(f"there are to be five shares, one for each network; these are {found.shape}")
    if found.max() > 1:
        raise Hint("a share lies between 0 and 1")
    truths = [np.mean(run.predict(x, batch_size=1000).argmax(axis=1) == y) for run in five]
    if rounded(found, np.array(truths), to=0.001):
        return
    if rounded(found, 1 - np.array(truths), to=0.001):
        raise Hint("this is what they misread")
    if rounded(np.sort(found), np.sort(truths), to=0.001):
        raise Hint("the shares are right, but some have changed places")
    raise Hint(
        "this isn't what these networks read of the digits that you handed in; are the digits the same?"
    )


@check
def as_matrix(as_matrix) -> None:
    """A function that makes the weights of a dense layer of a filter.

    Args:
        as_matrix: of a filter, (q, q), the side of a picture, and a stride: the weights,
            (h * h, places * places), by which the picture's pixels give the map's numbers.
    """
    rng = np.random.default_rng(0)
    for h, q, stride in ((5, 3, 1), (7, 3, 2), (8, 2, 3)):
        _judge_matrix(as_matrix, rng.normal(size=(q, q)), h, stride)


def _judge_matrix(as_matrix, K: np.ndarray, h: int, stride: int) -> None:
    truth = _matrix(K, h, stride)
    found = numbers(as_matrix(K.copy(), h, stride), None, "the weights")
    if found.shape == truth.T.shape != truth.shape:
        raise Hint("a row for each pixel and a column for each unit; these are the other way round")
    if found.shape == _matrix(K, h, 1).shape != truth.shape:
        raise Hint(f"this is a map as stride 1 would make it, and the stride here is {stride}")
    if found.shape != truth.shape:
        raise Hint(
            f"for a picture of side {h}, a filter of side {len(K)} and stride {stride} the weights are "
            f"{truth.shape}, and these are {found.shape}"
        )
    if alike(found, truth):
        return
    if alike(found, _matrix(K[::-1, ::-1], h, stride)):
        raise Hint(
            "the filter has made half a turn; pixel and weight meet as they lie on each other"
        )
    if alike(found, _matrix(K.T, h, stride)):
        raise Hint("rows and columns of the filter have changed places")
    side = round(truth.shape[1] ** 0.5)
    turned = truth.reshape(h * h, side, side).swapaxes(1, 2).reshape(truth.shape)
    if alike(found, turned):
        raise Hint("the columns go down the map first; they are to go along its rows")
    if np.count_nonzero(found) > np.count_nonzero(truth):
        raise Hint(f"a unit sees {K.size} pixels, and all its other weights are zero")
    raise Hint("which pixels does the unit at row u and column v see, and where are they in a row?")


def _matrix(K: np.ndarray, h: int, stride: int) -> np.ndarray:
    """What a convolution makes of each picture with a single pixel of ink: a row for each."""
    ink = np.eye(h * h).reshape(h * h, h, h)
    windows = np.lib.stride_tricks.sliding_window_view(ink, K.shape, axis=(1, 2))
    return np.einsum("iuvpr,pr->iuv", windows[:, ::stride, ::stride], K).reshape(h * h, -1)


@check
def needed(needed) -> None:
    """A function that looks up how many examples a share takes.

    Args:
        needed: of a share, sizes that rise and the shares that go with them: how many examples it takes
            for the share, along straight lines if sizes are drawn on a logarithmic axis; infinity beyond
            the largest share, and NaN below the smallest.
    """
    sizes, shares = np.array([10, 100, 1000]), np.array([0.5, 0.7, 0.8])
    trials = {0.7: 100.0, 0.6: 10**1.5, 0.775: 10**2.75}
    for share, truth in trials.items():
        found = _looked_up(needed, share, sizes, shares)
        if np.isclose(found, truth, rtol=1e-3):
            continue
        if np.isclose(found, np.interp(share, shares, sizes), rtol=1e-3):
            raise Hint("that's straight on an axis of plain numbers; the figure's is logarithmic")
        if np.isclose(found, np.interp(share, shares, np.log10(sizes)), rtol=1e-3) or np.isclose(
            found, np.interp(share, shares, np.log(sizes)), rtol=1e-3
        ):
            raise Hint("this is the logarithm of the number; turn it back")
        if found in sizes:
            raise Hint("this is one of the sizes; the curve goes on between them")
        raise Hint(f"where does a line from (10, 0.5) by way of (100, 0.7) come to {share}?")
    beyond = _looked_up(needed, 0.9, sizes, shares)
    if not np.isposinf(beyond):
        raise Hint(f"the curve never gets to 0.9, and the answer is {beyond:.6g}, not infinity")
    below = _looked_up(needed, 0.4, sizes, shares)
    if not np.isnan(below):
        raise Hint(
            f"the curve begins above 0.4, and the answer is {below:.6g}, not NaN: fewer than 10 would do"
        )


def _looked_up(needed, share: float, sizes: np.ndarray, shares: np.ndarray) -> float:
    found = needed(share, sizes.copy(), shares.copy())
    if isinstance(found, float | np.ndarray) and np.size(found) == 1 and np.isposinf(found):
        if share <= shares.max():
            raise Hint(f"the curve does get to {share}, and the answer is infinity")
        return np.inf
    if isinstance(found, float | np.ndarray) and np.size(found) == 1 and np.isnan(found):
        if share >= shares.min():
            raise Hint(f"the curve does pass {share}, and the answer is NaN")
        return np.nan
    return float(numbers(found, called="the number of examples"))
