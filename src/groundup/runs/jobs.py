"""A run to be remembered or made: whichever of the two, whoever asked gets the same."""

import dataclasses
import datetime
import functools
import os
import platform
from collections.abc import Callable
from typing import Any

import numpy as np

from groundup import trace
from groundup.runs import deadline, key, random_state, surroundings
from groundup.runs.comparison import expect_alike
from groundup.runs.store import Record, Store


@dataclasses.dataclass(frozen=True)
class Job:
    """A run to be remembered or made.

    Args:
        name, alone: as for ``fit``.
        inputs: everything that decides the result, plain.
        make: does the work; gives history, result, arrays, and the seconds that it took.
        give: what the caller gets, from the record and whether it was there.
        traced: whether it's one of the runs that a page is said to stand on.
        keeps_weights: whether its record is to have arrays.
    """

    name: str
    alone: bool
    inputs: dict
    make: Callable[[], tuple[dict, Any, dict, float]]
    give: Callable[[Record, bool], Any]
    traced: bool = True
    keeps_weights: bool = True

    @functools.cached_property
    def key(self) -> str:
        """The digest of the inputs."""
        return key.digest(self.inputs)


def done(job: Job):
    """What a job gives, from its record in the store, which is made if it isn't there.

    Keras's counters of names are left as they were found: what it calls what is made afterwards doesn't
    depend on which of the two it was.
    """
    with random_state.names_preserved():
        return _done(job)


def _done(job: Job):
    run_key = job.key
    store = Store()
    random_state.set_seed(job.inputs["seed"])
    with store.lock(run_key):
        record = store.get(run_key)
        restored = record is not None
        asked = [digits.strip() for digits in os.environ.get("GROUNDUP_RETRAIN", "").split(",")]
        again = any(run_key.startswith(digits) for digits in asked if len(digits) >= 6)
        if not restored:
            record = _trained(job, store.why(job.name, job.inputs))
            if record.arrays and not job.keeps_weights:
                record = record.without_weights()
            store.put(record)
        elif again or lacks_something(record.provenance, job):
            restored = False
            trained = _trained(job, [])
            expect_alike(record, trained)
            if lacks_something(record.provenance, job):
                store.put(trained)
                record = trained
    if job.traced:
        trace.leave(
            "run",
            name=job.name,
            key=run_key,
            seed=job.inputs["seed"],
            seconds=record.seconds,
            started=record.provenance["started"],
            last={
                metric: values[-1]
                for metric, values in record.history.items()
                if values and not isinstance(values[-1], list)
            },
        )
    return job.give(record, restored)


def lacks_something(provenance: dict, job: Job) -> bool:
    """Whether a record isn't as the job wants it: it wasn't made alone, or has no weights."""
    return (job.alone and not provenance.get("alone")) or (
        job.keeps_weights and provenance.get("without_weights", False)
    )


def _trained(job: Job, why: list[str]) -> Record:
    if job.alone and os.environ.get("GROUNDUP_ALONE") == "0":
        raise RuntimeError(
            f"the run {job.name!r} is to have the machine for itself, and other chapters run beside this "
            "one: write alone=True in the cell itself, where the build sees it"
        )
    if job.traced:
        deadline.expect_time(job.name)
    started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    before = surroundings.seen()
    history, result, arrays, seconds = job.make()
    surroundings.expect_as_before(f"the run {job.name!r}", before)
    return Record(
        name=job.name,
        inputs=job.inputs,
        history=history,
        seconds=round(seconds, 3),
        provenance={
            "started": started,
            "alone": job.alone,
            "why": why,
            "system": platform.system(),
            "machine": platform.machine(),
            "processor": _processor(),
            "cores": os.cpu_count(),
        },
        arrays={name: np.array(value) for name, value in arrays.items()},
        result=result,
    )


def _processor() -> str:
    """The kind of processor: what must be alike for results to be equal bit for bit."""
    found = np.show_config(mode="dicts")["SIMD Extensions"]["found"]
    return f"{platform.machine()} {' '.join(found)}"
