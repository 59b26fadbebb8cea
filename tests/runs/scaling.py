"""A function of a module that uses nothing of ours, to be remembered."""

import keras


def scaled(x, factor=2.0):
    """A number or an array, and more of it."""
    return x * factor + 0 * keras.backend.epsilon()
