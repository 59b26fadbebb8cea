"""What makes a function a check: a wrong attempt gets a hint and never a traceback."""

import dataclasses
import functools
import sys
import traceback
from collections.abc import Callable, Iterable
from html import escape
from types import FunctionType
from typing import Any, Protocol, runtime_checkable

import numpy as np

from groundup import trace
from groundup.nn.console import printable

NOTHING_YET = "put your answer in place of the ..."


@runtime_checkable
class Run(Protocol):
    """What ``runs.fit`` gives, as far as a check needs it."""

    model: Any
    seed: int
    history: dict[str, list[float]]


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
    name = f"{judge.__module__.rpartition('.')[2]}.{judge.__name__}"

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
        found = _real(np.asarray(attempt)).astype(float)
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


def parts(attempt, names: tuple[str, ...]) -> list:
    """What a function returned that is to return several things.

    Args:
        attempt: what the reader's function gave.
        names: what the things are called, in order.

    Raises:
        Hint: it isn't a tuple, a list or an array of as many.
    """
    array = isinstance(attempt, np.ndarray) and attempt.ndim > 0
    if not array and not isinstance(attempt, tuple | list):
        found = f"a {type(attempt).__name__}"
    elif len(attempt) != len(names):
        found = f"{len(attempt)} of them"
    else:
        return list(attempt)
    counted = {2: "two", 3: "three", 4: "four"}[len(names)]
    raise Hint(f"the function is to return {counted} things, {', '.join(names)}; it gave {found}")


def alike(found, truth) -> bool:
    """Whether numbers that were computed are the same but for rounding in single precision.

    That has seven digits, of which a few operations cost one or two; so each number may differ by a
    hundred-thousandth of itself, and by a millionth of the largest.
    """
    return np.allclose(found, truth, rtol=1e-5, atol=1e-6 * np.abs(truth).max(initial=0))


def rounded(found, truth, to: float) -> bool:
    """Whether numbers that somebody wrote down are right, rounded to multiples of ``to`` or finer."""
    return bool(np.all(np.abs(found - truth) <= to / 2 * (1 + 1e-6)))


def called(function: Callable, *arguments) -> tuple[object, set[str]]:
    """What a function returns, and the names of the functions that were called on the way."""
    names, before = [], sys.getprofile()

    def note(frame, event, argument):
        if event == "call":
            names.append(frame.f_code.co_qualname.rpartition("<locals>.")[2])
        elif event == "c_call":
            names.append(argument.__qualname__)

    sys.setprofile(note)
    try:
        given = function(*arguments)
    finally:
        sys.setprofile(before)
    return given, set(names[1:])  # the first is the function itself


def trained(attempt, number: int, epochs: int) -> list[Run]:
    """Runs that a reader made, so that numbers can be compared with what they come from.

    Args:
        attempt: what the reader gave.
        number: how many they are to be.
        epochs: how long each is to have trained.

    Raises:
        Hint: it's something else.
    """
    given = [*attempt] if isinstance(attempt, Iterable) else []
    if not given or not all(isinstance(run, Run) for run in given):
        raise Hint("hand in the runs too, what runs.grid gave or a list of what runs.fit gave")
    if len(given) != number:
        raise Hint(f"there are to be {number} runs, and these are {len(given)}")
    for run in given:
        made = max(map(len, run.history.values()), default=0)
        if made != epochs:
            raise Hint(f"each run is to have {epochs} epochs, and one has {made}")
    return given


def accuracies(found: np.ndarray, models: list, x, y) -> None:
    """Compare accuracies that a reader found with those of the models that they come from.

    Args:
        found: the accuracies, (n,).
        models: the n classifiers.
        x, y: the examples, (m, …), and their labels, (m,).

    Raises:
        Hint: one isn't its model's, rounded to three digits or more.
    """
    truths = np.array([np.mean(model.predict(x).argmax(axis=1) == y) for model in models])
    if rounded(found, truths, to=0.001):
        return
    if rounded(found, truths[::-1], to=0.001):
        raise Hint("the accuracies are right, but they have changed places")
    for value, truth in zip(found, truths, strict=True):
        if not rounded(value, truth, to=0.001):
            raise Hint(
                f"{value:.4g} isn't the accuracy on the validation set of the run that you handed in"
            )


def _real(found: np.ndarray) -> np.ndarray:
    if not np.iscomplexobj(found):
        return found
    if np.any(found.imag):
        raise TypeError("complex numbers have no place among real ones")
    return found.real


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
