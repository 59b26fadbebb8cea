"""Symbols as vectors, and where in a sequence a step stands."""

import numpy as np

from groundup.nn import initializers
from groundup.nn.arguments import at_least_zero, flag, size
from groundup.nn.fused import embedding as loops
from groundup.nn.layers.layer import Block, Layer, rows
from groundup.nn.layers.sequence_convolution import of_a_sequence


class Embedding(Layer):
    """A vector for each symbol, which is learned: a row of ``W`` for its number.

    Args:
        input_dim: how many symbols there are; their numbers are 0 to ``input_dim − 1``.
        output_dim: how many numbers a vector has, n.
        embeddings_initializer: the first values of ``W``, (input_dim, n).
        mask_zero: whether the symbol 0 is padding, which layers after this one don't count.

    Shapes:
        (m, …), whole numbers -> (m, …, n).

    Raises:
        ValueError: a size isn't positive, there are more than 2²⁴ symbols, or one isn't one of these
            numbers.
        TypeError: asked for an input gradient, which symbols don't have.

    Example:
        >>> from groundup import nn
        >>> model = nn.Sequential([nn.Input((3,)), nn.Embedding(10, 4)])
        >>> model.predict(np.array([[1, 2, 2]])).shape
        (1, 3, 4)
    """

    outputs = "anywhere"
    step_by_step = True

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer="uniform",
        *,
        mask_zero: bool = False,
    ):
        self.input_dim = size(input_dim, "Embedding", "input_dim")
        if self.input_dim > 2**24:  # the engine's numbers tell no more whole numbers apart
            raise ValueError(f"Embedding expected an input_dim of at most 2**24, got {input_dim}")
        self.output_dim = size(output_dim, "Embedding", "output_dim")
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.mask_zero = flag(mask_zero, "Embedding expected mask_zero")

    def build(self, input_shape):
        shape = (self.input_dim, self.output_dim)
        self.blocks = {"W": Block(shape, self.embeddings_initializer)}
        return (*input_shape, self.output_dim)

    def forward(self, X):
        self.symbols = X.astype(np.intp)
        strange = (self.symbols != X) | (X < 0) | (self.input_dim <= X)
        if strange.any():
            raise ValueError(
                f"Embedding expected whole numbers from 0 to {self.input_dim - 1}, got "
                f"{X[strange][0].item()!r}"
            )
        return self.W[self.symbols]

    def backward(self, dZ):
        """``dW``: each row gets what came to its symbol, wherever that stood."""
        self.dW[...] = 0
        np.add.at(self.dW, self.symbols.ravel(), rows(dZ))

    def input_gradient(self, dZ):
        raise TypeError("Embedding takes symbols, and a symbol has no gradient")

    def output_mask(self, X, mask):
        return X != 0 if self.mask_zero else mask

    forms = ((backward, loops.backward),)


class Positions(Layer):
    """What gives each step a vector for its place, whatever stands there. By itself it would put that in
    the place of its input: ``Residual([…])`` adds it.
    """

    outputs = "anywhere"
    step_by_step = True
    place = 0

    def vectors(self, places: np.ndarray) -> np.ndarray:
        """The vectors of these places, (steps, n)."""
        raise NotImplementedError

    def forward(self, X):
        return self._beside(np.arange(X.shape[1]), X)

    def input_gradient(self, dZ):
        return np.zeros_like(dZ)

    def next_step(self, X):
        vectors = self._beside(np.array([self.place]), X)
        self.place += 1
        return vectors

    def reset_states(self):
        vars(self).pop("place", None)  # as before the first step

    def _beside(self, places: np.ndarray, X: np.ndarray) -> np.ndarray:
        vectors = self.vectors(places).astype(X.dtype, copy=False)
        return np.broadcast_to(vectors, X.shape).copy()


class PositionEmbedding(Positions):
    """A vector for each place in a sequence, which is learned; named as in KerasHub.

    Args:
        sequence_length: how many places there are.
        initializer: the first values of ``W``, (sequence_length, n).

    Shapes:
        (m, steps, n) -> the same.

    Raises:
        ValueError: the length isn't positive, or a sequence is longer.
    """

    def __init__(self, sequence_length: int, initializer="glorot_uniform"):
        self.sequence_length = size(sequence_length, "PositionEmbedding", "sequence_length")
        self.initializer = initializers.get(initializer)

    def build(self, input_shape):
        steps, features = of_a_sequence(input_shape)
        self._expect(steps)
        self.blocks = {"W": Block((self.sequence_length, features), self.initializer)}
        return input_shape

    def vectors(self, places):
        self._expect(places[-1] + 1)
        return self.W[places]

    def backward(self, dZ):
        self.dW[...] = 0
        self.dW[: dZ.shape[1]] = dZ.sum(axis=0)

    def _expect(self, steps: int) -> None:
        if steps > self.sequence_length:
            raise ValueError(
                f"PositionEmbedding expected sequences of at most {self.sequence_length} steps, got "
                f"{steps}"
            )


class SinePositionEncoding(Positions):
    """A vector for each place in a sequence, made of sines and cosines of several wavelengths (Vaswani
    and others, 2017); named as in KerasHub.

    Of the place t and the entry j, with ``λ = max_wavelength^(2 ⌊j / 2⌋ / n)``: ``sin(t / λ)`` where j is
    even, else ``cos(t / λ)``.

    Args:
        max_wavelength: what no wavelength reaches, over 2 π.

    Shapes:
        (m, steps, n) -> the same.

    Raises:
        ValueError: the wavelength isn't positive.
    """

    def __init__(self, max_wavelength: float = 10000):
        self.max_wavelength = at_least_zero(
            max_wavelength, "SinePositionEncoding expected a max_wavelength"
        )
        if not self.max_wavelength:
            raise ValueError("SinePositionEncoding expected a positive max_wavelength, got 0")

    def build(self, input_shape):
        _, self.features = of_a_sequence(input_shape)
        self.blocks = {}
        return input_shape

    def vectors(self, places):
        j = np.arange(self.features)
        angles = places[:, None] / self.max_wavelength ** (2 * (j // 2) / self.features)
        return np.where(j % 2, np.cos(angles), np.sin(angles))
