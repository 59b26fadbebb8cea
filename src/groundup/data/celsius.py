"""Temperatures in degrees Celsius with the same in degrees Fahrenheit, made by code."""

import numpy as np

from groundup.data.dataset import Dataset, Description

DESCRIPTION = Description(
    name="celsius",
    title="Celsius and Fahrenheit",
    source="made by groundup.data.celsius",
    licence="CC0",
    citation="the definition of the Fahrenheit scale, F = 1.8 C + 32",
)


def load() -> Dataset:
    """160 pairs, 128 to train and 32 to test; temperatures uniform between −40 °C and 100 °C.

    Shapes:
        x and y are (128, 1) for training, (32, 1) for testing, float32.
    """
    celsius = np.random.default_rng(0).uniform(-40, 100, size=(160, 1)).astype(np.float32)
    fahrenheit = (1.8 * celsius + 32).astype(np.float32)
    return Dataset(
        DESCRIPTION,
        "made by code",
        x_train=celsius[:128],
        y_train=fahrenheit[:128],
        x_test=celsius[128:],
        y_test=fahrenheit[128:],
    )
