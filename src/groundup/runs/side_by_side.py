"""Independent runs, side by side."""

import dataclasses
import functools
import inspect
import os
import pickle
import traceback
from collections.abc import Callable, Iterable

from groundup.runs import deadline, functions, random_state, slots
from groundup.runs.jobs import Job, done, lacks_something
from groundup.runs.results import Remembered, finished
from groundup.runs.run import fit, job_of, remember
from groundup.runs.store import Damaged, Store, read_header


def fit_all(calls: Iterable[functools.partial]) -> list[Remembered]:
    """Make several runs, the unknown ones side by side in processes of their own.

    There are as many processes as ``GROUNDUP_WORKERS`` says, or as there are cores; while a book is
    built they share its slots. All results are the same as one after the other.

    Args:
        calls: ``functools.partial(runs.fit, …)`` for each run, or ``partial(runs.remember, …)``.

    Returns:
        The runs, in their order; ``restored`` says of each whether it was there before.

    Raises:
        TypeError: one of these isn't such a call, or is to run alone, or two train the same model.
        Exception: what the first that failed raised, after all others have ended; a note names the run.
    """
    calls = _checked(calls)
    found = made(calls)
    errors = []
    for run in found:
        try:
            finished(run)
        except RuntimeError as error:
            errors.append(error)
    _raise_first(errors)
    return found


def made(calls: list[functools.partial]) -> list[Remembered]:
    """The same of calls that are known to be such; those that diverged are among the runs."""
    store = Store()
    with random_state.preserved():
        jobs = [_of(call, job_of, call) for call in calls]
        known = [_is_known(job, store) for job in jobs]
        _make([call for call, there in zip(calls, known, strict=True) if not there], store)
        found = [_of(call, done, job) for call, job in zip(calls, jobs, strict=True)]
    return [
        run if there else dataclasses.replace(run, restored=False)
        for run, there in zip(found, known, strict=True)
    ]


def _of(call: functools.partial, function: Callable, argument):
    """What a function gives for a run; an error says of which run it is."""
    try:
        return function(argument)
    except Exception as error:
        error.add_note(_named(call))
        raise


def _named(call: functools.partial) -> str:
    return f"in the run {call.keywords['name']!r}, seed {call.keywords.get('seed', 0)}"


def _is_known(job: Job, store: Store) -> bool:
    """Whether there is a record that has all that the job wants; a damaged one counts until it's read."""
    path = store.path(job.key)
    try:
        return path.exists() and not lacks_something(read_header(path)["provenance"], job)
    except (Damaged, OSError):
        return True


def _make(missing: list[functools.partial], store: Store) -> None:
    """Make these runs side by side; leave them to be made one after the other where that's no use."""
    if missing:
        deadline.expect_time(*(call.keywords["name"] for call in missing))
    count = min(slots.workers(), len(missing)) if store.writable() else 1
    if count > 1:
        import joblib  # only now: most builds make no run

        # As many threads as here, for the number is part of a run's key.
        threads = functions.blas_threads() or 1
        # Arrays go there whole: one that is mapped from a file is another input, with another key.
        backend = {"backend": "loky", "inner_max_num_threads": threads, "max_nbytes": None}
        with joblib.parallel_config(**backend, n_jobs=count):
            environment = {n: v for n, v in os.environ.items() if n.startswith("GROUNDUP_")}
            tasks = (joblib.delayed(_elsewhere)(call, environment) for call in missing)
            errors = [error for error in joblib.Parallel(batch_size=1)(tasks) if error]
        _raise_first(errors)


def _raise_first(errors: list[Exception]) -> None:
    """Raise the first of these errors, if there are any; a note of it tells the others."""
    for other in errors[1:]:
        errors[0].add_note("\n".join(["another run failed too", *other.__notes__]))
    if errors:
        raise errors[0]


def _checked(calls: Iterable[functools.partial]) -> list[functools.partial]:
    if isinstance(calls, functools.partial):
        raise TypeError("fit_all expected a list of calls, got one")
    calls, models = list(calls), []
    for place, call in enumerate(calls):
        if not isinstance(call, functools.partial) or call.func not in (fit, remember):
            raise TypeError(
                "fit_all expected functools.partial(runs.fit, …) or partial(runs.remember, …), "
                f"got a {type(call).__name__} at place {place}"
            )
        if "name" not in call.keywords:
            raise TypeError(
                f"fit_all expected a name=… for every run, the one at place {place} has none"
            )
        if call.keywords.get("alone"):
            raise TypeError("a run that is to have the machine for itself has no place in fit_all")
        model = call.args[0] if call.args else call.keywords.get("model")
        if not inspect.isroutine(model) and not isinstance(model, functools.partial):
            models.append(model)
    if len({id(model) for model in models}) < len(models):
        raise TypeError(
            "two of these runs were given the same model, so one would train on where the other ended; "
            "expected a function that makes a model: partial(runs.fit, make_model, …)"
        )
    return calls


def _elsewhere(call: functools.partial, environment: dict[str, str]) -> Exception | None:
    """Make a run in this process, which is another than the chapter's; its record is in the store then.

    Returns:
        What it raised.
    """
    os.environ.update(environment)
    try:
        with slots.held():
            os.environ["GROUNDUP_WORKERS"] = "1"  # what it calls has its slot, and no other
            with random_state.preserved():
                done(job_of(call))
    except Exception as error:
        said = f"{_named(call)}:\n{traceback.format_exc()}"
        try:
            error = pickle.loads(pickle.dumps(error))
        except Exception:
            error = RuntimeError(f"{type(error).__name__}: {error}")
        error.add_note(said)
        return error
    return None
