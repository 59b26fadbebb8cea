"""What keeps objects what they say they are: not everything can be set from outside."""

import difflib
import inspect
import sys
from collections.abc import Iterable, Iterator
from types import CodeType

import numpy as np


class Guarded:
    """For classes whose objects decide results, so that nothing set on one is without effect or without
    a trace.

    An object's own methods may set what they like, such as what the way back needs. From outside, one
    can set what ``settable`` names, and what subclasses add to that; a name that isn't there is an
    ``AttributeError``, one that is there but isn't for setting (a method, something computed) a
    ``TypeError``. Arrays that others have views of are never replaced: values are copied into them.
    """

    settable: tuple[str, ...] = ()
    _own_code: frozenset[int] = frozenset()

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        cls._own_code = _code_of_methods(cls)

    def __setattr__(self, name: str, value) -> None:
        array = self._shared_array(name)
        if array is not None:
            if value is not array:  # as it is after ``layer.W += 1``
                put(array, value, f"{type(self).__name__}.{name}")
            return
        if _is_own(self, sys._getframe(1).f_code):
            object.__setattr__(self, name, value)
        else:
            self._set_from_outside(name, value)

    def __delattr__(self, name: str) -> None:
        if self._shared_array(name) is not None or not _is_own(self, sys._getframe(1).f_code):
            raise TypeError(f"{type(self).__name__}.{name} can't be deleted")
        object.__delattr__(self, name)

    def _shared_array(self, name: str) -> np.ndarray | None:
        """The array of this name if others have views of it."""
        return None

    def _settable_names(self) -> list[str]:
        return [*self.settable]

    def _set_from_outside(self, name: str, value) -> None:
        if name in self.settable:
            object.__setattr__(self, name, value)
            return
        cls, names = type(self).__name__, self._settable_names()
        there = f"what can be set: {', '.join(names) or 'nothing'}"
        if name not in dir(self):
            close = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise AttributeError(f"{cls} has no {name!r} to be set; {hint}{there}")
        method = inspect.isroutine(getattr(type(self), name, None))
        raise TypeError(f"{cls}.{name} {'is a method and ' * method}can't be set; {there}")


def put(array: np.ndarray, value, name: str) -> None:
    """Copy values into an array.

    Args:
        array: where to.
        value: real numbers of the same shape.
        name: what to call it in an error.

    Raises:
        TypeError: they aren't real numbers, or some are masked.
        ValueError: the shape is another.
    """
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} expected values without a mask, got a masked array")
    values = np.asarray(value)
    if values.dtype.kind not in "biuf":
        raise TypeError(f"{name} expected real numbers, got dtype {values.dtype}")
    if values.shape != array.shape:
        raise ValueError(f"{name} expected an array of shape {array.shape}, got {values.shape}")
    array[...] = values


def _is_own(thing: Guarded, code: CodeType) -> bool:
    """Whether this code is that of a method of the object's class."""
    cls = type(thing)
    # What was added to the class later, as a decorator does, is looked for only if need be.
    return id(code) in cls._own_code or id(code) in _code_of_methods(cls)


def _code_of_methods(cls: type) -> frozenset[int]:
    """The identities of the code of a class's methods; comparing code itself would take longer."""
    return frozenset(map(id, _codes(value for c in cls.__mro__ for value in vars(c).values())))


def _codes(values: Iterable) -> Iterator[CodeType]:
    """The code of the functions among these values, with that of comprehensions and the like in it."""
    for value in values:
        if isinstance(value, property):
            yield from _codes([value.fget, value.fset])
        elif isinstance(value, CodeType):
            yield value
            yield from _codes(value.co_consts)
        elif inspect.isfunction(function := inspect.unwrap(value)):
            yield from _codes([function.__code__])
