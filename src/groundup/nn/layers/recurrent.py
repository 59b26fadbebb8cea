"""Recurrent layers: the same weights at every step of a sequence, and a state that goes along."""

import numpy as np

from groundup.nn import fused, initializers
from groundup.nn.arguments import flag, size
from groundup.nn.layers.layer import Block, Layer, rows, times
from groundup.nn.layers.sequence_convolution import of_a_sequence

State = tuple[np.ndarray, ...]


class Recurrent(Layer):
    """What recurrent layers share: the way along the steps and back.

    What the inputs add to the pre-activations of all steps is one product before the loop,
    ``Z = X W + b``; a step then adds what the state does, ``R = H U``. On the way back each step gives dZ
    and dR, and the gradients of the weights are one product each after the loop. A subclass says what a
    step does.

    A step that doesn't count, as a mask says, leaves the state as it was, and so the gradient passes it.

    Args:
        units: how many numbers the state has, n.
        use_bias: whether there is a ``b``.
        kernel_initializer: the first values of ``W``, (d, gates · n).
        recurrent_initializer: the first values of ``U``, (n, gates · n).
        bias_initializer: the first values of ``b``.
        return_sequences: whether the output is the state at every step, or only at the last.
        go_backwards: whether the last step comes first; then the output's steps are in that order too.
        stateful: whether a batch goes on where the last one ended, example by example, until
            ``reset_states``; so all batches have to be of one size. The way back stays within a batch.

    Shapes:
        (m, steps, d) -> (m, n), or (m, steps, n) with ``return_sequences``.

    Raises:
        ValueError: the number of units isn't positive, an example isn't a sequence, or there are other
            sequences than those that a state is carried on for.
    """

    b, db = 0.0, None  # without a bias
    outputs = "anywhere"
    takes_mask = True
    gates = 1  # W and U have n columns for each
    memories = 1  # arrays that a step hands on to the next; the first of them is its output
    carried: State | None = None

    def __init__(
        self,
        units: int,
        *,
        use_bias: bool = True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        return_sequences: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
    ):
        name = type(self).__name__
        self.units = size(units, name, "units")
        self.use_bias = flag(use_bias, f"{name} expected use_bias")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.return_sequences = flag(return_sequences, f"{name} expected return_sequences")
        self.go_backwards = flag(go_backwards, f"{name} expected go_backwards")
        self.stateful = flag(stateful, f"{name} expected stateful")

    def step(self, Z: np.ndarray, R: np.ndarray, state: State) -> tuple[State, tuple]:
        """One step forward.

        Args:
            Z: what the input adds to the pre-activations, (m, gates · n).
            R: what the state adds, of the same shape.
            state: the state before.

        Returns:
            The state after, and what the way back needs.
        """
        raise NotImplementedError

    def step_back(self, kept: tuple, d_state: State) -> tuple[np.ndarray, np.ndarray, State]:
        """One step back.

        Args:
            kept: what ``step`` kept.
            d_state: the gradient with respect to the state after.

        Returns:
            dZ, dR (the same array, if ``R_is_added``), and the gradient with respect to the state before,
            but for what goes by way of R.
        """
        raise NotImplementedError

    R_is_added = True  # to Z, and used nowhere else; so dR is dZ

    def build(self, input_shape):
        steps, features = of_a_sequence(input_shape)
        columns = self.gates * self.units
        self.blocks = {
            "W": Block((features, columns), self.kernel_initializer),
            "U": Block((self.units, columns), self.recurrent_initializer),
            **({"b": self.bias()} if self.use_bias else {}),
        }
        return (steps, self.units) if self.return_sequences else (self.units,)

    def bias(self) -> Block:
        """What is to be made as ``b``."""
        return Block((self.gates * self.units,), self.bias_initializer)

    def input_bias(self):
        """What is added to Z."""
        return self.b

    def forward(self, X, mask=None):
        # All arrays of the loop have the steps first, so that the rows of a step lie together.
        self.X = self._steps_first(X)
        self.counted = None if mask is None else self._steps_first(mask)[..., None].astype(bool)
        Z = times(self.X, self.W) + self.input_bias()
        carried = self.carried if self.stateful else None
        state = self._first_state(len(X), Z.dtype, carried)
        step, self.kept, self.H_before, outputs = fused.form(self.step), [], [], []
        for t in range(len(Z)):
            after, kept = step(Z[t], state[0] @ self.U, state)
            self.H_before.append(state[0])
            self.kept.append(kept)
            if self.counted is not None:
                pairs = zip(after, state, strict=True)
                after = tuple(np.where(self.counted[t], new, old) for new, old in pairs)
            state = after
            outputs.append(state[0])
        if self.stateful:
            self.carried = state
        return np.stack(outputs, axis=1) if self.return_sequences else outputs[-1].copy()

    def backward(self, dH):
        """``dW``, ``dU`` and ``db``, back through time: from each step to the one before it, the gradient
        with respect to the state in hand, and at each step that of its own output added. Those of the
        weights are sums over the steps, of an LSTM by :eq:`lstm-back-weights`.
        """
        steps = len(self.kept)
        if self.return_sequences:
            d_outputs = [dH[:, t] for t in range(steps)]
        else:
            d_outputs = [np.zeros_like(dH)] * (steps - 1) + [dH]
        d_state = (np.zeros_like(d_outputs[0]),) * self.memories
        step_back, dZ, dR = fused.form(self.step_back), [None] * steps, [None] * steps
        for t in reversed(range(steps)):
            d_after = (d_state[0] + d_outputs[t], *d_state[1:])
            d_passing = None
            if self.counted is not None:  # a step that doesn't count hands on what it gets
                d_passing = [np.where(self.counted[t], 0, d) for d in d_after]
                d_after = tuple(np.where(self.counted[t], d, 0) for d in d_after)
            dZ[t], dR[t], d_before = step_back(self.kept[t], d_after)
            d_state = (d_before[0] + dR[t] @ self.U.T, *d_before[1:])
            if d_passing is not None:
                d_state = tuple(d + passing for d, passing in zip(d_state, d_passing, strict=True))
        self.dZ = np.stack(dZ)
        dR = self.dZ if self.R_is_added else np.stack(dR)
        np.matmul(rows(self.X).T, rows(self.dZ), out=self.dW)
        np.matmul(rows(np.stack(self.H_before)).T, rows(dR), out=self.dU)
        self.fill_bias_gradient(rows(self.dZ), rows(dR))

    def fill_bias_gradient(self, dZ: np.ndarray, dR: np.ndarray) -> None:
        """Fill ``db``, of dZ and dR of all steps, (rows, gates · n)."""
        dZ.sum(axis=0, out=self.db)

    def input_gradient(self, dH):
        dX = times(self.dZ, self.W.T)
        return (dX[::-1] if self.go_backwards else dX).swapaxes(0, 1)

    def output_mask(self, X, mask):
        """Of the steps of the output, which are in the order in which they were taken; Keras leaves the
        mask in that of the input.
        """
        if mask is None or not self.return_sequences:
            return None
        return mask[:, ::-1] if self.go_backwards and mask.ndim > 1 else mask

    def next_step(self, X, mask=None):
        if self.go_backwards:
            raise TypeError(f"{self!r} can't go step by step: it takes the last step first")
        state = self._first_state(len(X), self.W.dtype, self.carried)
        after, _ = self.step(X @ self.W + self.input_bias(), state[0] @ self.U, state)
        if mask is not None:
            pairs = zip(after, state, strict=True)
            after = tuple(np.where(mask[:, None], new, old) for new, old in pairs)
        self.carried = after
        return after[0].copy()

    def reset_states(self):
        vars(self).pop("carried", None)  # as before the first step

    def _steps_first(self, A: np.ndarray) -> np.ndarray:
        """(m, steps, …) -> (steps, m, …), in the order in which the steps are taken."""
        A = A.swapaxes(0, 1)
        return np.ascontiguousarray(A[::-1] if self.go_backwards else A)

    def _first_state(self, m: int, dtype, carried: State | None) -> State:
        if carried is None:
            return (np.zeros((m, self.units), dtype),) * self.memories
        if len(carried[0]) != m:
            raise ValueError(
                f"{type(self).__name__} expected a batch of {len(carried[0])} sequences to go on with, "
                f"got {m}; reset_states() begins anew"
            )
        return tuple(memory.astype(dtype, copy=False) for memory in carried)


class SimpleRNN(Recurrent):
    """The state is ``h = tanh(x W + h U + b)`` (Elman, 1990)."""

    def step(self, Z, R, state):
        h = np.tanh(Z + R)
        return (h,), (h,)

    def step_back(self, kept, d_state):
        """``dZ = dh ⊙ (1 − h²)``."""
        (h,), (dh,) = kept, d_state
        dZ = dh * (1 - h**2)
        return dZ, dZ, (0.0,)
