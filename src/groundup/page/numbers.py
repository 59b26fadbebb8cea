"""Numbers in prose: measured by the code, written by one formatter, glued into the text."""

import math
from typing import Literal

from IPython.display import display

from groundup import trace

Kind = Literal["count", "decimal", "percent", "points", "ratio", "scientific", "seconds"]
GLUE_PREFIX = "application/papermill.record/"
NARROW_SPACE, MINUS = "\u202f", "\u2212"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, kind: Kind, digits: int | None = None) -> str:
    """A number as the book writes it.

    Args:
        value: the number; a share between 0 and 1 for percent, a difference of such for points.
        kind: ``"count"`` 60,000 · ``"decimal"`` 1.800 · ``"percent"`` 92.28 % · ``"points"`` 0.35
            percentage points · ``"ratio"`` 1.3 × · ``"scientific"`` 9 × 10⁻¹² · ``"seconds"`` 8.4 s,
            4 min 10 s.
        digits: how many after the point, where the kind's own choice doesn't suit.

    Raises:
        ValueError: the book has no such kind of number, or it isn't finite.
    """

    if not math.isfinite(value):
        raise ValueError(f"expected a finite number, got {value}")

    def fixed(x: float, places: int) -> str:
        return f"{x:,.{places if digits is None else digits}f}".replace("-", MINUS)

    if kind == "count":
        return fixed(value, 0)
    if kind == "decimal":
        return fixed(value, 3)
    if kind == "percent":
        return fixed(100 * value, 2) + NARROW_SPACE + "%"
    if kind == "points":
        return fixed(100 * value, 2) + " percentage points"
    if kind == "ratio":
        return fixed(value, 1) + NARROW_SPACE + "×"
    if kind == "scientific":
        mantissa, exponent = f"{value:.{digits or 0}e}".replace("-", MINUS).split("e")
        power = str(int(exponent.replace(MINUS, "-"))).translate(SUPERSCRIPTS)
        return f"{mantissa}{NARROW_SPACE}×{NARROW_SPACE}10{power}"
    if kind == "seconds":
        if value < 60:
            return fixed(value, 1) + NARROW_SPACE + "s"
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes}{NARROW_SPACE}min {seconds}{NARROW_SPACE}s"
    raise ValueError(f"unknown kind of number {kind!r}; expected one of {Kind.__args__}")


def glue(
    name: str, value: float | str, kind: Kind | None = None, digits: int | None = None
) -> None:
    """Give the page's text a number, to be pasted with ``{glue:text}`name```.

    Args:
        name: what the text calls it.
        value: the number, or text that the code made.
        kind, digits: how it's written, see ``number``; not for text.
    """
    text = value if kind is None else number(value, kind, digits)
    if kind is not None:
        trace.leave("number", name=name, value=float(value))
    display(
        {f"{GLUE_PREFIX}text/plain": repr(text)},
        raw=True,
        metadata={"scrapbook": {"name": name, "mime_prefix": GLUE_PREFIX}},
    )
