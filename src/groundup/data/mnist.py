"""MNIST, handwritten digits; scikit-learn's smaller ones stand in for them."""

from pathlib import Path

import numpy as np

from groundup.data import sources
from groundup.data.dataset import Dataset, Description

FILE = "mnist.npz"
DESCRIPTION = Description(
    name="mnist",
    title="MNIST handwritten digits",
    source="Yann LeCun, Corinna Cortes, Christopher J. C. Burges; distributed by Keras",
    licence="CC BY-SA 3.0",
    citation=(
        "LeCun, Bottou, Bengio and Haffner (1998), "
        "Gradient-based learning applied to document recognition"
    ),
    sha256="731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
)
STAND_IN = Description(
    name="mnist",
    title="Optical recognition of handwritten digits, brought from 8×8 to 28×28 pixels",
    source="Ethem Alpaydin, Cevat Kaynak, UCI Machine Learning Repository; distributed by scikit-learn",
    licence="CC BY 4.0",
    citation="Alpaydin and Kaynak (1998), Cascading classifiers",
)


def _download() -> None:
    import keras

    keras.datasets.mnist.load_data(FILE)


SOURCES = {
    "mirror": lambda: sources.from_mirror(FILE, DESCRIPTION.sha256),
    "original source": lambda: sources.from_original(
        FILE, DESCRIPTION.sha256, "storage.googleapis.com", _download
    ),
}


def read(path: Path) -> dict[str, np.ndarray]:
    """The arrays of the original file: images (60000, 28, 28) and (10000, 28, 28), uint8."""
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def stand_in(notes: tuple[str, ...] = ()) -> Dataset:
    """1,797 real handwritten digits in MNIST's form: (m, 28, 28) uint8, with the same ten classes.

    Every pixel becomes 3×3 pixels, with MNIST's margin around them. The file is in the order of its
    writers, so a test set cut off its end holds the hands of people who aren't in the training set.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    images = np.pad(images.repeat(3, axis=1).repeat(3, axis=2), ((0, 0), (2, 2), (2, 2)))
    labels = digits.target.astype(np.uint8)
    cut = 1497
    return Dataset(
        STAND_IN,
        "stand-in",
        x_train=images[:cut],
        y_train=labels[:cut],
        x_test=images[cut:],
        y_test=labels[cut:],
        notes=notes,
    )
