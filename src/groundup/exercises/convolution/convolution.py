"""Exercises of the chapter on convolution."""

import itertools

import numpy as np

from groundup import nn
from groundup.exercises.checking import Hint, alike, check, numbers, parts

SIDE = 3  # of a filter
FULL = 3.0  # the ink of a whole stroke


@check
def by_design(moved, line, bias) -> None:
    """Two filters of three by three, the second with a bias.

    Args:
        moved: gives the picture moved by one pixel to the right.
        line, bias: answer to a vertical line one pixel wide with a positive number, and not so to paper,
            to plain ink, to edges and to horizontal lines.
    """
    K = numbers(moved, (SIDE, SIDE), "the filter that moves")
    x = np.random.default_rng(0).integers(0, 4, size=(9, 8)).astype(float)
    found = _map(x, K)
    if not alike(found, x[1:-1, :-2]):
        for wrong, hint in (
            (
                x[1:-1, 1:-1],
                "this leaves the picture where it is; whose ink is to come to a place?",
            ),
            (
                x[1:-1, 2:],
                "this moves it to the left: each place of the map has its right neighbour",
            ),
            (x[:-2, 1:-1], "this moves it down"),
            (x[2:, 1:-1], "this moves it up"),
        ):
            if alike(found, wrong):
                raise Hint(hint)
        if np.count_nonzero(K) == 1:
            raise Hint("all weights but one are zero, as they should be; where is it to stand?")
        raise Hint("each place of the map is to have the ink of one pixel, so one weight is enough")
    _judge_line(
        numbers(line, (SIDE, SIDE), "the filter for lines"), numbers(bias, called="its bias")
    )


def _judge_line(K: np.ndarray, bias) -> None:
    columns, rows = FULL * K.sum(axis=0), FULL * K.sum(axis=1)

    def told(answer):
        return f"the first filter is right; the second answers {answer + bias:g} to "

    if columns[1] + bias <= 0:
        raise Hint(told(columns[1]) + "a vertical line, and that isn't positive")
    for name, answer in {
        "paper": 0, "plain ink": columns.sum(), "a left edge": columns[1:].sum(),
        "a left edge, one pixel on": columns[2], "a right edge": columns[:2].sum(),
        "a right edge, one pixel on": columns[0], "a horizontal line": rows[1],
    }.items():  # fmt: skip
        if answer + bias > 1e-6:
            cure = "; a bias can take that away" if not bias and columns[1] > answer else ""
            raise Hint(f"{told(answer)}{name}, too{cure}")


@check
def keep_the_size(margin) -> None:
    """A function of a filter's side q and of the dilation D that returns the margin with which a picture
    keeps its size, at a stride of 1; and None if there is no such margin.
    """
    for q, dilation in itertools.product((3, 5, 7, 1, 2, 4), (1, 2, 3)):
        where = f"for q = {q} and D = {dilation} "
        found, reach = margin(q, dilation), dilation * (q - 1)
        if reach % 2:
            if found is not None:
                raise Hint(
                    f"{where}it gave {found!r}, but an odd number of pixels is missing, and the two "
                    "margins are alike: return None"
                )
            continue
        if found is None:
            raise Hint(f"{where}there is one, and it gave None")
        found = numbers(found, called=where + "the margin")
        if found != reach / 2:
            raise Hint(where + _of_margin(found, q, dilation))


def _of_margin(found, q: int, dilation: int) -> str:
    """What to think of next where a margin is wrong."""
    reach = dilation * (q - 1)
    if found == reach:
        return "that's what is missing in all; it lies half on each side"
    if found == (q - 1) / 2:
        return (
            "the dilation is left out: how many pixels lie between the first weight and the last?"
        )
    if found == dilation * q / 2 or found == (dilation * q) // 2:
        return "this would be right if a filter with one weight took a pixel away: it's q minus 1 steps"
    return f"the map has a side of h + 2P − D(q − 1), so what must 2P be? It gave {found:g}"


@check
def far_apart(predicted, field) -> None:
    """How far a number sees through three layers of three by three with dilations of 1, 2 and 4.

    Args:
        predicted: the side of its receptive field, in pixels.
        field: a function of a list of layers, each (q, S, D) for side, stride and dilation, that returns
            the side of the receptive field of a number behind the last.
    """
    side = numbers(predicted, called="the side")
    if side != 15:
        for wrong, hint in (
            (7, "this is without the dilation"),
            (13, "the first layer sees 3 pixels, and one sees itself: where does the sum begin?"),
            (14, "almost; a number that no layer has made sees one pixel, itself"),
            (21, "the dilated filters reach over 3, 5 and 9 pixels, but they overlap"),
            (27, "reaches add up; they don't multiply"),
            (225, "that is the number of pixels; the side was asked for"),
        ):
            if side == wrong:
                raise Hint(hint)
        raise Hint(
            "each layer adds the distance from its filter's first weight to its last, in pixels"
        )
    for layers in (
        [(3, 1, 1)], [(2, 2, 1), (5, 1, 1)], [(3, 1, 1), (3, 1, 2), (3, 1, 4)], [(3, 2, 1), (3, 1, 2)],
        [(3, 2, 2), (2, 3, 1), (4, 1, 3)], [(5, 1, 3)],
    ):  # fmt: skip
        found = numbers(field([*layers]), called="what field returns")
        if found != _field(layers):
            raise Hint(
                f"{side:g} is right; of {layers} field makes {found:g}. {_of_field(found, layers)}"
            )


