"""CIFAR-10, small photographs in colour; drawn shapes stand in for them."""

import pickle
import tarfile
from pathlib import Path

import numpy as np

from groundup.data import sources
from groundup.data.dataset import Dataset, Description

DESCRIPTION = Description(
    name="cifar10",
    title="CIFAR-10, photographs of ten kinds",
    source="Alex Krizhevsky, Vinod Nair, Geoffrey Hinton; distributed by Keras",
    licence="none stated",
    citation="Krizhevsky (2009), Learning multiple layers of features from tiny images",
    sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    classes=(
        *("airplane", "automobile", "bird", "cat", "deer"),
        *("dog", "frog", "horse", "ship", "truck"),
    ),
)
STAND_IN = Description(
    name="cifar10",
    title="Drawn shapes of ten kinds, in colour",
    source="made by groundup.data.cifar10",
    licence="CC0",
    citation="nothing: code draws them",
    classes=(
        *("disk", "ring", "square", "frame", "hill"),
        *("valley", "plus", "cross", "stripes", "posts"),
    ),
)
ARCHIVE = "cifar-10-batches-py-target_archive"  # as Keras's loader calls it
# The mirror's files: the same pixels in the same order, ten thousand pictures to a sheet.
SHEETS = {
    "train-1.webp": "33ee1170f92bf498b555fd84884f47b0fd5cf861cd8906ba0494510ca02d8860",
    "train-2.webp": "f0cd79b244135a07833be96f5a711f71baf12b52ebbb0558a5e2b87a0fb99d41",
    "train-3.webp": "0fc8b7a37cf952720a4edb4401b27e0ac02fc6d8ec3b7a3fc7e7065e74fb0ea8",
    "train-4.webp": "3b94be3871dce4b7effe0bd85d7fea95d53946968481a5d323db7a3fbeb0ea3e",
    "train-5.webp": "864b5f2f1384951903533f09e5daec38734f154bc6ec7267a7e8fb6008e3942d",
    "test.webp": "1925251749113162ebc2866d7e46840a66fa4573713aa743599fd9d0370e7362",
}
LABELS = {
    "train-labels.npy": "fad921ba16b0efeebb54393d1351545d1fe1a357f6f81324c821e3e11b956c70",
    "test-labels.npy": "19004b019bd095265b4ce6637c9ff979c66abcbc8e658a665f791b487cdea5eb",
}


def _from_mirror() -> Path:
    paths = [sources.from_mirror(f"cifar10/{n}", sha) for n, sha in {**SHEETS, **LABELS}.items()]
    return paths[0].parent


def _download() -> None:
    import keras

    keras.datasets.cifar10.load_data()


SOURCES = {
    "mirror": _from_mirror,
    "original source": lambda: sources.from_original(
        ARCHIVE, DESCRIPTION.sha256, "www.cs.toronto.edu", _download
    ),
}


def read(path: Path) -> dict[str, np.ndarray]:
    """The arrays of the original: pictures (50000, 32, 32, 3) and (10000, 32, 32, 3), uint8, and labels.

    Args:
        path: the original archive, or the mirror's folder.
    """
    return _of_sheets(path) if path.is_dir() else _of_archive(path)


def _of_sheets(folder: Path) -> dict[str, np.ndarray]:
    pictures = [_tiles(folder / name) for name in SHEETS]
    labels = [np.load(folder / name, allow_pickle=False) for name in LABELS]
    return {
        "x_train": np.concatenate(pictures[:-1]),
        "y_train": labels[0],
        "x_test": pictures[-1],
        "y_test": labels[1],
    }


def _tiles(path: Path) -> np.ndarray:
    """The pictures on a sheet, row by row."""
    from PIL import Image

    with Image.open(path) as sheet:
        pixels = np.asarray(sheet.convert("RGB"))
    rows, columns = (side // 32 for side in pixels.shape[:2])
    tiles = pixels.reshape(rows, 32, columns, 32, 3).swapaxes(1, 2)
    return np.ascontiguousarray(tiles.reshape(-1, 32, 32, 3))


def _of_archive(path: Path) -> dict[str, np.ndarray]:
    """The pictures of the original archive, which ``sources`` has verified before it's unpickled."""
    batches = []
    with tarfile.open(path) as archive:
        for name in [*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"]:
            with archive.extractfile(f"cifar-10-batches-py/{name}") as file:
                batch = pickle.load(file, encoding="bytes")
            planes = batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
            batches.append((planes, np.array(batch[b"labels"], np.uint8)))
    pictures, labels = zip(*batches, strict=True)
    return {
        "x_train": np.concatenate(pictures[:-1]),
        "y_train": np.concatenate(labels[:-1]),
        "x_test": np.ascontiguousarray(pictures[-1]),
        "y_test": labels[-1],
    }


def stand_in(notes: tuple[str, ...] = ()) -> Dataset:
    """800 drawn shapes in CIFAR-10's form: (m, 32, 32, 3) uint8, ten classes, 200 of them to test.

    Each has a place, a size and two colours of its own, and noise.
    """
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.arange(800) % 10).astype(np.uint8)
    centres, radii = rng.uniform(12, 20, (2, 800, 1, 1)), rng.uniform(7, 11, (800, 1, 1))
    across = (np.arange(32)[None, None, :] - centres[0]) / radii
    down = (np.arange(32)[None, :, None] - centres[1]) / radii
    inside = np.choose(labels[:, None, None], [*_shapes(across, down)])[..., None]
    colours = rng.uniform(0, 255, (2, 800, 1, 1, 3))
    too_near = np.abs(colours[0] - colours[1]).max(axis=-1, keepdims=True) < 80
    colours[1] = np.where(too_near, 255 - colours[0], colours[1])
    pixels = np.where(inside, *colours) + rng.normal(0, 12, (800, 32, 32, 3))
    pictures = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    cut = 600
    return Dataset(
        STAND_IN,
        "stand-in",
        x_train=pictures[:cut],
        y_train=labels[:cut],
        x_test=pictures[cut:],
        y_test=labels[cut:],
        notes=notes,
    )


def _shapes(across: np.ndarray, down: np.ndarray) -> tuple[np.ndarray, ...]:
    """Which pixels lie in each of the ten shapes, whose middle is 0 and whose edge is at about 1.

    Each is its own mirror image, left to right.
    """
    from_middle = across**2 + down**2
    side = np.maximum(np.abs(across), np.abs(down))
    arm = np.minimum(np.abs(across), np.abs(down))
    slope = np.abs(np.abs(across) - np.abs(down))
    return (
        from_middle < 1,
        (from_middle < 1) & (from_middle > 0.4),
        side < 0.9,
        (side < 0.9) & (side > 0.55),
        (np.abs(down) < 0.9) & (2 * np.abs(across) < down + 0.9),
        (np.abs(down) < 0.9) & (2 * np.abs(across) < 0.9 - down),
        (side < 1) & (arm < 0.28),
        (side < 0.9) & (slope < 0.4),
        (side < 0.9) & (np.cos(2.5 * np.pi * down) > 0),
        (side < 0.9) & (np.cos(2.5 * np.pi * across) > 0),
    )
