"""Layers made of layers."""

import copy

import numpy as np

from groundup.nn import fused
from groundup.nn.arguments import choice
from groundup.nn.config import Configured
from groundup.nn.layers import chain
from groundup.nn.layers.layer import Layer
from groundup.nn.layers.recurrent import Recurrent


class Composite(Layer):
    """What layers made of layers share."""

    takes_mask = True

    @property
    def trainable(self) -> bool:
        """Whether training changes any part; setting it sets every part's ``trainable``."""
        return any(part.trainable for part in self.parts)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for part in self.parts:
            part.trainable = value

    def get_config(self):
        return Configured.get_config(self)  # which parts are trainable, each of them says itself

    @classmethod
    def with_config(cls, config):
        return cls(**config)


class Residual(Composite):
    """Adds to its input what a chain of layers makes of it, ``X + F(X)``, so that there is always a short
    way back (He and others, 2016). Keras's ``Sequential`` has no such layer.

    Args:
        layers: the chain, one layer after the other; its output has the shape of its input.

    Shapes:
        (m, …) -> the same.

    Raises:
        TypeError: one of these isn't a layer.
        ValueError: there is none, or the chain's output has another shape.

    Example:
        >>> from groundup import nn
        >>> block = nn.Residual([nn.Dense(64, activation="relu"), nn.Dense(32)])
        >>> nn.Sequential([nn.Input((32,)), block]).output_shape
        (32,)
    """

    outputs = "anywhere"

    def __init__(self, layers: list[Layer]):
        if not isinstance(layers, list | tuple):
            raise TypeError(f"Residual expected a list of layers, got {layers!r}")
        if not layers:
            raise ValueError("Residual expected a list of layers, got none")
        for layer in layers:
            if not isinstance(layer, Layer):
                raise TypeError(f"Residual expected layers, got {layer!r}")
        self.layers = self.parts = tuple(layers)

    def build(self, input_shape):
        shape = input_shape
        for part in self.parts:
            shape = part.build(shape)
        if shape != input_shape:
            raise ValueError(
                f"Residual expected layers whose output has the shape of their input, {input_shape}, got "
                f"{shape}: the two are added"
            )
        self.blocks = {}
        return shape

    def forward(self, X, mask=None):
        return X + chain.forward(self.parts, X, mask)[1]

    def training_forward(self, X, mask=None):
        return X + chain.forward(self.parts, X, mask, training=True)[1]

    def backward(self, dZ):
        self.first_dZ = chain.backward(self.parts, self.parts[-1].activation.backward(dZ))

    def input_gradient(self, dZ):
        """The sum over both ways: past the chain, and through it."""
        return dZ + fused.form(self.parts[0].input_gradient)(self.first_dZ)

    def output_mask(self, X, mask):
        return mask

    def next_step(self, X, mask=None):
        return X + chain.next_step(self.parts, X, mask)


class Bidirectional(Composite):
    """A recurrent layer along the sequence, and a second one, with weights of its own, against it
    (Schuster and Paliwal, 1997).

    Of sequences, the output at a step that doesn't count is zero, as in Keras.

    Args:
        layer: the recurrent layer.
        merge_mode: what becomes of the two outputs: ``"concat"``, one after the other; ``"sum"``,
            ``"mul"`` or ``"ave"``, entry by entry.
        backward_layer: the second layer, with the other ``go_backwards``; None makes one like the first.

    Shapes:
        (m, steps, d) -> (m, …, 2 n) with ``"concat"``, else (m, …, n).

    Raises:
        TypeError: a layer isn't recurrent.
        ValueError: the mode is another, or the two layers don't go together.
    """

    outputs = "anywhere"

    def __init__(
        self,
        layer: Recurrent,
        merge_mode: str = "concat",
        *,
        backward_layer: Recurrent | None = None,
    ):
        if not isinstance(layer, Recurrent):
            raise TypeError(f"Bidirectional expected a recurrent layer, got {layer!r}")
        if not isinstance(backward_layer, Recurrent | None):
            raise TypeError(f"Bidirectional expected a recurrent layer, got {backward_layer!r}")
        if layer.blocks is not None:
            raise ValueError(f"{layer!r} is in use already; a layer has one place in one model")
        modes = ("concat", "sum", "mul", "ave")
        self.merge_mode = choice(merge_mode, modes, "Bidirectional expected merge_mode")
        self.layer, self.backward_layer = layer, backward_layer or _turned_round(layer)
        same = all(
            getattr(self.layer, name) == getattr(self.backward_layer, name)
            for name in ("return_sequences", "stateful", "units")
        )
        if not same or self.layer.go_backwards == self.backward_layer.go_backwards:
            raise ValueError(
                "Bidirectional expected two layers of as many units, with the same return_sequences and "
                f"stateful and another go_backwards, got {layer!r} and {backward_layer!r}"
            )
        self.parts = (self.layer, self.backward_layer)

    def build(self, input_shape):
        *places, units = self.parts[0].build(input_shape)
        self.parts[1].build(input_shape)
        self.blocks = {}
        return (*places, 2 * units if self.merge_mode == "concat" else units)

    def forward(self, X, mask=None):
        there, back = (fused.form(part.forward)(X, mask) for part in self.parts)
        back = self._turned(back)
        self.counted = None
        if mask is not None and self.layer.return_sequences:
            self.counted = self.layer.output_mask(X, mask)[..., None]
            there, back = there * self.counted, back * self.counted
        self.there, self.back = there, back
        if self.merge_mode == "concat":
            return np.concatenate([there, back], axis=-1)
        if self.merge_mode == "mul":
            return there * back
        return there + back if self.merge_mode == "sum" else (there + back) / 2

    def backward(self, dZ):
        if self.merge_mode == "concat":
            d_there, d_back = np.split(dZ, 2, axis=-1)
        elif self.merge_mode == "mul":
            d_there, d_back = dZ * self.back, dZ * self.there
        else:
            d_there = d_back = dZ if self.merge_mode == "sum" else dZ / 2
        if self.counted is not None:
            d_there, d_back = d_there * self.counted, d_back * self.counted
        self.d_outputs = d_there, self._turned(d_back)
        for part, d_output in zip(self.parts, self.d_outputs, strict=True):
            fused.form(part.backward)(d_output)

    def input_gradient(self, dZ):
        both = zip(self.parts, self.d_outputs, strict=True)
        return sum(fused.form(part.input_gradient)(d_output) for part, d_output in both)

    def output_mask(self, X, mask):
        return self.layer.output_mask(X, mask)

    def next_step(self, X, mask=None):
        raise TypeError(f"{self!r} can't go step by step: it expected sequences as a whole")

    def _turned(self, H: np.ndarray) -> np.ndarray:
        """The second layer's output, whose steps are in the other order, in the first's; or back."""
        return H[:, ::-1] if self.layer.return_sequences else H


def _turned_round(layer: Recurrent) -> Recurrent:
    """A layer like this one, with initial values of its own, that takes the steps in the other order."""
    other = copy.deepcopy(layer)
    other.go_backwards = not layer.go_backwards
    return other
