"""What the engine accepts as data."""

from collections.abc import Iterator

import numpy as np


def underflow_is_zero() -> np.errstate:
    """For ``with``: a number too small for the precision is zero, also where NumPy is to raise errors."""
    return np.errstate(under="ignore")


def expect_array(values, what: str) -> None:
    """Refuse what is no array, and what would lose something by being made one.

    Raises:
        TypeError: it's None, masked, sparse, or without an order.
    """
    kind = type(values).__name__
    if values is None:
        raise TypeError(f"expected {what}, got None")
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError(f"expected {what} without a mask, got a masked array")
    if hasattr(values, "toarray"):
        raise TypeError(f"expected {what} in a dense array, got a {kind}; its toarray() makes one")
    if isinstance(values, Iterator | dict | set | frozenset):
        raise TypeError(f"expected {what} in an array, got an object of type {kind}")


def length(values, what: str) -> int | str:
    """How many rows there are, or words for none.

    Raises:
        TypeError: as ``expect_array``.
    """
    expect_array(values, what)
    return len(values) if np.iterable(values) else "a single number"


def real(values, what: str) -> np.ndarray:
    """An array of real numbers, as it came if it is one.

    Args:
        values: an array or what makes one.
        what: what to call it in an error.

    Raises:
        TypeError: it's no array, its entries aren't real numbers, or some are masked.
        ValueError: its rows have different shapes.
    """
    if type(values) is np.ndarray and values.dtype.kind in "biuf":
        return values  # as while training, where this has to be quick
    expect_array(values, what)
    kind = type(values).__name__
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(
            f"expected {what} of one shape, got a {kind} that isn't: {error}"
        ) from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"expected {what} that are real numbers, got dtype {array.dtype}")
    return array


def floats(values) -> np.ndarray:
    """Floating-point numbers, as they came if they are such; whole numbers would wrap round or be cut.

    Raises:
        TypeError, ValueError: as ``real``.
    """
    floating = isinstance(values, np.ndarray) and values.dtype.kind == "f"
    if floating and not isinstance(values, np.ma.MaskedArray | np.matrix):
        return values
    array = real(values, "values")
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def precision(dtype) -> np.dtype:
    """A precision to compute in, such as float64.

    Raises:
        TypeError: it isn't one of real numbers.
    """
    try:
        found = None if dtype is None else np.dtype(dtype)  # which None would make float64
    except (TypeError, ValueError):
        found = None
    if found is None or found.kind != "f":
        raise TypeError(f"expected a precision such as float64, got {dtype!r}")
    return found


def changeable(values, what: str) -> np.ndarray:
    """An array of floating-point numbers, which can be changed in place.

    Raises:
        TypeError: it isn't one.
    """
    expect_array(values, what)
    if not isinstance(values, np.ndarray) or values.dtype.kind != "f":
        kind = getattr(values, "dtype", type(values).__name__)
        raise TypeError(
            f"expected {what} in an array of floating-point numbers, for they are changed in place, got "
            f"{kind}"
        )
    return values


def numbers(values, what: str, dtype) -> np.ndarray:
    """An array of finite real numbers in the precision of a model, as it came if it is one.

    Args:
        values: an array or what makes one.
        what: what to call it in an error.
        dtype: the precision.

    Raises:
        TypeError: as ``real``.
        ValueError: the same, or an entry isn't finite, or too large for the precision.
    """
    array = real(values, what)
    with np.errstate(over="ignore", under="ignore"):  # the check says it better
        array = array.astype(dtype, copy=False)
    if array.size and not np.isfinite([array.min(), array.max()]).all():  # needs no second array
        places = np.argwhere(~np.isfinite(array))
        raise ValueError(
            f"expected {what} that are finite in {array.dtype}, got {array[tuple(places[0])]} at index "
            f"{tuple(map(int, places[0]))} and {len(places) - 1} more"
        )
    return array


def pairs(Y, Y_hat, who: str) -> tuple[np.ndarray, np.ndarray]:
    """Targets and predictions of one shape, each with its own; (m,) and (m, 1) are one, as in Keras.

    Args:
        Y: the targets; if they aren't floating-point numbers they become such.
        Y_hat: the predictions, whose shape counts.
        who: who asks, for an error.

    Raises:
        TypeError: as ``real``.
        ValueError: the same, or the shapes are others, or there is nothing to compare.
    """
    if (
        type(Y) is type(Y_hat) is np.ndarray
        and Y.shape == Y_hat.shape
        and Y.dtype.kind == Y_hat.dtype.kind == "f"
        and Y.size
    ):
        return Y, Y_hat  # as while training, where this has to be quick
    Y, Y_hat = real(Y, f"{who}'s targets"), real(Y_hat, f"{who}'s predictions")
    precision = Y_hat.dtype if Y_hat.dtype.kind == "f" else np.float64
    Y, Y_hat = (A if A.dtype.kind == "f" else A.astype(precision) for A in (Y, Y_hat))
    if (*Y.shape, 1) == Y_hat.shape or Y.shape == (*Y_hat.shape, 1):
        Y = Y.reshape(Y_hat.shape)
    if Y.shape != Y_hat.shape:
        raise ValueError(
            f"{who} expected targets of the predictions' shape {Y_hat.shape}, as a loss encodes them, "
            f"got {Y.shape}"
        )
    if not Y.size:
        raise ValueError(f"{who} expected at least one target, got shape {Y.shape}")
    return Y, Y_hat
