"""What a run gives to whoever asked for it."""

import dataclasses
import time
from typing import Any

import numpy as np

from groundup.runs import adapters, functions, random_state
from groundup.runs.jobs import Job, done
from groundup.runs.store import Record


@dataclasses.dataclass(frozen=True)
class Remembered:
    """What every run has, made just now or remembered.

    Args:
        name: what the chapter calls it.
        seed: what its chance began with.
        key: the digest of everything that decided the result.
        seconds: how long it took when it was made.
        provenance: when, on what, and why it was made (``why``: what was different from the most alike
            run of that name).
        restored: whether it was remembered.
    """

    name: str
    seed: int
    key: str
    seconds: float
    provenance: dict = dataclasses.field(repr=False)
    restored: bool


@dataclasses.dataclass(frozen=True)
class Run(Remembered):
    """A training run.

    Args:
        model: the trained model.
        history: a list with a value for each epoch, by name; of a metric that has several, such as one of
            each class, the values are lists.
    """

    model: Any
    history: dict[str, list] = dataclasses.field(repr=False)

    def evaluate(self, x, y=None, **arguments) -> dict[str, float | list]:
        """The loss and the metrics as ``model.evaluate`` gives them, or as it gave them: remembered too.

        Args:
            x: the examples, (m, …).
            y: the targets, as the model's loss wants them.
            arguments: what else ``model.evaluate`` takes.

        Raises:
            TypeError: as ``fit`` does.
        """
        with random_state.preserved():
            return done(_use_job(self, "evaluate", (x, y), arguments))

    def predict(self, x, **arguments) -> np.ndarray:
        """What ``model.predict`` gives for these examples, or gave: remembered too.

        Args:
            x: the examples, (m, …).
            arguments: what else ``model.predict`` takes.

        Raises:
            TypeError: as ``fit`` does.
        """
        with random_state.preserved():
            return done(_use_job(self, "predict", (x,), arguments))


@dataclasses.dataclass(frozen=True)
class HistoryRun(Remembered):
    """A training run of which the history alone was kept.

    Args:
        history: as of a ``Run``.
    """

    history: dict[str, list] = dataclasses.field(repr=False)

    @property
    def model(self):
        """There is none.

        Raises:
            RuntimeError: says how there would be one.
        """
        raise RuntimeError(
            f"the run {self.name!r} has no model, for keep='history' keeps no weights: leave keep out, "
            "and it is trained once more, and its model kept"
        )

    def evaluate(self, x, y=None, **arguments):
        """Raise the same error: there is no model to evaluate."""
        return self.model

    def predict(self, x, **arguments):
        """Raise the same error: there is no model to predict with."""
        return self.model


@dataclasses.dataclass(frozen=True)
class DivergedRun(HistoryRun):
    """A training run of ``groundup.nn`` that diverged, in a grid: there is no model of it.

    Args:
        history: as of a ``Run``; the values of the epoch in which it diverged, its last, are NaN.
        reason: when it diverged, and how.
        epoch: how many epochs came before that one.
    """

    reason: str
    epoch: int

    @property
    def model(self):
        """There is none.

        Raises:
            RuntimeError: says when and how it diverged.
        """
        raise RuntimeError(f"the run {self.name!r} has no model: {self.reason}")


@dataclasses.dataclass(frozen=True)
class Outcome(Remembered):
    """What a function gave.

    Args:
        result: its result.
    """

    result: Any


def finished(run: Remembered) -> Remembered:
    """The run, if its training didn't diverge.

    Raises:
        DivergedError: it did.
    """
    if isinstance(run, DivergedRun):
        from groundup.runs.nn_adapter import NNAdapter  # it's loaded: the engine alone says so

        error = NNAdapter.diverged(run.reason, run.epoch)
        error.add_note(f"in the run {run.name!r}, seed {run.seed}")
        raise error
    return run


def _use_job(run: Run, method: str, data: tuple, asked: dict) -> Job:
    adapter = adapters.adapt(run.model, run.seed)
    arguments = adapters.arguments(adapter, getattr(run.model, method), data, None, asked)
    inputs = {"seed": run.seed, "method": method, **adapter.describe(), **arguments}

    def make():
        clock = time.perf_counter()
        found = getattr(adapter, method)(*data, **asked)
        return {}, *functions.packed(found), time.perf_counter() - clock

    def give(record: Record, restored: bool):
        return functions.unpacked(record.result, record.arrays)

    return Job(f"{run.name}: {method}", False, inputs, make, give, traced=False)
