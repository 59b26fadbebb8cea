"""A network's arrays, layer by layer: what they are called, and their first values."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from groundup.nn.arrays import real
from groundup.nn.layers.layer import Block, Layer


class NamedBlock(NamedTuple):
    """A layer's array in a built model, with its gradient if training changes it."""

    name: str
    values: np.ndarray
    gradient: np.ndarray | None


def names(layers: Sequence[Layer]) -> list[str]:
    """The layers' names: that of the class, as in ``conv2d``, and from the second on its number."""
    classes = [type(layer).__name__ for layer in layers]
    found = [re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in classes]
    before = [found[:place].count(name) for place, name in enumerate(found)]
    return [f"{name}_{n}" if n else name for name, n in zip(found, before, strict=True)]


def named(layers: Sequence[Layer], above: str = "") -> Iterator[NamedBlock]:
    """Every array of built layers and their parts, named as in ``dense_1/W`` or ``residual/dense/W``.

    Args:
        layers: the layers.
        above: how the names begin.
    """
    for layer, name in zip(layers, names(layers), strict=True):
        for part, block in layer.blocks.items():
            trained = block.trainable and layer.trainable
            gradient = getattr(layer, f"d{part}") if trained else None
            yield NamedBlock(f"{above}{name}/{part}", getattr(layer, part), gradient)
        yield from named(layer.parts, f"{above}{name}/")


def drawn(block: Block) -> np.ndarray:
    """A block's first values, as a vector.

    Raises:
        ValueError: the initializer makes another shape.
    """
    values = real(block.initializer(block.shape), f"values of {block.initializer!r}")
    if values.shape != block.shape:
        raise ValueError(
            f"{block.initializer!r} was to make values of shape {block.shape}, made {values.shape}"
        )
    return values.ravel()
