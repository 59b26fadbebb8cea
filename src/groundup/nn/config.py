"""What the engine's parts have in common: they know how they were made."""

import copy
import inspect


class Configured:
    """Keeps each argument of its constructor in the attribute of the same name."""

    def get_config(self) -> dict:
        """The constructor's arguments by name; arguments that are ``Configured`` as (class, config)."""
        arguments = {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}
        return {
            name: [type(value).__name__, value.get_config()]
            if isinstance(value, Configured)
            else value
            for name, value in arguments.items()
        }

    def __repr__(self) -> str:
        arguments = (
            f"{name}={getattr(self, name)!r}" for name in inspect.signature(type(self)).parameters
        )
        return f"{type(self).__name__}({', '.join(arguments)})"


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
        ValueError: nothing has that name; lists the names there are.
    """
    if isinstance(identifier, base):
        return copy.deepcopy(identifier)
    if not isinstance(identifier, str | None):
        raise TypeError(f"expected a name or an object of kind {kind}, got {identifier!r}")
    if identifier not in names:
        known = ", ".join(repr(name) for name in names)
        raise ValueError(f"unknown {kind} {identifier!r}; expected one of {known}")
    return names[identifier]()
