"""``fit`` that remembers."""

import dataclasses
import datetime
import inspect
import operator
import os
import platform
import sys
import time
from typing import Any

import numpy as np

from groundup import nn, trace
from groundup.runs import key, random_state
from groundup.runs.nn_adapter import NNAdapter
from groundup.runs.store import Record, Store

DISPLAY_ONLY = frozenset({"verbose"})


@dataclasses.dataclass(frozen=True)
class Run:
    """A training run, trained just now or remembered.

    Args:
        name: what the chapter calls it.
        key: the digest of everything that decided the result.
        model: the trained model.
        history: a list with a value for each epoch, by name.
        seconds: how long the training took when it was done.
        provenance: when and on what the run was made.
        restored: whether it was remembered.
    """

    name: str
    key: str
    model: Any
    history: dict[str, list[float]]
    seconds: float
    provenance: dict
    restored: bool


def fit(model, x, y, *, name: str, seed: int = 0, **fit_arguments) -> Run:
    """Train a model as ``model.fit`` does, or remember how that went.

    The run's key is the SHA-256 of everything that decides its result: the model and its variables,
    how it is compiled, the arguments, the data's content, the code of our own classes, versions and
    threads. A known key restores every variable and the history; an unknown one trains. The global
    random state is set from ``seed`` inside and left as it was found, either way.

    Args:
        model: a compiled model of Keras or of ``groundup.nn``, or a function without arguments that
            makes one; it's called with the seed set, so that the seed decides the initial weights too.
        x: the examples, (m, …).
        y: the targets, as the model's loss wants them.
        name: what to call the run.
        seed: a whole number ≥ 0.
        fit_arguments: what else ``model.fit`` takes.

    Raises:
        TypeError: the model isn't one of these or isn't compiled, or an argument isn't pure:
            its content can't be known, or it does more than a remembered run can repeat.
    """
    with random_state.preserved():
        seed = operator.index(seed)
        adapter = _adapt(model, seed)
        adapter.prepare(x)
        inputs = {"seed": seed, **adapter.describe(), **_arguments(adapter, x, y, fit_arguments)}
        run_key = key.digest(inputs)
        random_state.set_seed(seed)
        store = Store()
        with store.lock(run_key):
            record = store.get(run_key)
            restored = record is not None
            if restored and run_key not in os.environ.get("GROUNDUP_RETRAIN", "").split(","):
                adapter.restore(record.arrays, record.history, fit_arguments)
            else:
                trained = _train(adapter, name, inputs, x, y, fit_arguments)
                if restored:
                    compare(record, trained)
                    restored = False
                else:
                    store.put(trained)
                    record = trained
    trace.leave(
        "run",
        name=name,
        key=run_key,
        seed=seed,
        seconds=record.seconds,
        started=record.provenance["started"],
        last={metric: values[-1] for metric, values in record.history.items() if values},
    )
    return Run(
        name,
        run_key,
        adapter.model,
        record.history,
        record.seconds,
        record.provenance,
        restored,
    )


def compare(remembered: Record, trained: Record) -> None:
    """Hold a run that was trained anew against its record.

    On the same kind of processor every variable and the history must be equal bit for bit; elsewhere
    the last value of each metric within 0.01.

    Raises:
        RuntimeError: they differ; says where.
    """
    differences = []
    if remembered.provenance["processor"] == trained.provenance["processor"]:
        for metric, values in remembered.history.items():
            if not np.array_equal(values, trained.history.get(metric), equal_nan=True):
                differences.append(metric)
        for name, value in remembered.arrays.items():
            if not np.array_equal(value, trained.arrays[name], equal_nan=True):
                differences.append(name)
    else:
        for metric, values in remembered.history.items():
            if abs(values[-1] - trained.history[metric][-1]) > 0.01:
                differences.append(metric)
    if differences:
        raise RuntimeError(
            f"the run {trained.name!r}, trained anew, differs from its record {remembered.key} in: "
            + ", ".join(differences)
        )


def _adapt(model, seed: int):
    """The adapter for a model, or for the model that a function makes, with the seed set."""
    random_state.set_seed(seed)
    if isinstance(model, nn.Sequential):
        return NNAdapter(model)
    if "keras" in sys.modules:
        import keras

        if isinstance(model, keras.Model):
            from groundup.runs.keras_adapter import KerasAdapter

            return KerasAdapter(model)
    if inspect.isroutine(model):
        keras_was_there = "keras" in sys.modules
        made = model()
        if "keras" in sys.modules and not keras_was_there:  # it was imported unseeded: once more
            random_state.set_seed(seed)
            made = model()
        return _adapt(made, seed)
    raise TypeError(
        "runs.fit expected a Keras model, a groundup.nn model or a function that makes one, "
        f"got a {type(model).__name__}"
    )


def _arguments(adapter, x, y, fit_arguments: dict) -> dict:
    """Data and arguments as the key wants them, defaults included."""
    bound = inspect.signature(adapter.model.fit).bind(x, y, **fit_arguments)
    bound.apply_defaults()
    arguments = {n: v for n, v in bound.arguments.items() if n not in DISPLAY_ONLY}
    callbacks = arguments.pop("callbacks", None) or []
    return {
        "data": {n: key.plain(arguments.pop(n), n) for n in ("x", "y")},
        "arguments": {n: key.plain(v, n) for n, v in arguments.items()},
        "callbacks": [adapter.describe_callback(callback) for callback in callbacks],
    }


def _train(adapter, name: str, inputs: dict, x, y, fit_arguments: dict) -> Record:
    started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    clock = time.perf_counter()
    history = adapter.train(x, y, fit_arguments)
    return Record(
        name=name,
        inputs=inputs,
        history=history,
        seconds=round(time.perf_counter() - clock, 3),
        provenance={
            "started": started,
            "system": platform.system(),
            "machine": platform.machine(),
            "processor": _processor(),
            "cores": os.cpu_count(),
        },
        arrays={name: np.array(value) for name, value in adapter.arrays().items()},
    )


def _processor() -> str:
    """The kind of processor: what must be alike for results to be equal bit for bit."""
    found = np.show_config(mode="dicts")["SIMD Extensions"]["found"]
    return f"{platform.machine()} {' '.join(found)}"
