"""The network: layers in a row, whose arrays lie in flat vectors."""

import copy
import math
from collections.abc import Iterator
from typing import Self

import numpy as np

from groundup.nn.activations import ActivationFunction
from groundup.nn.arguments import flag
from groundup.nn.arrays import floats, precision, real, underflow_is_zero
from groundup.nn.blocks import NamedBlock, drawn, named
from groundup.nn.console import printable
from groundup.nn.guarded import Guarded
from groundup.nn.layers import chain
from groundup.nn.layers.layer import Input, Layer
from groundup.nn.regularizers import Regularizer
from groundup.nn.summary import summary


class Network(Guarded):
    """Layers one after the other, forward and back.

    All parameters lie in the flat vector ``parameters`` and all gradients in ``parameter_gradients``;
    the layers' ``W``, ``b``, ``dW``, ``db`` are views into them. What layers remember that no gradient
    changes, such as moving averages, lies in ``state``. What is assigned to one of these, as in
    ``model.parameters = vector``, is copied into it. ``layers`` is a tuple. A layer is frozen by
    ``layer.trainable = False``, all of them by ``model.trainable = False``.

    Args:
        layers: the layers from input to output, an ``Input`` first if the sizes are to be known at once.

    Raises:
        TypeError: one of these isn't a layer.
        ValueError: there is none, or one is in use already.
    """

    settable = ("trainable",)
    _shared = frozenset({"parameters", "parameter_gradients", "state"})

    def __init__(self, layers: list[Input | Layer]):
        if not isinstance(layers, list | tuple):
            raise TypeError(f"{type(self).__name__} expected a list of layers, got {layers!r}")
        first = layers[0] if layers and isinstance(layers[0], Input) else None
        self.layers = tuple(layer for layer in layers if layer is not first)
        if not self.layers:
            raise ValueError(f"{type(self).__name__} expected at least one layer, got none")
        for layer in self.layers:
            if not isinstance(layer, Layer):
                wrapped = isinstance(layer, ActivationFunction)
                hint = f"; write Activation({layer!r})" if wrapped else ""
                raise TypeError(f"{type(self).__name__} expected layers, got {layer!r}{hint}")
        self._expect_unused()
        self.parameters: np.ndarray | None = None
        self._places = self._penalties = ()
        if first:
            self.build(first.shape)

    @property
    def trainable(self) -> bool:
        """Whether training changes any layer; setting it sets every layer's ``trainable``."""
        return any(layer.trainable for layer in self.layers)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self.layers:
            layer.trainable = value

    @property
    def backward_layers(self) -> tuple[Layer, ...]:
        """The layers from the first whose parameters training changes on, as far as gradients go back;
        none before the model is built.
        """
        with_gradients = {id(layer) for layer, _ in self._places if layer.trainable}
        for place, layer in enumerate(self.layers):
            if any(id(inner) in with_gradients for inner in chain.every([layer])):
                return self.layers[place:]
        return ()

    @property
    def regularized(self) -> list[tuple[np.ndarray, np.ndarray, Regularizer]]:
        """The parameters with a penalty that aren't frozen, their gradients and their regularizers."""
        return [penalty for layer, *penalty in self._penalties if layer.trainable]

    def build(self, input_shape: tuple[int, ...]) -> None:
        """Draw the initial parameters.

        Args:
            input_shape: the shape of one example, without the batch.

        Raises:
            RuntimeError: the model is built already.
            ValueError: a layer can't take what comes to it.
        """
        if self.parameters is not None:
            raise RuntimeError("the model is built already; make a new one to start again")
        self._expect_unused()
        shape = input_shape = Input(input_shape).shape
        try:
            output_shapes = [shape := layer.build(shape) for layer in self.layers]
            every = [*chain.every(self.layers)]
            there = [block for layer in every for block in layer.blocks.values()]
            parameters = [drawn(block) for block in there if block.trainable]
            state = [drawn(block) for block in there if not block.trainable]
            if not parameters:
                raise ValueError(
                    f"{type(self).__name__} expected a layer with parameters, got none"
                )
        except BaseException:
            for layer in chain.every(self.layers):
                vars(layer).pop("blocks", None)  # they can be used in another attempt
            raise
        self.input_shape, self.output_shapes, self.output_shape = input_shape, output_shapes, shape
        vectors = np.concatenate(parameters), np.concatenate([np.empty(0), *state])
        self._lay_out(*(vector.astype(np.float32) for vector in vectors))

    def _expect_unused(self) -> None:
        every = [*chain.every(self.layers)]
        for layer in every:
            if layer.blocks is not None or every.count(layer) > 1:
                raise ValueError(f"{layer!r} is in use already; a layer has one place in one model")

    def _lay_out(self, parameters: np.ndarray, state: np.ndarray) -> None:
        """Give every layer its views into the flat vectors."""
        gradients = np.zeros_like(parameters)
        every = [*chain.every(self.layers)]
        self._places = []  # where in the flat vectors each parameter lies, and whose it is
        start = 0
        for layer in every:
            for block in layer.blocks.values():
                if block.trainable:
                    end = start + math.prod(block.shape)
                    self._places.append((layer, slice(start, end)))
                    start = end
        for vector, prefix, trainable in (
            (parameters, "", True),
            (gradients, "d", True),
            (state, "", False),
        ):
            start = 0
            for layer in every:
                for name, block in layer.blocks.items():
                    if block.trainable == trainable:
                        end = start + math.prod(block.shape)
                        layer.share(prefix + name, vector[start:end].reshape(block.shape))
                        start = end
        vars(self).update(  # past the guard, which would copy them into those there were before
            parameters=parameters, parameter_gradients=gradients, state=state
        )
        self._penalties = [
            (layer, getattr(layer, name), getattr(layer, f"d{name}"), block.regularizer)
            for layer in every
            for name, block in layer.blocks.items()
            if block.regularizer
        ]

    def _settable_names(self):
        return [*self.settable, *filter(self._is_shared, self._shared)]

    def __setstate__(self, attributes: dict) -> None:
        """What a copy or an unpickled model is made by: its layers get views into its own vectors."""
        self.__dict__.update(attributes)
        if self.parameters is not None:
            self._lay_out(self.parameters, self.state)

    def __copy__(self) -> Self:
        """A copy has vectors of its own, or its layers' views would be into those of the first."""
        return copy.deepcopy(self)

    def astype(self, dtype) -> Self:
        """A copy that computes in another precision, for checking gradients.

        Raises:
            TypeError: it isn't one of real numbers.
        """
        dtype = precision(dtype)
        model = copy.deepcopy(self)
        model._lay_out(model._built_parameters().astype(dtype), model.state.astype(dtype))
        return model

    def blocks(self) -> Iterator[NamedBlock]:
        """Every array of the layers, named as in ``dense_1/W``, or ``residual/dense/W`` of a part."""
        self._built_parameters()
        yield from named(self.layers)

    def forward(self, X: np.ndarray, training: bool = False) -> np.ndarray:
        """Predictions for one batch, (m, …) -> (m, …, k).

        Args:
            X: the batch.
            training: whether as while training: with dropout, and batch normalization's averages move.
        """
        self._built_parameters()
        flag(training, "expected training")
        X = floats(X)
        if X.shape[1:] != self.input_shape:
            raise ValueError(
                f"expected a batch of examples of shape {self.input_shape}, got shape {X.shape}"
            )
        return chain.forward(self.layers, X, None, training)[1]

    def step(self, X: np.ndarray) -> np.ndarray:
        """Predictions for the next step of each sequence, (m, …) -> (m, …, k): what they'd be at the last
        step if all steps since ``reset_states`` came at once.

        Raises:
            TypeError: a layer needs sequences as a whole.
            ValueError: the shape of a step is another.
        """
        self._built_parameters()
        X = floats(X)
        if not X.ndim or X.shape[1:] != self.input_shape[1:]:
            raise ValueError(
                f"expected a step of each sequence, of shape {self.input_shape[1:]}, got shape {X.shape}"
            )
        return chain.next_step(self.layers, X)

    def reset_states(self) -> None:
        """Begin new sequences: layers forget what they carried on from steps before."""
        for layer in self.layers:
            layer.reset_states()

    def backpropagate(self, dZ: np.ndarray) -> None:
        """Fill all gradients, from the last layer's ``dZ`` back to the first layer with parameters to
        train. Those of frozen layers are zero.
        """
        dZ = self._expected(dZ)
        if self.backward_layers:
            chain.backward(self.backward_layers, dZ)
        self._finish_gradients()

    @underflow_is_zero()
    def input_gradient(self, dZ: np.ndarray) -> np.ndarray:
        """The gradient with respect to the input of the last way forward, from the last layer's ``dZ``;
        fills all gradients on its way, as ``backpropagate`` does.

        Raises:
            TypeError: the input is symbols, which have no gradient.
        """
        dZ = chain.backward(self.layers, self._expected(dZ))
        self._finish_gradients()
        return self.layers[0].input_gradient(dZ)

    def _expected(self, dZ: np.ndarray) -> np.ndarray:
        dZ = floats(dZ)
        if dZ.shape[1:] != self.output_shape:
            raise ValueError(
                f"expected the dZ of a batch of outputs of shape {self.output_shape}, got {dZ.shape}"
            )
        return dZ

    def _finish_gradients(self) -> None:
        """Add the penalties to the gradients, and put those of frozen layers to zero."""
        for W, dW, regularizer in self.regularized:
            dW += regularizer.backward(W)
        for layer, place in self._places:
            if not layer.trainable:
                self.parameter_gradients[place] = 0

    def _trained(self) -> list[slice]:
        """Where in the flat vectors each parameter lies that training changes."""
        return [place for layer, place in self._places if layer.trainable]

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all arrays, layer by layer."""
        return [block.values.copy() for block in self.blocks()]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Put all arrays to these values.

        Raises:
            TypeError: they aren't a list of arrays of real numbers, or some numbers are masked.
            ValueError: their number or a shape is another. In each case nothing is changed.
        """
        blocks = list(self.blocks())
        if not isinstance(weights, list | tuple):
            raise TypeError(f"expected a list of {len(blocks)} arrays, got {weights!r}")
        if len(weights) != len(blocks):
            raise ValueError(f"expected a list of {len(blocks)} arrays, got {len(weights)}")
        weights = [real(w, f"values of {b.name}") for w, b in zip(weights, blocks, strict=True)]
        expected, found = [b.values.shape for b in blocks], [w.shape for w in weights]
        if found != expected:
            raise ValueError(f"expected arrays of shapes {expected}, got {found}")
        for block, weight in zip(blocks, weights, strict=True):
            block.values[...] = weight

    def count_params(self) -> int:
        """How many numbers the layers have, those that no gradient changes among them."""
        return self._built_parameters().size + self.state.size

    def summary(self) -> None:
        """Print the layers with their output shapes and how many parameters they have."""
        print(printable(summary(self)))

    def _built_parameters(self) -> np.ndarray:
        if self.parameters is None:
            raise RuntimeError("the model isn't built: call build, or give an Input layer first")
        return self.parameters
