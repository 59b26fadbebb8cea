"""Convolutional networks that read MNIST's digits."""

from functools import partial

import keras
import numpy as np
from keras import layers

from groundup import data, runs


def make_network() -> keras.Model:
    """A network with one convolution, compiled."""
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def make_better_network() -> keras.Model:
    """A network with two convolutions and dropout, compiled."""
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def pictures(digits: np.ndarray) -> np.ndarray:
    """Digits as these networks want them: ink from 0 to 1, with an axis for the one channel.

    Args:
        digits: grey values from 0 to 255, (m, 28, 28).

    Returns:
        The same, (m, 28, 28, 1).
    """
    return digits[..., None] / np.float32(255)


def network_fit(**more) -> partial:
    """The training of the network with one convolution on the whole training set: five epochs.

    Args:
        more: what else ``runs.fit`` takes, such as ``seed``.

    Returns:
        A call of ``runs.fit``, for ``runs.fit_all`` or to be called.
    """
    return _fit(make_network, **{"name": "digits", "epochs": 5, "batch_size": 32} | more)


def better_fit(**more) -> partial:
    """The training of the better network on the whole training set: twelve epochs of larger batches.

    Args:
        more: what else ``runs.fit`` takes, such as ``seed``.

    Returns:
        A call of ``runs.fit``, for ``runs.fit_all`` or to be called.
    """
    recipe = {"name": "digits-better", "epochs": 12, "batch_size": 128}
    return _fit(make_better_network, **recipe | more)


def better_run(seed: int = 0) -> runs.Run:
    """The better network, trained on the whole training set, or remembered.

    Args:
        seed: what its chance begins with.
    """
    return better_fit(seed=seed)()


def _fit(make, **recipe) -> partial:
    mnist = data.load("mnist")
    return partial(runs.fit, make, pictures(mnist.x_train), mnist.y_train, **recipe)
