"""What is trained: the networks that the book trains."""

import dataclasses
import os
from pathlib import Path

import numpy as np


@dataclasses.dataclass(frozen=True)
class Task:
    """A network and how it is trained.

    Args:
        title: what to call it.
        batch_size: the examples in a step.
        epochs: how many every peer trains, in each round.
        hidden: the units of its hidden layers, ReLU each.
        filters: the 3×3 filters, ReLU, of a convolution with 2×2 pooling before these; 0 is none.
        optimizer: ``"adam"``, or ``"sgd"`` with learning rate 0.1.
        text: of characters instead, ``"lstm"``: embedding 32, LSTM 128; ``"gpt"``: 4 blocks of width 64
            with 2 heads each; both in windows of 64, each step with the next character as its label.
    """

    title: str
    batch_size: int
    epochs: int
    hidden: tuple[int, ...] = ()
    filters: int = 0
    optimizer: str = "adam"
    text: str = ""


WINDOW, SYMBOLS = 64, 65  # of the texts
CHARACTERS = 2**18  # to train on in an epoch
WIDTH, BLOCKS, HEADS = 64, 4, 2  # of the small GPT
TASKS = {
    "softmax": Task("softmax regression, SGD, batch 100", 100, 3, optimizer="sgd"),
    "mlp-20": Task("784-128-128-128-10, Adam, batch 20", 20, 3, (128,) * 3),
    "mlp-128": Task("784-128-128-128-10, Adam, batch 128", 128, 3, (128,) * 3),
    "cnn": Task("convolution 32, dense 128, Adam, batch 32", 32, 2, (128,), 32),
    "char-lstm": Task("characters: LSTM 128, Adam, batch 64", 64, 3, text="lstm"),
    "small-gpt": Task("characters: GPT, 4 blocks of 64, Adam, batch 32", 32, 3, text="gpt"),
}


def load(task: Task) -> tuple[np.ndarray, ...]:
    """Training and test set of a task."""
    return characters() if task.text else mnist(task)


def characters() -> tuple[np.ndarray, ...]:
    """Windows of Shakespeare, each with the characters that follow, for training and to test.

    Raises:
        RuntimeError: there is no mirror to read it from.
    """
    folder = os.environ.get("GROUNDUP_DATA")
    path = Path(folder or ".") / "shakespeare.txt"
    if not folder or not path.exists():
        raise RuntimeError(
            "a benchmark of texts needs GROUNDUP_DATA, a mirror with shakespeare.txt"
        )
    numbers = {character: n for n, character in enumerate(sorted(set(path.read_text())))}
    text = np.array([numbers[character] for character in path.read_text()])
    count = CHARACTERS // WINDOW + 256
    x, y = (text[start:][: count * WINDOW].reshape(-1, WINDOW) for start in (0, 1))
    return x[:-256], y[:-256], x[-256:], y[-256:]


def mnist(task: Task) -> tuple[np.ndarray, ...]:
    """Training and test set: pixels from 0 to 1 as the task's network takes them, and labels."""
    from groundup import data

    found = data.load("mnist")
    if found.is_stand_in:
        raise RuntimeError("a benchmark on stand-ins says nothing; let GROUNDUP_DATA name a mirror")
    shape = (-1, 28, 28, 1) if task.filters else (-1, 784)
    x_train, x_test = (
        np.divide(x, 255, dtype=np.float32).reshape(shape) for x in (found.x_train, found.x_test)
    )
    return x_train, found.y_train.astype(np.int64), x_test, found.y_test.astype(np.int64)
