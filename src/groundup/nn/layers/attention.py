"""Attention: every step of a sequence looks at the others, and takes from those that concern it."""

import math

import numpy as np

from groundup.nn import fused, initializers
from groundup.nn.arguments import flag, size
from groundup.nn.fused import attention as loops
from groundup.nn.layers.layer import Block, Layer, rows, times
from groundup.nn.layers.sequence_convolution import of_a_sequence

FAR_BELOW = -1e9  # a score that leaves no weight beside others, and yet is a number


class MultiHeadAttention(Layer):
    """Self-attention with several heads (Vaswani and others, 2017).

    In each head every step has a query, a key and a value, ``Q = X W_query + b_query`` and so on,
    :eq:`attention-projections`. How well the query of one step fits the key of another decides with which
    weight it takes the other's value: ``S = Q Kᵀ / √k``, ``P = softmax(S)``, ``C = P V``,
    :eq:`attention`. What the heads give, side by side, is mixed: ``C W_output + b_output``. A step that
    may see no other takes nothing.

    On the way back, ``dV = Pᵀ dC``, ``dP = dC Vᵀ``, ``dS = P ⊙ (dP − sum(dP ⊙ P))``, the sum over a row,
    ``dQ = dS K / √k`` and ``dK = dSᵀ Q / √k``; :eq:`attention-input-back`.

    Keras takes ``use_causal_mask`` when the layer is called, and has query and value as two inputs.

    Args:
        num_heads: how many heads there are, h.
        key_dim: how many numbers a query and a key have, k.
        value_dim: how many a value has; None is ``key_dim``.
        use_bias: whether there are the four ``b_…``.
        kernel_initializer: the first values of ``W_query`` and ``W_key``, (d, h, k), ``W_value``,
            (d, h, value_dim), and ``W_output``, (h, value_dim, d).
        bias_initializer: the first values of the four ``b_…``.
        use_causal_mask: whether a step sees only itself and those before it.

    Shapes:
        (m, steps, d) -> the same.

    Raises:
        ValueError: a size isn't positive, or an example isn't a sequence.
    """

    b_query = b_key = b_value = b_output = 0.0  # without biases
    db_query = db_key = db_value = db_output = None
    outputs = "anywhere"
    takes_mask = True
    past: tuple[np.ndarray, ...] | None = None  # keys, values, and which of them count

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        *,
        use_bias: bool = True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        use_causal_mask: bool = False,
    ):
        name = "MultiHeadAttention"
        self.num_heads = size(num_heads, name, "num_heads")
        self.key_dim = size(key_dim, name, "key_dim")
        self.value_dim = self.key_dim if value_dim is None else size(value_dim, name, "value_dim")
        self.use_bias = flag(use_bias, f"{name} expected use_bias")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.use_causal_mask = flag(use_causal_mask, f"{name} expected use_causal_mask")

    def build(self, input_shape):
        _, d = of_a_sequence(input_shape)
        h, k, v = self.num_heads, self.key_dim, self.value_dim
        kernels = {"query": (d, h, k), "key": (d, h, k), "value": (d, h, v), "output": (h, v, d)}
        biases = {"query": (h, k), "key": (h, k), "value": (h, v), "output": (d,)}
        self.blocks = {}
        for name, shape in kernels.items():
            self.blocks[f"W_{name}"] = Block(shape, self.kernel_initializer)
            if self.use_bias:
                self.blocks[f"b_{name}"] = Block(biases[name], self.bias_initializer)
        return input_shape

    def forward(self, X, mask=None):
        self.X = X
        self.Q, self.K, self.V = self._heads_of(X)
        steps = X.shape[1]
        seen = np.tri(steps, dtype=bool) if self.use_causal_mask else np.ones((1, 1), bool)
        if mask is not None:
            seen = seen & mask[:, None, None, :].astype(bool)
        S = self.Q / math.sqrt(self.key_dim) @ self.K.mT
        self.P = fused.form(self.weights)(S, seen)
        self.C = self._side_by_side(self.P @ self.V)
        W = self.W_output.reshape(-1, X.shape[2])
        return times(self.C, W) + self.b_output

    def weights(self, S, seen):
        """From scores, (m, h, steps, steps), the share of each value that a step takes; 0 if unseen."""
        S = np.where(seen, S, FAR_BELOW)
        E = np.exp(S - S.max(axis=-1, keepdims=True))
        return np.where(seen, E / E.sum(axis=-1, keepdims=True), 0)

    def backward(self, dZ):
        W = self.W_output.reshape(-1, dZ.shape[2])
        # A reshaped array is a view of the gradient, so the product is written where it belongs.
        np.matmul(rows(self.C).T, rows(dZ), out=self.dW_output.reshape(W.shape))
        rows(dZ).sum(axis=0, out=self.db_output)
        dC = self._split(times(dZ, W.T), self.value_dim)
        dS = fused.form(self.score_gradient)(dC @ self.V.mT)
        dQ = dS @ self.K / math.sqrt(self.key_dim)
        dK = dS.mT @ self.Q / math.sqrt(self.key_dim)
        dV = self.P.mT @ dC
        self.d_heads = {
            name: self._side_by_side(d) for name, d in (("query", dQ), ("key", dK), ("value", dV))
        }
        for name, d in self.d_heads.items():
            dW = getattr(self, f"dW_{name}")
            np.matmul(rows(self.X).T, rows(d), out=dW.reshape(len(dW), -1))
            if self.use_bias:
                rows(d).sum(axis=0, out=getattr(self, f"db_{name}").reshape(-1))

    def score_gradient(self, dP):
        """dS, from the gradient with respect to the weights: softmax, on the way back."""
        return self.P * (dP - (dP * self.P).sum(axis=-1, keepdims=True))

    def input_gradient(self, dZ):
        d = self.X.shape[2]
        kernels = {name: getattr(self, f"W_{name}").reshape(d, -1) for name in self.d_heads}
        return sum(times(self.d_heads[name], W.T) for name, W in kernels.items())

    def output_mask(self, X, mask):
        return mask

    def next_step(self, X, mask=None):
        if not self.use_causal_mask:
            raise TypeError(f"{self!r} can't go step by step: without a causal mask it looks ahead")
        Q, K, V = self._heads_of(X[:, None])
        counts = np.ones((len(X), 1), bool) if mask is None else mask[:, None].astype(bool)
        if self.past is not None:
            *before, counted = self.past
            if len(counted) != len(X):
                raise ValueError(
                    f"MultiHeadAttention expected a batch of {len(counted)} sequences to go on with, got "
                    f"{len(X)}; reset_states() begins anew"
                )
            K, V = (np.concatenate(both, axis=2) for both in zip(before, (K, V), strict=True))
            counts = np.concatenate([counted, counts], axis=1)
        self.past = K, V, counts
        S = Q @ K.mT / math.sqrt(self.key_dim)
        C = self._side_by_side(self.weights(S, counts[:, None, None, :]) @ V)
        return (C @ self.W_output.reshape(-1, X.shape[1]) + self.b_output)[:, 0]

    def reset_states(self):
        vars(self).pop("past", None)  # as before the first step

    def _heads_of(self, X: np.ndarray) -> list[np.ndarray]:
        """Queries, keys and values of all heads, (m, steps, d) -> (m, h, steps, k) each."""
        found = []
        for name in ("query", "key", "value"):
            W = getattr(self, f"W_{name}")
            H = times(X, W.reshape(len(W), -1))
            if self.use_bias:
                H = H + getattr(self, f"b_{name}").reshape(-1)
            found.append(self._split(H, W.shape[2]))
        return found

    def _split(self, A: np.ndarray, size: int) -> np.ndarray:
        """(m, steps, h · k) -> (m, h, steps, k)."""
        return A.reshape(*A.shape[:2], self.num_heads, size).swapaxes(1, 2)

    def _side_by_side(self, A: np.ndarray) -> np.ndarray:
        """(m, h, steps, k) -> (m, steps, h · k)."""
        A = A.swapaxes(1, 2)
        return A.reshape(*A.shape[:2], -1)

    forms = ((weights, loops.weights), (score_gradient, loops.score_gradient))
