"""The optimizers' rules, each as one loop over parameters, gradients and what is remembered."""

import math

import numpy as np

from groundup.nn import fused
from groundup.nn.fused.compiling import compiled


def sgd(optimizer, w, dw, learning_rate, velocity=None):
    """``SGD.update``."""
    if not fused.suits(w, dw, *([] if velocity is None else [velocity])):
        return optimizer.update(w, dw, learning_rate, *([] if velocity is None else [velocity]))
    number = w.dtype.type
    if not optimizer.momentum:
        compiled(step_loop)(w, dw, number(learning_rate))
    else:
        arguments = w, dw, velocity, number(learning_rate), number(optimizer.momentum)
        compiled(nesterov_loop if optimizer.nesterov else momentum_loop)(*arguments)


def rmsprop(optimizer, w, dw, learning_rate, v):
    """``RMSprop.update``."""
    if not fused.suits(w, dw, v):
        return optimizer.update(w, dw, learning_rate, v)
    numbers = learning_rate, 1 - optimizer.rho, optimizer.epsilon
    compiled(rmsprop_loop)(w, dw, v, *map(w.dtype.type, numbers))


def adam(optimizer, w, dw, learning_rate, m, v):
    """``Adam.update``."""
    if not fused.suits(w, dw, m, v):
        return optimizer.update(w, dw, learning_rate, m, v)
    t = int(optimizer.variables["iterations"])
    beta_1, beta_2 = optimizer.beta_1, optimizer.beta_2
    step = learning_rate * (math.sqrt(1 - beta_2**t) / (1 - beta_1**t))
    numbers = step, beta_1, 1 - beta_1, beta_2, 1 - beta_2, optimizer.epsilon
    compiled(adam_loop)(w, dw, m, v, *map(w.dtype.type, numbers))


def adamw(optimizer, w, dw, learning_rate, m, v):
    """``AdamW.update``."""
    if not fused.suits(w, dw, m, v):
        return optimizer.update(w, dw, learning_rate, m, v)
    compiled(decay_loop)(w, w.dtype.type(learning_rate * optimizer.weight_decay))
    adam(optimizer, w, dw, learning_rate, m, v)


def step_loop(w, dw, learning_rate):
    for i in range(w.size):
        w[i] -= learning_rate * dw[i]


def momentum_loop(w, dw, velocity, learning_rate, momentum):
    for i in range(w.size):
        velocity[i] = momentum * velocity[i] - learning_rate * dw[i]
        w[i] += velocity[i]


def nesterov_loop(w, dw, velocity, learning_rate, momentum):
    for i in range(w.size):
        step = -learning_rate * dw[i]
        velocity[i] = momentum * velocity[i] + step
        w[i] += momentum * velocity[i] + step


def rmsprop_loop(w, dw, v, learning_rate, new, epsilon):
    for i in range(w.size):
        v[i] += new * (dw[i] * dw[i] - v[i])
        w[i] -= learning_rate * dw[i] / np.sqrt(v[i] + epsilon)


def adam_loop(w, dw, m, v, step, beta_1, new_1, beta_2, new_2, epsilon):
    for i in range(w.size):
        m[i] = beta_1 * m[i] + new_1 * dw[i]
        v[i] = beta_2 * v[i] + new_2 * dw[i] * dw[i]
        w[i] -= step * m[i] / (np.sqrt(v[i]) + epsilon)


def decay_loop(w, share):
    for i in range(w.size):
        w[i] -= share * w[i]
