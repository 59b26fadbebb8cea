"""Automatic differentiation on a page: values that remember what they were computed from.

The layers of ``groundup.nn`` derive their ways back by hand; the tape finds them by itself. The two share
no code, so that each can be held against the other. It imports NumPy alone and trains nothing.

Example:
    >>> import numpy as np
    >>> from groundup import tape
    >>> w = tape.Value([[2.0], [1.0]])
    >>> y = (np.array([[1.0, 3.0]]) @ w).tanh()
    >>> y.backward([[1.0]])
    >>> w.gradient
    array([[0.00018158],
           [0.00054475]])
"""

from groundup.tape.core import Value, constant
from groundup.tape.rules import (
    erf,
    join,
    largest,
    pad,
    reshape,
    stack,
    take,
    transpose,
    where,
    windows,
)

__all__ = [
    "Value",
    "constant",
    "erf",
    "join",
    "largest",
    "pad",
    "reshape",
    "stack",
    "take",
    "transpose",
    "where",
    "windows",
]
