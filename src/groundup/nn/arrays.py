"""What the engine accepts as data."""

import numpy as np


def numbers(values, what: str, dtype) -> np.ndarray:
    """An array of finite real numbers in the precision of a model, as it came if it is one.

    Args:
        values: an array or what makes one.
        what: what to call it in an error.
        dtype: the precision.

    Raises:
        TypeError: its entries aren't real numbers, or some are masked.
        ValueError: an entry isn't finite, or too large for the precision.
    """
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError(f"expected {what} without a mask, got a masked array")
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"expected {what} that are real numbers, got dtype {array.dtype}")
    with np.errstate(over="ignore"):  # the check says it better
        array = array.astype(dtype, copy=False)
    if array.size and not np.isfinite([array.min(), array.max()]).all():  # needs no second array
        places = np.argwhere(~np.isfinite(array))
        raise ValueError(
            f"expected {what} that are finite in {array.dtype}, got {array[tuple(places[0])]} at index "
            f"{tuple(map(int, places[0]))} and {len(places) - 1} more"
        )
    return array
