"""Work whose time a page tells, done so often that a clock can measure it."""

import numpy as np

from groundup.nn import activations


def forward_and_back(activation: str, Z: np.ndarray, rounds: int) -> None:
    """Compute an activation and the gradient through it, by NumPy.

    Args:
        activation: its name.
        Z: what goes in, (m, n); also the gradient that comes back.
        rounds: how often.
    """
    function = activations.get(activation)
    for _ in range(rounds):
        function.forward(Z)
        function.backward(Z)
