"""Which keywords of a grid are its axes, and whom they are for."""

import functools
import inspect
import numbers
from collections.abc import Callable, Sequence

import numpy as np

from groundup.runs import random_state
from groundup.runs.adapters import adapt

SEED = "seed"  # the axis of the seeds
TAKEN = frozenset({"x", "y", "name", "seed", "seeds", "keep", "alone", "content"})
# What ``model.fit`` itself takes as a list, an array or a dictionary.
WHOLE = frozenset({"callbacks", "class_weight", "sample_weight", "validation_data"})
SHORT = (type(None), bool, int, float, str, np.generic)  # what names itself

Axis = tuple[tuple, list]  # what its values are called, and the values


def told_apart(make: Callable, keywords: dict) -> tuple[dict[str, Axis], dict, list[str]]:
    """The axes, what is the same for all runs, and which of both are keywords of ``make``.

    Raises:
        TypeError, ValueError: as ``runs.grid`` does.
    """
    found = {n: _axis(n, value) for n, value in keywords.items() if _is_axis(n, value)}
    same = {n: value for n, value in keywords.items() if n not in found}
    first = {n: values[0] for n, (_, values) in found.items()}
    return found, same, _of_make(make, same | first)


def of_seeds(seeds: int | Sequence[int]) -> Axis:
    """The axis of so many seeds, or of these."""
    if isinstance(seeds, numbers.Integral):
        seeds = range(seeds)
    if not isinstance(seeds, list | tuple | range | np.ndarray):
        raise TypeError(f"runs.grid expected a number of seeds, or a list of them, got {seeds!r}")
    return _axis(SEED, seeds)


def called(make: Callable) -> str:
    """The name of a function, or of that in a ``partial``."""
    return called(make.func) if isinstance(make, functools.partial) else make.__name__


def text(axis: str, label) -> str:
    """An axis with one of its values, as part of a run's name."""
    parts = label if isinstance(label, tuple) else (label,)
    return "-".join([axis.replace("_", "-"), *(map(str, parts) if parts else ["none"])])


def _is_axis(keyword: str, value) -> bool:
    if isinstance(value, dict):
        return bool(value) and all(isinstance(label, str) for label in value)
    return keyword not in WHOLE and isinstance(value, list | range | np.ndarray)


def _axis(axis: str, given) -> Axis:
    """What the values of an axis are called, and the values."""
    values = [*given.values()] if isinstance(given, dict) else [*given]
    labels = tuple(given) if isinstance(given, dict) else tuple(values)
    if not labels:
        raise ValueError(f"runs.grid expected at least one value of {axis}, got {given!r}")
    for place, label in enumerate(labels):
        if not _is_short(label):
            raise TypeError(
                f"runs.grid expected numbers, strings, or tuples of these as values of {axis}, got a "
                f"{type(label).__name__}: a dictionary can name it, as in {axis}={{'plain': …}}; what "
                "is one list as a whole goes into functools.partial(make, …)"
            )
        if label in labels[:place]:
            raise ValueError(f"runs.grid expected each value of {axis} once, got {label!r} twice")
    return labels, values


def _is_short(label) -> bool:
    return isinstance(label, SHORT) or (isinstance(label, tuple) and all(map(_is_short, label)))


def _of_make(make: Callable, given: dict) -> list[str]:
    """Which of these keywords are those of ``make``; all others are ``model.fit``'s.

    Raises:
        TypeError: one is neither's, or both's.
    """
    parameters, who = inspect.signature(make).parameters.values(), called(make)
    theirs = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    if taken := TAKEN & set(theirs):
        raise TypeError(
            f"{who} has an argument {min(taken)!r}, which runs.grid takes for itself; expected another "
            "name for it"
        )
    of_make = {n: value for n, value in given.items() if n in theirs}
    known = f"{who} takes {', '.join(theirs) or 'none'}"
    needed = [p.name for p in parameters if p.name in theirs and p.default is p.empty]
    if missing := [n for n in needed if n not in given]:
        raise TypeError(f"runs.grid expected a {missing[0]}=… for {who}, got {', '.join(given)}")
    try:
        with random_state.preserved(), random_state.names_preserved():
            model = adapt(functools.partial(make, **of_make), 0).model
    except Exception as error:
        error.add_note(
            f"runs.grid called {who} with {of_make}: a list is an axis, a tuple is one value"
        )
        raise
    named = inspect.signature(model.fit).parameters.values()
    fits = [p.name for p in named if p.name not in TAKEN and p.kind is not p.VAR_KEYWORD]
    for keyword in given:
        if (keyword in theirs) == (keyword in fits):
            which = "both have" if keyword in fits else "neither has"
            raise TypeError(
                f"runs.grid expected keywords of {who} or of model.fit, {which} {keyword!r}: "
                f"{known}, model.fit {', '.join(fits)}, and runs.grid itself name, seeds, keep"
            )
    return [*of_make]
