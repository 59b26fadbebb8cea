"""``fit`` that remembers, and the same for any function."""

import dataclasses
import datetime
import functools
import inspect
import operator
import os
import platform
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from groundup import trace
from groundup.runs import functions, key, loaded, progress, random_state, surroundings
from groundup.runs.comparison import expect_alike
from groundup.runs.store import Record, Store, differences

FRAMEWORKS = frozenset({"groundup.nn", "keras"})
DISPLAY_ONLY = frozenset({"return_dict", "verbose"})


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
class Outcome(Remembered):
    """What a function gave.

    Args:
        result: its result.
    """

    result: Any


def fit(
    model,
    x,
    y=None,
    *,
    name: str,
    seed: int = 0,
    alone: bool = False,
    content=None,
    keep: str = "model",
    **fit_arguments,
) -> Run | HistoryRun:
    """Train a model as ``model.fit`` does, or remember how that went.

    The run's key is the SHA-256 of everything that decides its result: the model and its variables,
    how it is compiled, the arguments, the data's content, the code of our own classes, versions and
    threads. A known key restores every variable and the history; an unknown one trains. The global
    random state is set from ``seed`` inside and left as it was found, either way.

    Args:
        model: a function without arguments that makes a compiled model of Keras or of ``groundup.nn``;
            it's called with the seed set, so that the seed decides the initial weights too. Or such a
            model itself: it brings its own weights, so one made anew is another run, and one that has
            trained trains on.
        x: the examples, (m, …).
        y: the targets, as the model's loss wants them.
        name: what to call the run. It isn't part of the key; the store keeps the name that the run was
            first made under.
        seed: a whole number from 0 to 2³² − 1.
        alone: the run's time is to be published, so while a book is built nothing runs beside the
            chapter that says so, and a record that wasn't made so is made again.
        content: what the data are, in plain values that change when they do; only for data that can't
            be looked through beforehand, such as a ``tf.data.Dataset`` that gives the same every time.
        keep: ``"model"``, or ``"history"``: the run gives its history and no model, and no weights are
            remembered, for many runs of which only the curves are shown. It has the same key; whoever
            asks for the model later has it trained once more.
        fit_arguments: what else ``model.fit`` takes.

    Raises:
        TypeError: the model isn't one of these or isn't compiled, or an argument isn't pure:
            its content can't be known, or it does more than a remembered run can repeat.
        ValueError: the seed is none, or ``keep`` is something else.
        RuntimeError: the code that is loaded isn't what stands in its file, or was replaced.
    """
    with random_state.preserved():
        facts = {"name": name, "seed": seed, "alone": alone, "content": content, "keep": keep}
        return done(_fit_job(model, x, y, **facts, **fit_arguments))


def remember(function, *args, name: str, seed: int = 0, alone: bool = False, **kwargs) -> Outcome:
    """Call a function, or remember what it gave: for loops that aren't a ``fit``.

    Args:
        function: a function of a module, whose result its arguments and the seed decide alone. What else
            it reads isn't noticed: a file, the clock, the environment, what an object of a library holds.
            Hand such things in as arguments. Nor is all that it does besides: where it sets what is there
            for the whole process, such as NumPy's handling of errors, it's refused, but what it writes,
            prints, or changes in an object of a library, a remembered run doesn't do again.
        args, kwargs: its arguments: numbers, strings, None, arrays, and lists, tuples and dictionaries
            of these.
        name, seed, alone: as for ``fit``. They aren't handed to the function: the seed is that of the
            global generators, of Python, NumPy, the engine and Keras.

    Raises:
        TypeError: the function isn't one of a module, or has an argument called as one of these; an
            argument or the result is of another kind (its arrays have to be of numbers), or the function
            changes an argument or a variable of its module.
        RuntimeError: what is loaded isn't what stands in the function's file, or was replaced.
    """
    with random_state.preserved():
        return done(_function_job(function, *args, name=name, seed=seed, alone=alone, **kwargs))


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


def job_of(call: functools.partial) -> Job:
    """What a call of ``fit`` or ``remember`` is to do; leaves the random state another."""
    make = {fit: _fit_job, remember: _function_job}[call.func]
    return make(*call.args, **call.keywords)


