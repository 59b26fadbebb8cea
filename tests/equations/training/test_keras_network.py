"""The equations of the chapter on a deep network in Keras."""

import keras
import pytest
from tests.equations.checks import agree

SIZES = (784, 128, 128, 128, 10)


def built(optimizer):
    """The chapter's network in Keras, with an optimizer that has made its variables."""
    inputs, *widths = SIZES
    model = keras.Sequential([keras.Input((inputs,)), *map(keras.layers.Dense, widths)])
    model.compile(optimizer, "mean_squared_error")
    model.optimizer.build(model.trainable_variables)
    return model


def numbers_kept(variables):
    return sum(int(keras.ops.size(variable)) for variable in variables)


@pytest.mark.equation("three-hidden-layers")
def test_parameters(book):
    agree(book["three-hidden-layers"], {}, code=built("adam").count_params())


@pytest.mark.equation("framework-total")
def test_total(book):
    model = built("adam")
    code = numbers_kept(model.variables) + numbers_kept(model.optimizer.variables)
    agree(book["framework-total"], {"p": model.count_params()}, code=code)
