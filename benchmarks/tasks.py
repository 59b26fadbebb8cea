"""What is trained: the networks that the book trains."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Task:
    """A network and how it is trained.

    Args:
        title: what to call it.
        hidden: the units of its hidden layers, ReLU each.
        filters: the 3×3 filters, ReLU, of a convolution with 2×2 pooling before these; 0 is none.
        optimizer: ``"adam"``, or ``"sgd"`` with learning rate 0.1.
        batch_size: the examples in a step.
        epochs: how many every peer trains, in each round.
    """

    title: str
    hidden: tuple[int, ...]
    filters: int
    optimizer: str
    batch_size: int
    epochs: int


TASKS = {
    "softmax": Task("softmax regression, SGD, batch 100", (), 0, "sgd", 100, 3),
    "mlp-20": Task("784-128-128-128-10, Adam, batch 20", (128,) * 3, 0, "adam", 20, 3),
    "mlp-128": Task("784-128-128-128-10, Adam, batch 128", (128,) * 3, 0, "adam", 128, 3),
    "cnn": Task("convolution 32, dense 128, Adam, batch 32", (128,), 32, "adam", 32, 2),
}


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
