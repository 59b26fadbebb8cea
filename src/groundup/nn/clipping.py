"""Clipping: a gradient that is too long is made shorter before the step (Pascanu, Mikolov and Bengio,
2013), so that one steep place doesn't throw the parameters far away.
"""

from collections.abc import Sequence

import numpy as np

from groundup.nn.arguments import above_zero
from groundup.nn.arrays import floats


def limits(**given: float | None) -> list[float | None]:
    """The limits, of which one may be given.

    Raises:
        TypeError: one is no number.
        ValueError: one isn't above zero, or there are several.
    """
    names = [name for name, limit in given.items() if limit is not None]
    if len(names) > 1:
        raise ValueError(f"expected one of {', '.join(given)}, got {' and '.join(names)}")
    return [
        limit if limit is None else above_zero(limit, f"expected {name}")
        for name, limit in given.items()
    ]


def clipped(
    gradients: np.ndarray,
    parts: Sequence[slice],
    clipnorm: float | None,
    clipvalue: float | None,
    global_clipnorm: float | None,
) -> np.ndarray:
    """The gradients, or those that take their place.

    Args:
        gradients: a vector of them.
        parts: where in it the gradient of each array of parameters lies.
        clipnorm: how long each of these may be.
        clipvalue: how large each number may be.
        global_clipnorm: how long all of these together may be. At most one of the three isn't None.
    """
    if clipvalue is not None:
        return np.clip(gradients, -clipvalue, clipvalue)
    if clipnorm is not None:
        return _shortened(gradients, [[part] for part in parts], clipnorm)
    if global_clipnorm is not None:
        return _shortened(gradients, [parts], global_clipnorm)
    return gradients


def _shortened(gradients: np.ndarray, groups: list[Sequence[slice]], longest: float) -> np.ndarray:
    """The gradients with each group of parts, if together it's longer than that, made so long."""
    gradients = floats(gradients).copy()
    for parts in groups:  # in double precision, where their squares don't overflow
        norms = [np.linalg.norm(gradients[part].astype(np.float64)) for part in parts]
        shrink = longest / max(np.linalg.norm(norms), longest)
        for part in parts:
            gradients[part] *= shrink
    return gradients


def joined(parts: Sequence[slice], size: int) -> list[list[int]]:
    """Where parts of a vector of this size begin and end, those that adjoin as one."""
    found: list[list[int]] = []
    for first, end, _ in (part.indices(size) for part in parts):
        if found and found[-1][1] == first:
            found[-1][1] = end
        else:
            found.append([first, end])
    return found
