"""Layers one after the other: forward, back, and step by step."""

import copy
import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from groundup.nn import fused
from groundup.nn.arrays import underflow_is_zero
from groundup.nn.layers.layer import Layer


@underflow_is_zero()
def forward(
    layers: Sequence[Layer],
    X: np.ndarray,
    mask: np.ndarray | None = None,
    training: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """The way forward, by :eq:`layer-forward` and :eq:`layer-activation`, layer by layer.

    ``fused.form(f)`` is f, or a faster function with the same result.

    Args:
        layers: the layers.
        X: a batch, (m, …).
        mask: which steps of each sequence count, (m, steps), or None: all.
        training: whether it's that of training.

    Returns:
        The last layer's ``Z`` and ``A``, and the mask that belongs to these.
    """
    A = X
    for layer in layers:
        Z, mask = layer.run(A, mask, training)
        A = fused.form(layer.activation.forward)(Z)
    return Z, A, mask


@underflow_is_zero()
def backward(layers: Sequence[Layer], dZ: np.ndarray) -> np.ndarray:
    """The way back: fill the gradients of all layers.

    Each layer's ``dZ``, :eq:`backprop-error`, gives its gradients, :eq:`backprop-weights` and
    :eq:`backprop-bias`, and by :eq:`backprop-input` and :eq:`backprop-through-activation` the ``dZ`` of
    the layer before it.

    Args:
        layers: the layers, at least one.
        dZ: that of the last one.

    Returns:
        The first layer's ``dZ``; its ``input_gradient`` goes on from there.
    """
    for before, layer in reversed([*itertools.pairwise(layers)]):
        fused.form(layer.backward)(dZ)
        dA = fused.form(layer.input_gradient)(dZ)
        dZ = fused.form(before.activation.backward)(dA)
    fused.form(layers[0].backward)(dZ)
    return dZ


@underflow_is_zero()
def next_step(layers: Sequence[Layer], X: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """What comes of the next step of each sequence, (m, …) -> (m, …).

    Args:
        layers: the layers.
        X: the step of each sequence.
        mask: for which sequences it counts, (m,), or None: all.
    """
    for layer in layers:
        Z = layer.next_step(X, mask) if layer.takes_mask else layer.next_step(X)
        mask = layer.output_mask(X, mask)
        X = copy.copy(layer.activation).forward(Z)
    return X


def every(layers: Sequence[Layer]) -> Iterator[Layer]:
    """The layers, each followed by its parts."""
    for layer in layers:
        yield layer
        yield from every(layer.parts)
