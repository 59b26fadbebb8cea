"""What the engine accepts as an argument that isn't data.

Each ``expectation`` is how an error begins, as in "expected a learning rate". What comes back is Python's
own number, for a NumPy number would set the precision.
"""

import difflib
import math
import numbers
from collections.abc import Iterable

import numpy as np


def number(value: float, expectation: str) -> float:
    """A number.

    Raises:
        TypeError: it isn't a number.
        ValueError: it isn't finite.
    """
    if not isinstance(value, numbers.Real):
        raise TypeError(f"{expectation}, a number, got {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{expectation} that is finite, got {value}")
    return float(value)


def at_least_zero(value: float, expectation: str) -> float:
    """A number that isn't negative.

    Raises:
        TypeError: it isn't a number.
        ValueError: it's negative or not finite.
    """
    if not isinstance(value, numbers.Real):
        raise TypeError(f"{expectation} of at least 0, got {value!r}")
    if not 0 <= value < math.inf:
        raise ValueError(f"{expectation} of at least 0, got {value}")
    return float(value)


def above_zero(value: float, expectation: str) -> float:
    """The same for a number above zero."""
    if not isinstance(value, numbers.Real):
        raise TypeError(f"{expectation} above 0, got {value!r}")
    if not 0 < value < math.inf:
        raise ValueError(f"{expectation} above 0, got {value}")
    return float(value)


def fraction(value: float, expectation: str) -> float:
    """The same for a number from 0 to below 1."""
    if not isinstance(value, numbers.Real):
        raise TypeError(f"{expectation} from 0 to below 1, got {value!r}")
    if not 0 <= value < 1:
        raise ValueError(f"{expectation} from 0 to below 1, got {value}")
    return float(value)


def whole(value: int, expectation: str, least: int = 0) -> int:
    """A whole number.

    Args:
        value: what was given.
        expectation: how an error begins.
        least: the least that it may be.

    Raises:
        TypeError: it isn't a number.
        ValueError: it isn't whole, or less.
    """
    if not isinstance(value, numbers.Real):
        raise TypeError(f"{expectation}, a whole number of at least {least}, got {value!r}")
    if not isinstance(value, numbers.Integral) or value < least:
        raise ValueError(f"{expectation}, a whole number of at least {least}, got {value}")
    return int(value)


def size(value, layer: str, argument: str) -> int:
    """A positive whole number.

    Raises:
        ValueError: it isn't one.
    """
    if not isinstance(value, numbers.Integral) or value < 1:
        raise ValueError(f"{layer} expected a positive whole number for {argument}, got {value!r}")
    return int(value)


def flag(value: bool, expectation: str) -> bool:
    """Yes or no; words such as ``"no"`` would count as yes.

    Raises:
        TypeError: it's neither True nor False.
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{expectation} True or False, got {value!r}")
    return bool(value)


def choice(value: str, choices: tuple[str, ...], expectation: str) -> str:
    """One of several words.

    Raises:
        ValueError: it's none of them.
    """
    if not isinstance(value, str) or value not in choices:
        *others, last = map(repr, choices)
        raise ValueError(f"{expectation} {', '.join(others)} or {last}, got {value!r}")
    return value


def meant(name: str, names: Iterable[str]) -> str:
    """The nearest of the names that there are, as a question for an error; nothing if none is near."""
    spelt = {known.lower(): known for known in names}
    close = difflib.get_close_matches(name.lower(), spelt, n=1)
    return f"did you mean {spelt[close[0]]!r}? " if close else ""