def _fit_job(
    model, x, y=None, *, name, seed=0, alone=False, content=None, keep="model", **fit_arguments
) -> Job:
    name, seed = _name(name), _seed(seed)
    if keep not in ("model", "history"):
        raise ValueError(f"runs.fit expected keep='model' or keep='history', got {keep!r}")
    if keep == "history" and not _makes_a_model(model):
        raise TypeError(
            "runs.fit expected a function that makes a model with keep='history', got a "
            f"{type(model).__name__}, which would have trained or not"
        )
    adapter = adapt(model, seed)
    adapter.prepare(x)
    arguments = _arguments(adapter, adapter.model.fit, (x, y), content, fit_arguments)
    described = adapter.describe()
    inputs = {"seed": seed, **described, **arguments}

    def make():
        if key.digest(adapter.describe()) != key.digest(described):
            raise RuntimeError(
                f"the model of the run {name!r} has changed since its key was made: another run has "
                "trained it, or a part of both; expected a function that makes a model with all its parts"
            )
        modules = described["code"]["modules"]
        held = _held(modules)
        with progress.training(name, fit_arguments.get("epochs", 1)) as report:
            clock = time.perf_counter()
            history = adapter.train(x, y, fit_arguments, report)
            seconds = time.perf_counter() - clock
        _expect_unchanged(f"training {name!r}", held, _held(modules))
        return history, None, adapter.arrays(), seconds

    def give(record: Record, restored: bool) -> Run | HistoryRun:
        facts = (name, seed, record.key, record.seconds, record.provenance, restored)
        if keep == "history":
            return HistoryRun(*facts, record.history)
        if restored:
            adapter.restore(record.arrays, record.history, (x, y), fit_arguments)
        return Run(*facts, adapter.model, record.history)

    return Job(name, alone, inputs, make, give, keeps_weights=keep == "model")


def _use_job(run: Run, method: str, data: tuple, asked: dict) -> Job:
    adapter = adapt(run.model, run.seed)
    arguments = _arguments(adapter, getattr(run.model, method), data, None, asked)
    inputs = {"seed": run.seed, "method": method, **adapter.describe(), **arguments}

    def make():
        clock = time.perf_counter()
        found = getattr(adapter, method)(*data, **asked)
        return {}, *functions.packed(found), time.perf_counter() - clock

    def give(record: Record, restored: bool):
        return functions.unpacked(record.result, record.arrays)

    return Job(f"{run.name}: {method}", False, inputs, make, give, traced=False)


def _function_job(function, *args, name, seed=0, alone=False, **kwargs) -> Job:
    if not inspect.isfunction(function):
        raise TypeError(
            f"runs.remember expected a function, and then its arguments, got {function!r}"
        )
    name, seed = _name(name), _seed(seed)
    signature = inspect.signature(function)
    if taken := {"name", "seed", "alone"} & set(signature.parameters):
        raise TypeError(
            f"{function.__qualname__} has an argument {min(taken)!r}, which runs.remember "
            "takes for itself; expected another name for it"
        )
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()

    def arguments() -> dict:
        return {n: key.plain(value, n) for n, value in bound.arguments.items()}

    before, described = arguments(), functions.describe(function)

    def make():
        modules = described["code"]["modules"]
        held = _held(modules)
        with progress.training(name, None):
            clock = time.perf_counter()
            found = function(*args, **kwargs)
            seconds = time.perf_counter() - clock
        result, arrays = functions.packed(found)
        if key.digest(arguments()) != key.digest(before):
            raise TypeError(
                f"{function.__qualname__} changes its arguments; expected a pure function"
            )
        _expect_unchanged(function.__qualname__, held, _held(modules))
        return {}, result, arrays, seconds

    def give(record: Record, restored: bool) -> Outcome:
        facts = (name, seed, record.key, record.seconds, record.provenance, restored)
        return Outcome(*facts, functions.unpacked(record.result, record.arrays))

    inputs = {"seed": seed, **described, "arguments": before}
    return Job(name, alone, inputs, make, give)


