"""Convolutional networks that read MNIST's digits."""

import keras
import numpy as np
from keras import layers

from groundup import data, runs

RECIPE = {"epochs": 5, "batch_size": 32}
STEPS = 9375  # in which that goes through the whole training set


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
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def make_better_network(steps: int = STEPS) -> keras.Model:
    """A network with two convolutions, dropout and a learning rate that falls to zero, compiled.

    Args:
        steps: how many steps it takes for that.
    """
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
    falling = keras.optimizers.schedules.CosineDecay(0.001, steps)
    adam = keras.optimizers.Adam(falling)
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def pictures(digits: np.ndarray) -> np.ndarray:
    """Digits as these networks want them: ink from 0 to 1, with an axis for the one channel.

    Args:
        digits: grey values from 0 to 255, (m, 28, 28).

    Returns:
        The same, (m, 28, 28, 1).
    """
    return digits[..., None] / np.float32(255)


def better_run(seed: int = 0, **more) -> runs.Run:
    """The better network, trained on the whole training set, or remembered.

    Args:
        seed: what its chance begins with.
        more: what else ``runs.fit`` takes.
    """
    mnist = data.load("mnist")
    known = {"name": "digits-better", "seed": seed, **RECIPE, **more}
    return runs.fit(make_better_network, pictures(mnist.x_train), mnist.y_train, **known)
