"""Softmax regression, and the ways in which its chapter pushes the scores."""

import numpy as np


def softmax(Z):
    """Probabilities of scores, (m, k), by :eq:`softmax`."""
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    return P


def minus_target(P, Y):
    """The derivatives of each example's cross-entropy with respect to the scores, (m, k); divided by m,
    :eq:`output-error`.

    Args:
        P: probabilities, (m, k).
        Y: targets, a row with a single one for each example.
    """
    return P - Y


def squares(P, Y):
    """Those of the sum of squares, by :eq:`softmax-squared-error`."""
    E = P - Y
    return 2 * P * (E - np.sum(P * E, axis=1, keepdims=True))


def giving_up(P, Y):
    """Prediction minus target, unless the truth is as good as lost."""
    of_truth = np.sum(P * Y, axis=1, keepdims=True)
    return (P - Y) * (of_truth > 0.05)


def dropping(P, Y):
    """Prediction minus target, but not for 30 % of the examples, by NumPy's global generator."""
    return (P - Y) * (np.random.random((len(P), 1)) > 0.3)


def softmax_regression(x, y, rate=0.1, epochs=20, order=0, push=minus_target, start=(0, 0)):
    """Train ten neurons with softmax, in mini-batches of 100.

    Args:
        x: the examples, (m, n).
        y: their classes, whole numbers from 0 to 9, (m,).
        rate: the learning rate.
        epochs: how often each example has its turn.
        order: the seed of the order of the examples.
        push: what gives the derivatives with respect to the scores, from probabilities and targets.
        start: the first weights and biases.

    Returns:
        The weights, (n, 10), and biases, (10,), after each epoch.
    """
    rng = np.random.default_rng(order)
    Y = np.eye(10, dtype="float32")[y]
    W = np.zeros((x.shape[1], 10), "float32") + start[0]
    b = np.zeros(10, "float32") + start[1]
    networks = []
    for _ in range(epochs):
        shuffled = rng.permutation(len(x))
        for at in range(0, len(x), 100):
            rows = shuffled[at : at + 100]
            dZ = push(softmax(x[rows] @ W + b), Y[rows]) / len(rows)
            W -= rate * (x[rows].T @ dZ)
            b -= rate * dZ.sum(axis=0)
        networks.append((W.copy(), b.copy()))
    return networks
