"""Test of an equation in a draft, book/foundations/drafts/softmax-regression-left.md.

No chapter has this equation at present, so pytest doesn't collect it. The chapter that takes it up takes
its test along, with its typos.
"""

import pytest
from numeric import central_differences
from tests.equations.checks import agree, formula, same
from tests.equations.foundations.test_softmax_regression import K, M, Y, Z

from groundup import nn

TYPOS = [
    ("half-squared-error", "{2m}", "{m}"),
    ("half-squared-error", "{2m}", "{2mk}"),
    ("half-squared-error", "^2", ""),
    ("half-squared-error", r"\hat y_{ij} - y_{ij}", r"\hat y_{ij} - y_{ji}"),
    ("half-squared-error", "^{k}", "^{m}"),
]


@pytest.mark.equation("half-squared-error", "output-error")
def test_half_the_squared_error_of_a_linear_output(book):
    half = nn.MeanSquaredError().forward(Y, Z) * K / 2
    values = {"m": M, "k": K, "y": Y, r"\hat y": Z.copy()}
    agree(book["half-squared-error"], values | {"L": half})
    loss = formula(book["half-squared-error"])
    dZ = formula(book["output-error"])({"m": M, r"\hat Y": Z, "Y": Y})
    same(central_differences(lambda: loss(values), values[r"\hat y"]), dZ, "its derivative and dZ")
