"""Numbers in prose: measured by the code, written by one formatter, glued into the text."""

import math
import numbers
from typing import Literal

import numpy as np
from IPython.display import display

from groundup import trace

Kind = Literal["count", "decimal", "percent", "points", "ratio", "scientific", "seconds"]
GLUE_PREFIX = "application/papermill.record/"
NARROW_SPACE, MINUS = "\u202f", "\u2212"
MOST_DIGITS = 15  # a double has no more
ROUNDING = 2e-7  # so much less than one is one, computed in single precision
LARGEST = 1e15  # from here on a double says little of the digits after the point
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, kind: Kind, digits: int | None = None) -> str:
    """A number as the book writes it.

    Args:
        value: the number; a share between 0 and 1 for percent, a difference of such for points.
        kind: ``"count"`` 60,000 · ``"decimal"`` 1.800 · ``"percent"`` 92.28% · ``"points"`` 0.35
            percentage points · ``"ratio"`` 1.3 × · ``"scientific"`` 9 × 10⁻¹² · ``"seconds"`` 8.4 s,
            4 min 10 s.
        digits: how many after the point, where the kind's own choice doesn't suit.

    What isn't zero is never written as zero, nor a share that isn't one as one: there are as many digits
    as that takes.

    Raises:
        TypeError: it's no real number: text, true or false, complex, masked, or several.
        ValueError: the book has no such kind of number, it isn't finite, or can't be written so.
    """
    value = _real(value)
    if digits is not None and not (isinstance(digits, int) and 0 <= digits <= MOST_DIGITS):
        raise ValueError(f"expected 0 to {MOST_DIGITS} digits, got {digits!r}")

    def fixed(x: float, places: int, whole: float | None = None) -> str:
        places = places if digits is None else digits
        if isinstance(x, int):
            return f"{x:,d}{f'.{0:0{places}d}' * (places > 0)}".replace("-", MINUS)
        if abs(x) >= LARGEST:
            raise ValueError(
                f"{x} has no digits after the point to write: expected kind 'scientific'"
            )
        for more in range(places, MOST_DIGITS + 1):
            text = f"{x:z,.{more}f}"
            shown = float(text.replace(",", ""))
            vanishes = shown == 0 != x
            if not vanishes and not (shown == whole and x < whole * (1 - ROUNDING)):
                return text.replace("-", MINUS)
        raise ValueError(f"{x} is too small to be written so: expected kind 'scientific'")

    if kind == "count":
        return fixed(value, 0)
    if kind == "decimal":
        return fixed(value, 3, 1)
    if kind == "percent":
        return fixed(100 * value, 2, 100) + "%"
    if kind == "points":
        points = fixed(100 * value, 2)
        return f"{points} percentage point{'s' * (points not in ('1', f'{MINUS}1'))}"
    if kind == "ratio":
        return fixed(value, 1) + NARROW_SPACE + "×"
    if kind == "scientific":
        mantissa, exponent = f"{value:z.{digits or 0}e}".replace("-", MINUS).split("e")
        power = str(int(exponent.replace(MINUS, "-"))).translate(SUPERSCRIPTS)
        return f"{mantissa}{NARROW_SPACE}×{NARROW_SPACE}10{power}"
    if kind == "seconds":
        if value < 60:
            return (
                f"{value:z.{1 if digits is None else digits}f}".replace("-", MINUS)
                + NARROW_SPACE
                + "s"
            )
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes}{NARROW_SPACE}min {seconds}{NARROW_SPACE}s"
    raise ValueError(f"unknown kind of number {kind!r}; expected one of {Kind.__args__}")


def _real(value) -> float | int:
    """A finite number as Python's own; whole ones keep every digit."""
    wrong = isinstance(value, str | bytes | bool | np.bool_ | complex | np.complexfloating)
    if wrong or value is None or value is np.ma.masked or np.ndim(value):
        raise TypeError(f"expected a number, got {value!r}")
    if isinstance(value, numbers.Integral):
        return int(value)
    value = float(value)
    if not math.isfinite(value):
        raise ValueError(f"expected a finite number, got {value}")
    return value


def glue(
    name: str, value: float | str, kind: Kind | None = None, digits: int | None = None
) -> None:
    """Give the page's text a number, to be pasted with ``{glue:text}`name```.

    Args:
        name: what the text calls it.
        value: the number, or text that the code made.
        kind, digits: how it's written, see ``number``; not for text.

    Raises:
        TypeError: a number has no kind.
        ValueError: it can't be written so.
    """
    text = value if kind is None else number(value, kind, digits)
    if kind is not None:
        trace.leave("number", name=name, value=_real(value))
    elif not isinstance(value, str):
        raise TypeError(
            f"expected a kind for the number {value!r}, one of {Kind.__args__}, or text"
        )
    display(
        {f"{GLUE_PREFIX}text/plain": repr(text)},
        raw=True,
        metadata={"scrapbook": {"name": name, "mime_prefix": GLUE_PREFIX}},
    )
