"""What keeps objects what they say they are: not everything can be set from outside."""

import dis
import functools
import inspect
import sys
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType

import numpy as np

from groundup.nn.arguments import meant
from groundup.nn.arrays import real


class Guarded:
    """For classes whose objects decide results, so that nothing set on one is without effect or without
    a trace.

    An object's own methods may set what they like, such as what the way back needs. From outside, one
    can set what ``settable`` names, and what subclasses add to that; a name that isn't there is an
    ``AttributeError``, one that is there but isn't for setting (a method, something computed) a
    ``TypeError``. Arrays that others have views of are never replaced: values are copied into them.
    """

    settable: tuple[str, ...] = ()
    _shared: frozenset[str] = frozenset()  # the names of such arrays
    _scratch: frozenset[str] = frozenset()  # what the way forward alone sets, each time anew
    _own_code: frozenset[int] = frozenset()  # the identities of the code of the class's methods

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        cls._own_code = _code_of_methods(cls)
        lasting = _names_set(cls, "__init__", "build") | set(dir(cls))
        cls._scratch = _names_set(cls, "forward", "training_forward") - lasting

    def __setattr__(self, name: str, value) -> None:
        if name in self._scratch and name not in self._shared:
            self.__dict__[name] = value  # at once, for it's part of every step
        elif self._is_shared(name):
            if value is not vars(self)[name]:  # as it is after ``layer.W += 1``
                put(vars(self)[name], value, f"{type(self).__name__}.{name}")
        elif _is_own(self, sys._getframe(1).f_code):
            object.__setattr__(self, name, value)
        else:
            self._set_from_outside(name, value)

    def __delattr__(self, name: str) -> None:
        if self._is_shared(name) or not _is_own(self, sys._getframe(1).f_code):
            raise TypeError(f"{type(self).__name__}.{name} can't be deleted")
        object.__delattr__(self, name)

    def _is_shared(self, name: str) -> bool:
        return name in self._shared and vars(self).get(name) is not None

    def _settable_names(self) -> list[str]:
        return [*self.settable]

    def _set_from_outside(self, name: str, value) -> None:
        if name in self.settable:
            object.__setattr__(self, name, value)
            return
        cls, names = type(self).__name__, self._settable_names()
        there = f"what can be set: {', '.join(names) or 'nothing'}"
        if name not in dir(self):
            raise AttributeError(f"{cls} has no {name!r} to be set; {meant(name, names)}{there}")
        method = inspect.isroutine(getattr(type(self), name, None))
        raise TypeError(f"{cls}.{name} {'is a method and ' * method}can't be set; {there}")


def put(array: np.ndarray, value, name: str) -> None:
    """Copy values into an array.

    Args:
        array: where to.
        value: real numbers of the same shape.
        name: what to call it in an error.

    Raises:
        TypeError: as ``real``.
        ValueError: the same, or the shape is another.
    """
    values = real(value, f"values for {name}")
    if values.shape != array.shape:
        raise ValueError(f"expected values for {name} of shape {array.shape}, got {values.shape}")
    array[...] = values


def _is_own(thing: Guarded, code: CodeType) -> bool:
    """Whether this code is that of a method of the object's class."""
    cls = type(thing)
    # What was added to the class later, as a decorator does, is looked for only if need be.
    return id(code) in cls._own_code or id(code) in _code_of_methods(cls)


def _code_of_methods(cls: type) -> frozenset[int]:
    return frozenset(id(code) for c in cls.__mro__ for code in _codes(vars(c).values()))


def _names_set(cls: type, *methods: str) -> frozenset[str]:
    """The names of the attributes that these methods of a class set."""
    functions = [vars(c)[name] for c in cls.__mro__ for name in methods if name in vars(c)]
    return frozenset().union(*map(_names_set_by, _codes(functions)))


@functools.cache
def _names_set_by(code: CodeType) -> frozenset[str]:
    steps = dis.get_instructions(code)
    return frozenset(step.argval for step in steps if step.opname == "STORE_ATTR")


def _codes(values: Iterable) -> Iterator[CodeType]:
    """The code of the functions among these values, with that of comprehensions and the like in it."""
    for value in values:
        if isinstance(value, property):
            yield from _codes([value.fget, value.fset])
        elif isinstance(value, CodeType):
            yield value
            yield from _codes(value.co_consts)
        elif isinstance(value, FunctionType | staticmethod | classmethod):
            code = getattr(value, "__code__", None)
            yield from _codes([code, getattr(value, "__wrapped__", None)])
