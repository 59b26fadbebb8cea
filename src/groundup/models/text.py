"""Shakespeare's plays as numbers of their characters, in stretches and in windows."""

import functools
from typing import NamedTuple

import numpy as np

from groundup import data

ALPHABET = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHARACTERS = len(ALPHABET)
LENGTH = 64


class Split(NamedTuple):
    """The plays as numbers of their characters, in three stretches, each (n,) of uint8."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


@functools.cache
def split() -> Split:
    """The plays, with the last tenth of their training text for choices."""
    plays = data.load("shakespeare")
    known, test = (
        np.append(x, y[-1:])
        for x, y in ((plays.x_train, plays.y_train), (plays.x_test, plays.y_test))
    )
    cut = len(known) * 9 // 10
    return Split(known[:cut], known[cut:], test)


def as_text(numbers: np.ndarray) -> str:
    """The text of these numbers of characters."""
    return "".join(ALPHABET[n] for n in numbers)


def as_numbers(text: str) -> np.ndarray:
    """The numbers of a text's characters, (n,) of uint8.

    Raises:
        ValueError: the plays don't have one of them.
    """
    return np.array([ALPHABET.index(c) for c in text], np.uint8)


def windows(
    text: np.ndarray, length: int = LENGTH, stride: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Windows of a text, and for each of their characters the one that comes next.

    Args:
        text: numbers of characters, (n,).
        length: of a window.
        stride: how far the next window begins after the one before; None is its length, so that each
            character stands in one window.

    Returns:
        Both (m, length).
    """
    starts = np.arange(0, len(text) - length, stride or length)
    places = starts[:, None] + np.arange(length)
    return text[places], text[places + 1]
