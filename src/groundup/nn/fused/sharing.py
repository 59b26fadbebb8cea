"""Work that several threads share: each takes a part of the rows, and the result is the same."""

import contextlib
import contextvars
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

# So much work is worth the few ten microseconds that it takes to wake another thread: multiplications of
# a product, and entries of an array that a loop passes over.
PRODUCT = 4_000_000
ENTRIES = 200_000

_helpers: contextvars.ContextVar[tuple[int, ThreadPoolExecutor | None]] = contextvars.ContextVar(
    "_helpers", default=(1, None)
)


@contextlib.contextmanager
def among(threads: int) -> Iterator[None]:
    """For ``with``: within it, so many threads share what is worth it."""
    if threads < 2:
        yield
        return
    with ThreadPoolExecutor(threads - 1) as pool:
        token = _helpers.set((threads, pool))
        try:
            yield
        finally:
            _helpers.reset(token)


def shared(work: Callable[[slice], object], count: int, *, worth: bool = True) -> None:
    """Do some work for parts of a whole, all of them at a time if there are threads for it.

    Args:
        work: takes a part; releases Python's lock for most of its time.
        count: how many rows there are.
        worth: whether it's enough work for that.
    """
    threads, pool = _helpers.get() if worth else (1, None)
    if pool is None or count < threads:
        work(slice(0, count))
        return
    bounds = [count * part // threads for part in range(threads + 1)]
    *others, own = [slice(first, end) for first, end in itertools.pairwise(bounds)]
    # In a context of its own each, for it says what NumPy does about overflow.
    waiting = [pool.submit(contextvars.copy_context().run, work, part) for part in others]
    work(own)
    for other in waiting:
        other.result()


def product(A: np.ndarray, B: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """A matrix product, whose rows or columns are shared, whichever are more."""
    m, n = len(A), B.shape[1]
    if out is None:
        out = np.empty((m, n), A.dtype)
    if m * n * len(B) < PRODUCT:
        return np.matmul(A, B, out=out)
    if m >= n:
        shared(lambda part: np.matmul(A[part], B, out=out[part]), m)
    else:
        shared(lambda part: np.matmul(A, B[:, part], out=out[:, part]), n)
    return out
