"""What makes a function a check: a wrong attempt gets a hint and never a traceback."""

import dataclasses
import functools
import traceback
from collections.abc import Callable
from html import escape
from types import FunctionType

import numpy as np

from groundup import trace
from groundup.nn.console import printable

NOTHING_YET = "put your answer in the place of the ..."


class Hint(Exception):
    """An attempt is wrong; says what to think of next."""


@dataclasses.dataclass(frozen=True, repr=False)
class Result:
    """What a check says of an attempt, in one line.

    Args:
        check: the check's name.
        hint: what to think of next; None if the attempt is right.
    """

    check: str
    hint: str | None

    @property
    def passed(self) -> bool:
        """Whether the attempt is right."""
        return self.hint is None

    def __repr__(self) -> str:
        return "✓ right" if self.passed else f"○ not yet: {self.hint}"

    def __str__(self) -> str:
        return printable(repr(self))

    def _repr_html_(self) -> str:
        mark, _, words = repr(self).partition(" ")
        state = "passed" if self.passed else "not-yet"
        return (
            f'<p class="check {state}"><span class="check-mark" aria-hidden="true">{mark}</span> '
            f"{escape(words)}</p>"
        )


def check(judge: Callable[..., None]) -> Callable[..., Result]:
    """Make a check of a function that compares an attempt with the truth.

    Args:
        judge: takes the attempt, and raises ``Hint`` where it's wrong. What else is raised on the way,
            by the reader's own function or because of what it was given, becomes a hint too.

    Returns:
        The check; it says whether it passed in the trace ``exercise`` as well.
    """
    name = f"{judge.__module__.removeprefix(f'{__package__}.')}.{judge.__name__}"

    @functools.wraps(judge)
    def checked(*attempt, **named) -> Result:
        hint = _hint(judge, attempt, named)
        trace.leave("exercise", check=name, passed=hint is None, hint=hint)
        return Result(name, hint)

    return checked


def numbers(attempt, shape: tuple[int, ...] | None = (), called: str = "the answer") -> np.ndarray:
    """An attempt in double precision, whether it came as a number, a list or any kind of array.

    Args:
        attempt: what the reader gave.
        shape: the shape it's to have, None if any will do; an array with one number counts as the
            number.
        called: what a hint calls it.

    Raises:
        Hint: it's something else, has another shape, or isn't finite.
    """
    if attempt is None:
        raise Hint(f"{called} is None; a function gives back what stands after return")
    try:
        found = np.asarray(attempt, dtype=float)
    except (TypeError, ValueError) as error:
        if "ellipsis" in str(error):
            raise
        said = f"{type(attempt).__name__} {attempt!r:.40}"
        raise Hint(f"{called} is to be made of numbers, and this is a {said}") from None
    if shape == () and found.size == 1:
        found = found.reshape(())
    if shape is not None and found.shape != shape:
        raise Hint(f"{called} is to be of {_shape(shape)}, and this is of {_shape(found.shape)}")
    if not np.isfinite(found).all():
        raise Hint(f"{called} isn't finite; is something divided by zero, or too large?")
    return found


def _shape(shape: tuple[int, ...]) -> str:
    return f"shape {shape}" if shape else "shape (), one number"


def _hint(judge: Callable[..., None], attempt: tuple, named: dict) -> str | None:
    parts = [*attempt, *named.values()]
    if any(part is ... for part in parts):
        return NOTHING_YET
    try:
        judge(*attempt, **named)
    except Hint as hint:
        return str(hint)
    except Exception as error:
        if isinstance(error, TypeError) and "ellipsis" in str(error):
            return NOTHING_YET
        return _said(error, parts)
    return None


def _said(error: Exception, parts: list) -> str:
    """An exception as a hint, with the last line of the reader's own that it came through."""
    files = {part.__code__.co_filename for part in parts if isinstance(part, FunctionType)}
    lines = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in files]
    who = "your function" if any(map(callable, parts)) else "the check can't use this: it"
    what = ": ".join(filter(None, (type(error).__name__, str(error).partition("\n")[0])))
    if not lines:
        return f"{who} raised {what}"
    source = f": {lines[-1].line}" if lines[-1].line else ""
    return f"{who} raised {what} (line {lines[-1].lineno}{source})"