def _held(modules) -> dict[str, dict]:
    """What these modules hold now, by module and variable, in plain terms."""
    found = loaded.lasting(modules)
    return {m: {n: key.told(value, n) for n, value in held.items()} for m, held in found.items()}


def _expect_unchanged(what: str, before: dict, after: dict) -> None:
    """Refuse what leaves its modules as others than they were: the next time it would compute otherwise.

    Args:
        what: what was done.
        before, after: the variables of the modules, by module.
    """
    held = {n: told for module in before for n, told in after[module].items()}
    for module, was in before.items():  # what is computed when it's first needed is no change
        for name in after[module].keys() - was.keys():
            if loaded.is_filled_once(module, name):
                del held[name]
    was = {n: told for variables in before.values() for n, told in variables.items()}
    if changed := differences(was, held):
        raise TypeError(
            f"{what} changes what its module holds ({'; '.join(changed)}), which a remembered run "
            "wouldn't do; expected a pure function"
        )


def _name(name) -> str:
    if not isinstance(name, str) or not name:
        raise TypeError(f"expected a string as the run's name, not an empty one, got {name!r}")
    return name


def _seed(seed) -> int:
    expected = "expected a whole number from 0 to 2**32 - 1 as seed"
    try:
        number = operator.index(seed)
    except TypeError:
        raise TypeError(f"{expected}, got {seed!r}") from None
    if not 0 <= number < 2**32:
        raise ValueError(f"{expected}, got {number}")
    return number


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
            record = record if job.keeps_weights else record.without_weights()
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


def adapt(model, seed: int):
    """The adapter for a model, or for the model that a function makes, with the seed set."""
    random_state.set_seed(seed)
    if "groundup.nn" in sys.modules and isinstance(model, sys.modules["groundup.nn"].Sequential):
        from groundup.runs.nn_adapter import NNAdapter

        return NNAdapter(model)
    if "keras" in sys.modules and isinstance(model, sys.modules["keras"].Model):
        from groundup.runs.keras_adapter import KerasAdapter

        return KerasAdapter(model)
    if _makes_a_model(model):
        there = FRAMEWORKS & set(sys.modules)
        made = model()
        if FRAMEWORKS & set(sys.modules) != there:  # it was imported unseeded: once more
            random_state.set_seed(seed)
            made = model()
        return adapt(made, seed)
    raise TypeError(
        "runs.fit expected a Keras model, a groundup.nn model or a function that makes one, "
        f"got a {type(model).__name__}"
    )


def _makes_a_model(model) -> bool:
    return inspect.isroutine(model) or isinstance(model, functools.partial)


def _arguments(adapter, method, data: tuple, content, asked: dict) -> dict:
    """Data and arguments of a model's method as the key wants them, defaults included."""
    bound = inspect.signature(method).bind(*data, **asked)
    bound.apply_defaults()
    arguments = {n: v for n, v in bound.arguments.items() if n not in DISPLAY_ONLY}
    callbacks = arguments.pop("callbacks", None) or []
    if not isinstance(callbacks, list | tuple):
        raise TypeError(f"expected a list of callbacks, got {callbacks!r}")
    data = {n: arguments.pop(n) for n in ("x", "y") if n in arguments}
    if content is not None:
        streams = {n: v for n, v in {**data, **arguments}.items() if adapter.is_stream(v)}
        if not streams:
            raise TypeError("content is for data that can't be looked through, got arrays")
        said = {"content": key.plain(content, "content")}
        data |= dict.fromkeys(streams.keys() & data.keys(), said)
        arguments |= dict.fromkeys(streams.keys() & arguments.keys(), said)
    return {
        "data": {n: key.plain(v, n) for n, v in data.items()},
        "arguments": {n: key.plain(v, n) for n, v in arguments.items()},
        "callbacks": [adapter.describe_callback(callback) for callback in callbacks],
    }


def _processor() -> str:
    """The kind of processor: what must be alike for results to be equal bit for bit."""
    found = np.show_config(mode="dicts")["SIMD Extensions"]["found"]
    return f"{platform.machine()} {' '.join(found)}"
