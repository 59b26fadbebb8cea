"""A transformer of the engine, as a live figure runs it."""

from collections.abc import Iterator

import numpy as np

KINDS = {
    "Dense",
    "Embedding",
    "LayerNormalization",
    "MultiHeadAttention",
    "PositionEmbedding",
    "Residual",
}
ACTIVATIONS = {"gelu", "linear", "softmax"}


def is_one(model) -> bool:
    """Whether a network is made of layers that the figure of attention knows."""
    return all(type(layer).__name__ in KINDS for layer in model.layers) and any(
        type(layer).__name__ == "Residual" for layer in model.layers
    )


def layers(model) -> Iterator[tuple]:
    """What each layer is, with all its parts, and the arrays of them, in their order.

    Raises:
        ValueError: the figure can't run it: attention that looks ahead, no biases, or another layer.
    """
    for layer in model.layers:
        arrays: list[np.ndarray] = []
        yield _told(layer, arrays), *arrays


def _told(layer, arrays: list[np.ndarray]) -> dict:
    kind, activation = type(layer).__name__, type(layer.activation).__name__.lower()
    runs = kind in KINDS and activation in ACTIVATIONS
    if kind == "MultiHeadAttention":
        runs = runs and layer.use_causal_mask and layer.use_bias
    if kind == "Dense":
        runs = runs and layer.use_bias
    if not runs:
        raise ValueError(f"a live figure expected a network that it can run, got {layer}")
    arrays += [getattr(layer, name) for name in layer.blocks]
    return {
        "kind": kind,
        "activation": activation,
        "shapes": {name: [*getattr(layer, name).shape] for name in layer.blocks},
        "parts": [_told(part, arrays) for part in layer.parts],
    }
