"""A recurrent network that goes back through time in pieces."""

import numpy as np


def gradients(weights, X, Y, reach, cold=0):
    """The gradients of the mean squared error, back through time in pieces: :eq:`recurrent-layer`,
    :eq:`layer-back` and :eq:`layer-shares`, but that none crosses from a piece to the one before it.

    Args:
        weights: W, U and b of the recurrent layer, V and c of the output.
        X, Y: inputs and targets, the steps first, (T, m, d) and (T, m, K).
        reach: how many steps a piece has; the state goes on from piece to piece.
        cold: how many steps there are at the beginning whose errors don't count.

    Returns:
        A list with a gradient for each of the weights.
    """
    W, U, b, V, c = weights
    H = [np.zeros((X.shape[1], len(U)))]
    for X_t in X:
        H.append(np.tanh(X_t @ W + H[-1] @ U + b))
    H = np.array(H)
    d_said = 2 * (H[1:] @ V + c - Y) / Y.size
    d_said[:cold] = 0
    dZ, dW, dU, db = np.zeros(H[0].shape), 0.0, 0.0, 0.0
    for t in reversed(range(len(X))):
        if (t + 1) % reach == 0:
            dZ = np.zeros(H[0].shape)  # a cut
        dH = d_said[t] @ V.T + dZ @ U.T
        dZ = dH * (1 - H[t + 1] * H[t + 1])
        dW, dU, db = dW + X[t].T @ dZ, dU + H[t].T @ dZ, db + dZ.sum(axis=0)
    dV = (H[1:].mT @ d_said).sum(axis=0)
    return [dW, dU, db, dV, d_said.sum(axis=(0, 1))]


def train(weights, X, Y, reach, cold=0, epochs=800, batch=32, rate=0.001):
    """Adam on gradients that are cut, in mini-batches that NumPy's global generator draws.

    Args:
        weights: where it starts, see ``gradients``.
        X, Y: examples, (m, T, d), and their targets, (m, T, K).
        reach, cold: see ``gradients``.
        epochs: how often each example has its turn.
        batch: how many examples a step looks at.
        rate: the learning rate.

    Returns:
        The weights after training.
    """
    weights = [np.array(array, float) for array in weights]
    X, Y = np.swapaxes(X, 0, 1), np.swapaxes(Y, 0, 1)
    averages, squares = ([np.zeros(array.shape) for array in weights] for _ in range(2))
    step, m = 0, X.shape[1]
    for _ in range(epochs):
        order = np.random.permutation(m)
        for start in range(0, m, batch):
            rows = order[start : start + batch]
            step += 1
            now = rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            found = gradients(weights, X[:, rows], Y[:, rows], reach, cold)
            for w, dw, u, v in zip(weights, found, averages, squares, strict=True):
                u += 0.1 * (dw - u)
                v += 0.001 * (dw**2 - v)
                w -= now * u / (np.sqrt(v) + 1e-7)
    return weights
