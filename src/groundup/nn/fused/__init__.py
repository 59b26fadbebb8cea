"""The passes over memory that dominate a training step, each as one compiled loop.

Nobody who reads ``nn`` to learn has to enter this room. What a method computes is said by the method,
in NumPy; some have a second form here, equal to rounding, that Numba compiles. ``fit`` takes its steps by
these where Numba is installed, unless the environment says ``GROUNDUP_FUSED=0``; everything else
(``predict``, ``evaluate``, ``gradients``) is computed by the methods themselves.

There is a module for each module with such methods; the class says in ``forms`` what stands for which. A
form takes the same arguments as the method, keeps the same attributes, and leaves to the method what
isn't plain floating-point numbers in one piece of memory. A loop takes arrays and numbers alone, reads
no global name and calls no other loop.
"""

import contextvars
import functools
from collections.abc import Callable
from types import MethodType

import numpy as np

from groundup.nn.fused import compiling

_taken = contextvars.ContextVar("_taken", default=False)


def form(method: Callable) -> Callable:
    """What to call for a method: its form, where forms are taken and it has one; else itself."""
    if not _taken.get() or not isinstance(method, MethodType):
        return method
    found = _form(type(method.__self__), method.__func__)
    return MethodType(found, method.__self__) if found else method


@functools.cache
def _form(cls: type, function: Callable) -> Callable | None:
    """The form of a function that is a method of this class, or was inherited by it."""
    forms = (dict(vars(c).get("forms", ())) for c in cls.__mro__)
    return next((found[function] for found in forms if function in found), None)


class taken:  # noqa: N801, read as what it does: with fused.taken():
    """For ``with``: within it, forms stand for their methods, if they can be compiled and may be.

    Args:
        forced: also if not.
    """

    def __init__(self, *, forced: bool = False):
        self.token = None
        self.wanted = forced or compiling.wanted()

    def __enter__(self):
        self.token = _taken.set(self.wanted)

    def __exit__(self, *error):
        _taken.reset(self.token)


def forward(layer, X, *mask):
    """``Layer.training_forward``, for those that have no other: the way forward, or its form."""
    return form(layer.forward)(X, *mask)


def compiler() -> str | None:
    """The version of Numba by whose code training takes its steps; None if it takes them in NumPy."""
    return compiling.version() if compiling.wanted() else None


def suits(*arrays) -> bool:
    """Whether loops take these: arrays of one precision, single or double, each in one piece."""
    dtype = arrays[0].dtype
    if dtype != np.float32 and dtype != np.float64:
        return False
    for array in arrays:  # a loop, for it's part of every pass
        if type(array) is not np.ndarray or array.dtype != dtype or not array.flags.c_contiguous:
            return False
    return True
