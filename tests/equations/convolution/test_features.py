"""The equation of the chapter on features by hand and features learned."""

import pytest
from numeric import double
from tests.equations.checks import agree

from groundup import nn


def network() -> nn.Sequential:
    """The ordinary convolutional network, layer by layer as the chapter has it."""
    return double(
        nn.Input((28, 28, 1)), nn.Conv2D(16, 5), nn.MaxPooling2D(2), nn.Conv2D(32, 5),
        nn.MaxPooling2D(2), nn.Flatten(), nn.Dense(10),
    )  # fmt: skip


@pytest.mark.equation("ordinary-parameters")
def test_parameters_are_those_that_the_engine_has(book):
    agree(book["ordinary-parameters"], {}, code=network().count_params())
