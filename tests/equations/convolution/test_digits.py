"""The equation of the chapter on digits with a convolutional network."""

import pytest
from tests.equations.checks import agree

from groundup.models.digits import make_network


@pytest.mark.equation("digits-parameters")
def test_parameters(book):
    agree(book["digits-parameters"], {}, code=make_network().count_params())
