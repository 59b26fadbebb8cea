"""What runs are made of in the tests: classes and functions of a module."""

import functools
import random as other_random

import keras
import numpy as np

from groundup import runs
from groundup.nn import random


@functools.cache
def calls():
    """A list that is no variable of the module: which functions were called."""
    return []


class Scaled(keras.Model):
    """A model of a class of its own, with an attribute that decides what it computes."""

    def __init__(self, units=3, scale=2.0):
        super().__init__()
        self.dense = keras.layers.Dense(units, activation="softmax")
        self.scale = scale
        self.hidden = [keras.layers.Dense(4)]

    def call(self, x):
        return self.dense(self.hidden[0](x) * self.scale)

    def get_config(self):
        return {"units": self.dense.units, "scale": self.scale}


def walk(start, steps=3, *, width=1.0):
    """A loop with chance in it."""
    calls().append("walk")
    path = [start]
    for _ in range(steps):
        path.append(path[-1] + width * random.generator.normal(size=np.shape(start)))
    return {"path": np.array(path), "last": (float(path[-1].sum()), None, "text"), "steps": [steps]}


def nested(n):
    """A function that makes runs itself, side by side where it may."""
    calls = [functools.partial(runs.remember, walk, float(n), k, name="walk") for k in (1, 2)]
    return [outcome.result["last"][0] for outcome in runs.fit_all(calls)]


def careful(x):
    """A function that puts back what it sets."""
    with np.errstate(all="ignore"):
        return float(np.float64(x) / 0)


def careless(x):
    """A function that sets something for the whole process."""
    np.seterr(divide="ignore")
    return float(np.float64(x) / 0)


def layers(units):
    """A function that makes parts of Keras."""
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(units)]).count_params()


def spoil(x):
    """A function that changes its argument."""
    x += 1
    return x


def rename(x):
    """A function whose argument is another type's afterwards, which Python calls equal."""
    x[0] = float(x[0])
    return 0


def seeded(x, seed):
    """A function with an argument that is called as one of ours."""
    return x


def words(x):
    """A function whose result is an array of no numbers."""
    return [np.array(["word"])]


def count(table):
    """A function whose result has several kinds of numbers in an order of their own."""
    return {"z": np.float32(1), "a": np.int64(2), "m": np.ones(2, ">f8")}


def model_of(x):
    """A function whose result can't be kept."""
    return Scaled


def drawn():
    """Numbers of every global generator."""
    return [random.generator.random(), np.random.random(), other_random.random()]


def raised(x, *, power=2):
    """A function with a default that is given by name alone."""
    return x**power
