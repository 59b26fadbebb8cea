"""The optimizers' rules, each as one loop over parameters, gradients and what is remembered."""

import math

import numpy as np

from groundup.nn import fused
from groundup.nn.fused.compiling import compiled


def sgd(optimizer, w, dw, learning_rate, *velocity):
    """``SGD.update``."""
    if not fused.suits(w, dw, *velocity):
        optimizer.update(w, dw, learning_rate, *velocity)
    elif not optimizer.momentum:
        _passed(step_loop, (w, dw), learning_rate)
    else:
        loop = nesterov_loop if optimizer.nesterov else momentum_loop
        _passed(loop, (w, dw, *velocity), learning_rate, optimizer.momentum, _faded(w))


def rmsprop(optimizer, w, dw, learning_rate, v):
    """``RMSprop.update``."""
    if not fused.suits(w, dw, v):
        return optimizer.update(w, dw, learning_rate, v)
    numbers = learning_rate, 1 - optimizer.rho, optimizer.epsilon
    _passed(rmsprop_loop, (w, dw, v), *numbers, np.finfo(w.dtype).tiny)


def adam(optimizer, w, dw, learning_rate, m, v):
    """``Adam.update``."""
    if not fused.suits(w, dw, m, v):
        return optimizer.update(w, dw, learning_rate, m, v)
    t = int(optimizer.variables["iterations"])
    beta_1, beta_2 = optimizer.beta_1, optimizer.beta_2
    step = learning_rate * (math.sqrt(1 - beta_2**t) / (1 - beta_1**t))
    numbers = step, beta_1, 1 - beta_1, beta_2, 1 - beta_2, optimizer.epsilon
    _passed(adam_loop, (w, dw, m, v), *numbers, _faded(w), np.finfo(w.dtype).tiny)


def adamw(optimizer, w, dw, learning_rate, m, v):
    """``AdamW.update``."""
    if not fused.suits(w, dw, m, v):
        return optimizer.update(w, dw, learning_rate, m, v)
    _passed(decay_loop, (w,), learning_rate * optimizer.weight_decay)
    adam(optimizer, w, dw, learning_rate, m, v)


def _passed(loop, vectors, *numbers):
    """Pass over vectors, with numbers in their precision."""
    compiled(loop)(*vectors, *map(vectors[0].dtype.type, numbers))


def _faded(w):
    """Where the gradient is zero, less than this is forgotten of an average of gradients: so little that
    adding it changes no parameter of full precision. Else what follows of it would have less than that
    itself, and the processor computes with such numbers 60 times slower; see ``FORGET_EVERY``."""
    limits = np.finfo(w.dtype)
    return limits.tiny / limits.eps


def step_loop(w, dw, learning_rate):
    for i in range(w.size):
        w[i] -= learning_rate * dw[i]


def momentum_loop(w, dw, velocity, learning_rate, momentum, faded):
    zero = w.dtype.type(0)
    for i in range(w.size):
        u = momentum * velocity[i] - learning_rate * dw[i]
        velocity[i] = zero if dw[i] == zero and abs(u) < faded else u
        w[i] += u


def nesterov_loop(w, dw, velocity, learning_rate, momentum, faded):
    zero = w.dtype.type(0)
    for i in range(w.size):
        step = -learning_rate * dw[i]
        u = momentum * velocity[i] + step
        velocity[i] = zero if dw[i] == zero and abs(u) < faded else u
        w[i] += momentum * u + step


def rmsprop_loop(w, dw, v, learning_rate, new, epsilon, least):
    zero = w.dtype.type(0)
    for i in range(w.size):
        s = v[i] + new * (dw[i] * dw[i] - v[i])
        v[i] = zero if dw[i] == zero and abs(s) < least else s
        w[i] -= learning_rate * dw[i] / np.sqrt(s + epsilon)


def adam_loop(w, dw, m, v, step, beta_1, new_1, beta_2, new_2, epsilon, faded, least):
    zero = w.dtype.type(0)
    for i in range(w.size):
        a = beta_1 * m[i] + new_1 * dw[i]
        s = beta_2 * v[i] + new_2 * dw[i] * dw[i]
        gone = dw[i] == zero and abs(a) < faded
        m[i] = zero if gone else a
        v[i] = zero if gone and abs(s) < least else s
        w[i] -= step * (a / (np.sqrt(s) + epsilon))


def decay_loop(w, share):
    for i in range(w.size):
        w[i] -= share * w[i]
