"""What the engine accepts as data."""

import numpy as np


def numbers(values, what: str) -> np.ndarray:
    """An array of finite real numbers, as it came if it is one.

    Args:
        values: an array or what makes one.
        what: what to call it in an error.

    Raises:
        TypeError: its entries aren't real numbers.
        ValueError: an entry isn't finite.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"expected {what} that are real numbers, got dtype {array.dtype}")
    if array.size and not np.isfinite([array.min(), array.max()]).all():  # needs no second array
        places = np.argwhere(~np.isfinite(array))
        raise ValueError(
            f"expected {what} that are finite, got {array[tuple(places[0])]} at index "
            f"{tuple(map(int, places[0]))} and {len(places) - 1} more"
        )
    return array