def _field(layers, dilated=True, jumping=True, late=False) -> int:
    """The side by the rule, or with a mistake in it."""
    side, jump = 1, 1
    for q, stride, dilation in layers:
        jump *= stride if late and jumping else 1
        side += (q - 1) * (dilation if dilated else 1) * jump
        jump *= stride if jumping and not late else 1
    return side


def _of_field(found, layers) -> str:
    """What to think of next where a receptive field is wrong."""
    if found == _field(layers, dilated=False):
        return "the dilation is left out"
    if found == _field(layers, jumping=False):
        return "behind a stride of 2 neighbours lie two pixels apart"
    if found == _field(layers, late=True):
        return "a layer's own stride counts for those behind it, not for itself"
    if found == _field(layers) - 1:
        return "it begins at zero; one pixel sees itself"
    return f"it should be {_field(layers)}"


@check
def with_a_stride(back) -> None:
    """A function of a picture (h, h), a filter (q, q), the gradients of the map and the stride, that
    returns the gradients of the filter and of the picture.
    """
    rng = np.random.default_rng(0)
    for h, q, stride in ((6, 3, 1), (9, 3, 2), (8, 2, 2), (10, 3, 3), (8, 3, 2)):
        x, K = rng.normal(size=(h, h)), rng.normal(size=(q, q))
        places = (h - q) // stride + 1
        dz = rng.normal(size=(places, places))
        given = parts(back(x.copy(), K.copy(), dz.copy(), stride), ("dK", "dx"))
        dK, dx = (
            numbers(part, truth.shape, called=name)
            for part, truth, name in zip(given, (K, x), ("dK", "dx"), strict=True)
        )
        truth_K, truth_x = _back(x, K, dz, stride)
        where = f"with a stride of {stride} "
        if not alike(dK, truth_K):
            raise Hint(where + _of_filter(dK, x, K, dz, stride))
        if not alike(dx, truth_x):
            raise Hint(where + "dK is right; " + _of_picture(dx, x, K, dz, stride))


def _of_filter(dK, x, K, dz, stride) -> str:
    """What to think of next where the filter's gradient is wrong."""
    q = len(K)
    if alike(dK, _back(x, K, dz, 1)[0]):
        return "dK takes its windows one pixel apart; where does the window of dz[u, v] begin?"
    if alike(dK, dz[-1, -1] * x[stride * (len(dz) - 1) :, stride * (len(dz) - 1) :][:q, :q]):
        return "dK is the last window's share only; the shares add up"
    return "dK isn't right: each window counts as much as the gradient of its place in the map"


def _of_picture(dx, x, K, dz, stride) -> str:
    """What to think of next where the picture's gradient is wrong."""
    q, last = len(K), np.zeros(x.shape)
    for u, v in np.ndindex(dz.shape):
        last[stride * u : stride * u + q, stride * v : stride * v + q] = dz[u, v] * K
    if alike(dx, last):
        return "where windows overlap in dx, the later one overwrites the one before; add it"
    if alike(dx, _back(x, K, dz, 1)[1]):
        return "dx lays the filter down one pixel apart"
    if alike(dx, _back(x, K[::-1, ::-1], dz, stride)[1]):
        return "dx has the filter turned round; it's laid down as it is"
    return (
        "dx isn't: lay the filter down at each window, times the gradient of its place in the map"
    )


def _back(x, K, dz, stride):
    q, dK, dx = len(K), np.zeros(K.shape), np.zeros(x.shape)
    for u, v in np.ndindex(dz.shape):
        rows, columns = (slice(stride * place, stride * place + q) for place in (u, v))
        dK += dz[u, v] * x[rows, columns]
        dx[rows, columns] += dz[u, v] * K
    return dK, dx


def _map(x: np.ndarray, K: np.ndarray) -> np.ndarray:
    """What the engine makes of a picture, in double precision."""
    network = nn.Sequential([nn.Input((*x.shape, 1)), nn.Conv2D(1, SIDE, use_bias=False)])
    (layer,) = network.astype("float64").layers
    layer.W[:] = K[:, :, None, None]
    return layer.forward(x[None, :, :, None])[0, :, :, 0]
