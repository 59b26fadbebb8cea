"""Plays of Shakespeare as one long text of characters; a few of his sonnets stand in for them."""

from pathlib import Path

import numpy as np

from groundup.data import sources
from groundup.data.dataset import Dataset, Description
from groundup.data.sonnets import SONNETS

FILE = "shakespeare.txt"
CHARACTERS = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ADDRESS = (
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
)
DESCRIPTION = Description(
    name="shakespeare",
    title="Tiny Shakespeare, the text of plays",
    source="William Shakespeare; put together by Andrej Karpathy",
    licence="public domain",
    citation="Karpathy (2015), The unreasonable effectiveness of recurrent neural networks",
    sha256="86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    classes=tuple(CHARACTERS),
)
STAND_IN = Description(
    name="shakespeare",
    title="Thirteen sonnets",
    source="William Shakespeare",
    licence="public domain",
    citation="Shakespeare (1609), Sonnets",
    classes=tuple(CHARACTERS),
)


def _download() -> None:
    import keras

    keras.utils.get_file(FILE, ADDRESS)


SOURCES = {
    "mirror": lambda: sources.from_mirror(FILE, DESCRIPTION.sha256),
    "original source": lambda: sources.from_original(
        FILE, DESCRIPTION.sha256, "raw.githubusercontent.com", _download
    ),
}


def read(path: Path) -> dict[str, np.ndarray]:
    """The text as numbers of its 65 characters, the first nine tenths to train, the last to test.

    Each y is the character after its x: x_train and y_train are (1003853,), x_test and y_test
    (111539,), uint8.
    """
    return _of_text(path.read_text(encoding="ascii"))


def _of_text(text: str) -> dict[str, np.ndarray]:
    number = {character: n for n, character in enumerate(CHARACTERS)}
    numbers = np.array([number[character] for character in text], np.uint8)
    cut = len(numbers) * 9 // 10
    train, test = numbers[:cut], numbers[cut:]
    return {"x_train": train[:-1], "y_train": train[1:], "x_test": test[:-1], "y_test": test[1:]}


def stand_in(notes: tuple[str, ...] = ()) -> Dataset:
    """Thirteen sonnets, about eight thousand characters, numbered as the plays' characters are."""
    return Dataset(STAND_IN, "stand-in", **_of_text(SONNETS), notes=notes)
