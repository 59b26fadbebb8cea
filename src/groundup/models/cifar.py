"""Convolutional networks that tell CIFAR-10's photographs apart."""

import functools
from typing import NamedTuple

import keras
import numpy as np
from keras import layers

from groundup import data, runs
from groundup.models.cifar_parts import ShiftAndFlip, Triangle

BATCH = 128
ALEXNET_EPOCHS, BEST_EPOCHS, TWIN_EPOCHS = 10, 12, 10


class Split(NamedTuple):
    """CIFAR-10's pictures as bytes, and their labels, in three sets."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


@functools.cache
def split() -> Split:
    """CIFAR-10 with the last fifth of its training pictures as validation set: 40,000, 10,000, 10,000."""
    cifar = data.load("cifar10")
    cut = len(cifar.x_train) * 4 // 5
    x, y = cifar.x_train, cifar.y_train
    return Split(x[:cut], y[:cut], x[cut:], y[cut:], cifar.x_test, cifar.y_test)


def targets(labels: np.ndarray) -> np.ndarray:
    """Labels as the probabilities that these networks are to give: a one, and nine zeros.

    Args:
        labels: from 0 to 9, (m,).

    Returns:
        The same, (m, 10).
    """
    return np.eye(10, dtype=np.float32)[labels]


def steps_of(examples: int, epochs: int) -> int:
    """How many steps so many epochs take."""
    return epochs * -(-examples // BATCH)


def make_alexnet() -> keras.Model:
    """A small AlexNet: five convolutions, three poolings and two dense layers, compiled."""
    return alexnet((32, 64, 96, 96, 64), 1024)


def make_twin(
    normalized: bool = False,
    residual: bool = False,
    steps: int = 790,
    passes: int = TWIN_EPOCHS,
    augmented: bool = False,
    peak: float | None = None,
    smoothing: float = 0.0,
    dropout: float = 0.5,
) -> keras.Model:
    """AlexNet's twin, a quarter as wide, with changes or without, compiled.

    Args:
        normalized: with batch normalization behind each convolution.
        residual: with a shortcut around the last three convolutions, :eq:`residual`.
        steps: how many steps it will train.
        passes: how many epochs these are.
        augmented: with pictures that are moved and mirrored.
        peak: the largest learning rate of a schedule that rises and falls; None for a constant one.
        smoothing: how much of each label goes to all classes alike.
        dropout: which share of the units is switched off.
    """
    changes = {"normalized": normalized, "residual": residual, "smoothing": smoothing}
    rate = Triangle(peak, steps) if peak else 0.001
    period = steps // passes if augmented else None
    return alexnet((8, 16, 24, 24, 16), 256, rate, period, dropout=dropout, **changes)


def alexnet(
    widths, units, rate=0.001, period=None,
    normalized=False, residual=False, smoothing=0.0, dropout=0.5,
) -> keras.Model:  # fmt: skip
    """A network in the shape of AlexNet, with changes or without, compiled.

    Args:
        widths: of its five convolutions.
        units: in each of its two dense layers.
        rate: a learning rate, or a schedule of it.
        period: the steps of an epoch, if pictures are to be moved and mirrored.
        normalized, residual, smoothing, dropout: as in ``make_twin``; the shortcut is :eq:`residual`.
    """

    def convolved(signal, width):
        signal = layers.Conv2D(width, 3, padding="same")(signal)
        return layers.BatchNormalization(momentum=0.9)(signal) if normalized else signal

    inputs = keras.Input((32, 32, 3), dtype="uint8")
    signal = inputs if period is None else ShiftAndFlip(period=period)(inputs)
    signal = layers.Rescaling(1 / 64, -1.875)(signal)
    for width in widths[:2]:
        signal = layers.ReLU()(convolved(signal, width))
        signal = layers.MaxPooling2D()(signal)
    shortcut = signal
    for width in widths[2:4]:
        signal = layers.ReLU()(convolved(signal, width))
    signal = convolved(signal, widths[4])
    if residual:
        signal = layers.Add()([shortcut, signal])
    signal = layers.Flatten()(layers.MaxPooling2D()(layers.ReLU()(signal)))
    for _ in range(2):
        signal = layers.Dense(units, activation="relu")(signal)
        signal = layers.Dropout(dropout)(signal)
    model = keras.Model(inputs, layers.Dense(10, activation="softmax")(signal))
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model


def whitening(pictures: np.ndarray) -> np.ndarray:
    """Filters whose answers to a picture's 2×2 patches are unrelated, and about equally strong.

    They are the eigenvectors of the patches' second moments, each divided by the square root of its
    eigenvalue, and the same once more with their signs changed, since the next thing is an activation.

    Args:
        pictures: bytes, (m, side, side, 3).

    Returns:
        A kernel for a convolution, (2, 2, 3, 24).
    """
    signal = pictures.astype(np.float64) / 64 - 1.875
    windows = np.lib.stride_tricks.sliding_window_view(signal, (2, 2), axis=(1, 2))
    patches = np.moveaxis(windows, 3, -1).reshape(-1, 12)
    values, vectors = np.linalg.eigh(patches.T @ patches / len(patches))
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0)[None], axis=0)
    filters = vectors * np.sign(largest) / np.sqrt(values + 5e-4)
    kernel = np.concatenate([filters, -filters], axis=1).reshape(2, 2, 3, 24)
    return np.round(kernel, 4).astype(np.float32)  # the same on every machine


def make_best_network(kernel: np.ndarray, steps: int = 3756) -> keras.Model:
    """The best network that we have found for the time of one and a half AlexNets, compiled.

    Args:
        kernel: of its first layer, which doesn't learn, see ``whitening``.
        steps: how many steps it will train.
    """
    fixed = layers.Conv2D(24, 2, use_bias=False, trainable=False, activation="gelu")
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3), dtype="uint8"),
            ShiftAndFlip(pixels=2, period=steps // BEST_EPOCHS),
            layers.Rescaling(1 / 64, -1.875),
            fixed,
            *_stage(32),
            *_stage(64),
            *_stage(128),
            layers.GlobalMaxPooling2D(),
            layers.Dense(10, use_bias=False),
            layers.Rescaling(1 / 9),
            layers.Softmax(),
        ]
    )
    fixed.set_weights([kernel])
    sgd = keras.optimizers.SGD(Triangle(0.2, steps), momentum=0.85, nesterov=True)
    smoothed = keras.losses.CategoricalCrossentropy(label_smoothing=0.2)
    model.compile(sgd, smoothed, metrics=["accuracy"])
    return model


def _stage(width: int) -> list[layers.Layer]:
    """Two convolutions, with pooling behind the first, and batch normalization behind both."""

    def convolution():
        return layers.Conv2D(width, 3, padding="same", use_bias=False)

    def normalized():
        return [
            layers.BatchNormalization(scale=False, momentum=0.6),
            layers.Activation("gelu"),
        ]

    pooling = layers.MaxPooling2D()
    return [convolution(), pooling, *normalized(), convolution(), *normalized()]


def mirrored(run: runs.Run, pictures: np.ndarray) -> np.ndarray:
    """What a network says of pictures and of their mirror images, on average.

    Args:
        run: the network's.
        pictures: bytes, (m, 32, 32, 3).

    Returns:
        Probabilities, (m, 10).
    """
    views = pictures, pictures[:, :, ::-1]
    return np.mean([run.predict(view, batch_size=500) for view in views], axis=0)


def alexnet_run(seed: int = 0, **more) -> runs.Run:
    """The small AlexNet, trained on 40,000 pictures, or remembered.

    Args:
        seed: what its chance begins with.
        more: what else ``runs.fit`` takes.
    """
    return _run(make_alexnet, "cifar10-alexnet", ALEXNET_EPOCHS, seed, more)


def best_run(seed: int = 0, **more) -> runs.Run:
    """The best network, trained on the same 40,000 pictures, or remembered.

    Args:
        seed: what its chance begins with.
        more: what else ``runs.fit`` takes.
    """
    pictures = split().x_train
    steps = steps_of(len(pictures), BEST_EPOCHS)
    make = functools.partial(make_best_network, whitening(pictures[:5000]), steps)
    return _run(make, "cifar10-best", BEST_EPOCHS, seed, more)


def _run(make, name: str, epochs: int, seed: int, more: dict) -> runs.Run:
    sets = split()
    watched = (sets.x_validation, targets(sets.y_validation))
    known = {"name": name, "seed": seed, "epochs": epochs, "batch_size": BATCH}
    known = {**known, "validation_data": watched, "validation_batch_size": 500, **more}
    return runs.fit(make, sets.x_train, targets(sets.y_train), **known)
