"""What the engine's parts have in common: they know how they were made."""

import copy
import inspect
from typing import Self

from groundup.nn.arguments import meant
from groundup.nn.guarded import Guarded


class Configured(Guarded):
    """For classes whose constructor keeps every argument under its own name; so they can be printed,
    saved and made again.

    An argument that is set later, as in ``optimizer.learning_rate = 0.1``, is checked as in the
    constructor, and what the constructor makes of it follows.
    """

    def get_config(self) -> dict:
        """The constructor's arguments by name; parts that are ``Configured`` themselves, and lists of
        such, as described.

        Raises:
            TypeError: one isn't kept under its own name.
        """
        names = list(inspect.signature(type(self)).parameters)
        for name in names:
            if not hasattr(self, name):
                raise TypeError(
                    f"{type(self).__name__} expected its constructor to keep the argument {name!r} as "
                    f"self.{name}, so that it can be saved and made again; there is no such attribute"
                )
        return {name: _described(getattr(self, name)) for name in names}

    @classmethod
    def with_config(cls, config: dict) -> Self:
        """A new part with this config, in which parts are made again already."""
        return cls(**config)

    def _settable_names(self):
        return [*inspect.signature(type(self)).parameters, *super()._settable_names()]

    def _set_from_outside(self, name, value):
        arguments = inspect.signature(type(self)).parameters
        if name in arguments:
            given = {argument: getattr(self, argument) for argument in arguments}
            vars(self).update(vars(type(self)(**given | {name: value})))
        else:
            super()._set_from_outside(name, value)

    def __repr__(self) -> str:
        arguments = (
            f"{name}={getattr(self, name)!r}" if hasattr(self, name) else f"{name}=?"  # not kept
            for name in inspect.signature(type(self)).parameters
        )
        return f"{type(self).__name__}({', '.join(arguments)})"


def is_of_engine(cls: type) -> bool:
    """Whether a class is one of the engine's own."""
    return f"{cls.__module__}.".startswith("groundup.nn.")


def class_name(cls: type) -> str:
    """The name that a class is saved under: with its module unless it's one of ours."""
    return cls.__name__ if is_of_engine(cls) else f"{cls.__module__}.{cls.__qualname__}"


def described(part: Configured) -> list:
    """A part as a list of two: the name of its class, and its config."""
    return [class_name(type(part)), part.get_config()]


def _described(value):
    if isinstance(value, Configured):
        return described(value)
    several = isinstance(value, list | tuple) and any(isinstance(v, Configured) for v in value)
    return [*map(_described, value)] if several else value


def lookup(base: type[Configured], kind: str, identifier, names: dict):
    """Turn a name such as ``"softmax"`` into a new object of its class, or copy an object.

    Objects are copied because they keep what the way back needs: two layers can't share one.

    Args:
        base: the class that it has to be of.
        kind: what to call it in an error.
        identifier: a name, None, or an object made already.
        names: the class for each name.

    Raises:
        TypeError: it's an object of another kind.
        ValueError: nothing has that name; says the nearest, and lists the names there are.
    """
    if isinstance(identifier, base):
        return copy.deepcopy(identifier)
    if isinstance(identifier, type) and issubclass(identifier, base):
        name = identifier.__name__
        raise TypeError(f"expected an object of kind {kind}, got the class {name}; write {name}()")
    if not isinstance(identifier, str | None):
        raise TypeError(f"expected a name or an object of kind {kind}, got {identifier!r}")
    if identifier not in names:
        known = ", ".join(repr(name) for name in names)
        hint = meant(identifier or "", filter(None, names))
        raise ValueError(f"unknown {kind} {identifier!r}; {hint}expected one of {known}")
    return names[identifier]()
