"""Independent runs, side by side."""

import functools
import os
import pickle
from collections.abc import Iterable

import joblib

from groundup.runs import functions, slots
from groundup.runs.run import Remembered, fit, key_of, remember
from groundup.runs.store import Store


def fit_all(calls: Iterable[functools.partial]) -> list[Remembered]:
    """Make several runs, the unknown ones side by side in processes of their own.

    There are as many processes as ``GROUNDUP_WORKERS`` says, or as there are cores; while a book is
    built they share its slots. All results are the same as one after the other.

    Args:
        calls: ``functools.partial(runs.fit, …)`` for each run, or ``partial(runs.remember, …)``.

    Returns:
        The runs, in their order.

    Raises:
        TypeError: one of these isn't such a call, or is to run alone.
        Exception: what the first that failed raised, after all others have ended.
    """
    calls = list(calls)
    for call in calls:
        if not isinstance(call, functools.partial) or call.func not in (fit, remember):
            raise TypeError(f"fit_all expected functools.partial(runs.fit, …), got {call!r}")
        if call.keywords.get("alone"):
            raise TypeError("a run that is to have the machine for itself has no place in fit_all")
    store = Store()
    missing = [call for call in calls if not store.path(key_of(call)).exists()]
    count = min(slots.workers(), len(missing))
    if count > 1:
        # As many threads as here, for the number is part of a run's key.
        threads = functions.blas_threads() or 1
        backend = {"backend": "loky", "inner_max_num_threads": threads}
        with joblib.parallel_config(**backend, n_jobs=count):
            environment = {n: v for n, v in os.environ.items() if n.startswith("GROUNDUP_")}
            tasks = (joblib.delayed(_elsewhere)(call, environment) for call in missing)
            errors = [error for error in joblib.Parallel(batch_size=1)(tasks) if error]
        if errors:
            for other in errors[1:]:
                errors[0].add_note(f"another run failed too: {type(other).__name__}: {other}")
            raise errors[0]
    return [call() for call in calls]


def _elsewhere(call: functools.partial, environment: dict[str, str]) -> Exception | None:
    """Make a run in this process, which is another than the chapter's; its record is in the store then.

    Returns:
        What it raised.
    """
    os.environ.update(environment)
    try:
        with slots.held():
            call()
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            return RuntimeError(f"{type(error).__name__}: {error}")
        return error
    return None
