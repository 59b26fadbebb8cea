"""Functions of a module that uses nothing of ours, to be remembered."""

import keras
import numpy as np


def scaled(x, factor=2.0):
    """A number or an array, and more of it."""
    return x * factor + 0 * keras.backend.epsilon()


own = np.random.default_rng(0)
steps = 0


def with_a_generator_of_its_own():
    """A number that is another each time."""
    return float(own.normal())


def counting():
    """A function that counts how often it's called."""
    global steps
    steps += 1
    return steps
