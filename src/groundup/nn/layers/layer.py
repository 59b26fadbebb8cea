"""What every layer is: arrays that it asks for, a way forward and a way back."""

import copy
import inspect
import warnings
from typing import Literal, NamedTuple, Self

import numpy as np

from groundup.nn import activations, fused, initializers, regularizers
from groundup.nn.arguments import flag, size
from groundup.nn.config import Configured


class Input(Configured):
    """Says the shape of one example, so that a model knows its size before it sees data.

    Args:
        shape: the shape of one example, without the batch: ``(784,)``.

    Raises:
        ValueError: it's no tuple, or a size isn't a positive whole number.
    """

    def __init__(self, shape: tuple[int, ...]):
        if not isinstance(shape, tuple | list):
            raise ValueError(
                f"Input expected the shape of one example, such as (784,), got {shape!r}"
            )
        self.shape = tuple(size(n, "Input", "shape") for n in shape)


class Block(NamedTuple):
    """What a layer says about one of its arrays before the model makes it.

    Args:
        shape: its shape.
        initializer: makes its first values.
        regularizer: a penalty on it, or None.
        trainable: whether it's a parameter; otherwise it's kept and saved, but has no gradient.
    """

    shape: tuple[int, ...]
    initializer: initializers.Initializer
    regularizer: regularizers.Regularizer | None = None
    trainable: bool = True


class Layer(Configured):
    """One step of a network, forward and back, without its activation.

    A layer says in ``build`` which arrays it has: ``blocks`` maps the name of each to a ``Block``. The
    model then gives the layer each parameter and its gradient, ``W`` and ``dW``, as views into two flat
    vectors. The model also applies ``activation`` after ``forward``, and its derivative before
    ``backward``, because a loss may take ``Z`` itself (see ``Loss``). The gradient with respect to the
    input has a method of its own, because nobody needs that of the first layer, whose input is data.

    ``trainable`` says whether training changes the layer's parameters. False freezes them, as in Keras:
    no gradient, momentum or weight decay changes them, their penalty isn't in the loss, and batch
    normalization does while training what it does otherwise. It counts from the next step on, without a
    new ``compile``.

    ``outputs`` says what ``forward`` can give: ``"anywhere"``, any numbers; ``"as inputs"``, numbers that
    lie where those of the input do, such as above zero; None, nobody knows. A subclass with another
    ``forward`` says it anew.

    A layer may be made of layers, its ``parts``: these have the arrays, and it runs them.

    Of sequences, (m, steps, …), some steps may be padding. ``mask``, (m, steps), says which count; it
    goes from layer to layer, and those that say ``takes_mask`` get it, ``forward(X, mask)``. Where each
    step of the output comes from that step of the input alone, the layer says ``step_by_step``.

    What is assigned to one of the arrays, as in ``layer.W = array``, is copied into it. Once a layer is
    built its arguments are fixed, but for those that ``settable`` names. A layer's own methods may keep
    on it what the way back needs.
    """

    settable = ("trainable",)
    activation: activations.ActivationFunction = activations.Linear()
    outputs: Literal["anywhere", "as inputs"] | None = None
    blocks: dict[str, Block] | None = None
    parts: tuple["Layer", ...] = ()
    takes_mask = False
    step_by_step = False
    trainable = True

    def build(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Take the shape of one example; set ``self.blocks``; return the shape of one output."""
        raise NotImplementedError

    def forward(self, X: np.ndarray) -> np.ndarray:
        """The pre-activation ``Z`` for a batch; keeps what the way back needs."""
        raise NotImplementedError

    def training_forward(self, X: np.ndarray, *mask) -> np.ndarray:
        """The same while training; only dropout and batch normalization then do something else."""
        return self.forward(X, *mask)

    def backward(self, dZ: np.ndarray) -> None:
        """Fill the gradients of the layer's parameters."""

    def input_gradient(self, dZ: np.ndarray) -> np.ndarray:
        """The gradient with respect to the layer's input; after ``backward`` for the same ``dZ``, so that
        it may use what that has computed.
        """
        raise NotImplementedError

    def run(
        self, X: np.ndarray, mask: np.ndarray | None, training: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """``Z`` for a batch and its mask, and the mask that belongs to ``Z``."""
        forward = fused.form(self.training_forward if training else self.forward)
        Z = forward(X, mask) if self.takes_mask else forward(X)
        return Z, self.output_mask(X, mask)

    def output_mask(self, X: np.ndarray, mask: np.ndarray | None) -> np.ndarray | None:
        """Which steps of the output count, for an input and its mask; None: all.

        There is a warning where it can't be told any more.
        """
        if mask is not None and not self.step_by_step:
            warnings.warn(
                f"{type(self).__name__} can't tell the steps that count from padding: it takes all alike",
                stacklevel=2,
            )
            return None
        return mask

    def next_step(self, X: np.ndarray) -> np.ndarray:
        """``Z`` of the next step of each sequence, (m, …) -> (m, …), after those since ``reset_states``.

        A layer that ``takes_mask`` gets one here too: for which sequences the step counts, (m,).

        Raises:
            TypeError: the layer needs a sequence as a whole.
        """
        if not self.step_by_step:
            raise TypeError(f"{self!r} can't go step by step: it expected sequences as a whole")
        return copy.copy(self).forward(X[:, None])[:, 0]  # what the way back needs stays

    def reset_states(self) -> None:
        """Begin new sequences: forget what was carried on from steps before."""
        for part in self.parts:
            part.reset_states()

    def get_config(self) -> dict:
        """As that of every part; ``trainable`` is among it if the layer is frozen."""
        return super().get_config() | ({} if self.trainable else {"trainable": False})

    @classmethod
    def with_config(cls, config: dict) -> Self:
        if "trainable" in inspect.signature(cls).parameters:
            return super().with_config(config)
        layer = super().with_config({k: v for k, v in config.items() if k != "trainable"})
        layer.trainable = config.get("trainable", True)
        return layer

    def share(self, name: str, array: np.ndarray) -> None:
        """Take an array of the model's, from now on the one of this name."""
        vars(self)[name] = (
            array  # past the guard, which would copy it into the one there was before
        )
        self._shared |= {name}

    def _settable_names(self):
        others = self.settable if self.blocks is not None else super()._settable_names()
        return [*sorted(self._shared), *others]

    def _set_from_outside(self, name, value):
        arguments = inspect.signature(type(self)).parameters
        if self.blocks is not None and name in arguments and name not in self.settable:
            raise RuntimeError(
                f"{type(self).__name__}.{name} can't be set, for the layer is built already; what can be "
                f"set: {', '.join(self._settable_names())}"
            )
        if name == "trainable":
            value = flag(value, f"{type(self).__name__}.trainable expected")
        super()._set_from_outside(name, value)

    forms = ((training_forward, fused.forward),)  # methods that have a faster form: see ``fused``


def bias_block(layer: Layer, outputs: int) -> dict[str, Block]:
    """The block ``b`` of a layer that has one.

    Without a bias the class's ``b``, 0, and ``db``, None, stay, so that forward and backward need no
    ``if``.
    """
    return {"b": Block((outputs,), layer.bias_initializer)} if layer.use_bias else {}


def times(A: np.ndarray, W: np.ndarray) -> np.ndarray:
    """``A W`` at all places of all examples, as one product: (m, …, d) by (d, n) -> (m, …, n)."""
    return (rows(A) @ W).reshape(*A.shape[:-1], W.shape[1])


def rows(A: np.ndarray) -> np.ndarray:
    """All places of all examples, one below the other: (m, …, n) -> (rows, n)."""
    return A.reshape(-1, A.shape[-1])
