"""``fit`` that remembers, and the same for any function."""

import functools
import inspect
import operator
import time

from groundup.runs import adapters, functions, key, module_variables, progress, random_state
from groundup.runs.jobs import Job, done
from groundup.runs.results import DivergedRun, HistoryRun, Outcome, Run, finished
from groundup.runs.store import Record


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
        fit_arguments: what else ``model.fit`` takes. Nothing is printed unless ``verbose`` is among them.

    Raises:
        TypeError: the model isn't one of these or isn't compiled, or an argument isn't pure:
            its content can't be known, or it does more than a remembered run can repeat.
        ValueError: the seed is none, or ``keep`` is something else.
        RuntimeError: the code that is loaded isn't what stands in its file, or was replaced.
        DivergedError: training diverged, as ``model.fit`` of the engine says it. (Keras trains on, with
            NaN as loss.)
    """
    with random_state.preserved():
        facts = {"name": name, "seed": seed, "alone": alone, "content": content, "keep": keep}
        return finished(done(_fit_job(model, x, y, **facts, **fit_arguments)))


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
    if keep == "history" and not adapters.makes_a_model(model):
        raise TypeError(
            "runs.fit expected a function that makes a model with keep='history', got a "
            f"{type(model).__name__}, which would have trained or not"
        )
    adapter = adapters.adapt(model, seed)
    adapter.prepare(x)
    arguments = adapters.arguments(adapter, adapter.model.fit, (x, y), content, fit_arguments)
    described = adapter.describe()
    inputs = {"seed": seed, **described, **arguments}

    def make():
        if key.digest(adapter.describe()) != key.digest(described):
            raise RuntimeError(
                f"the model of the run {name!r} has changed since its key was made: another run has "
                "trained it, or a part of both; expected a function that makes a model with all its parts"
            )
        held = module_variables.seen(described["code"]["modules"])
        with progress.training(name, fit_arguments.get("epochs", 1)) as report:
            clock = time.perf_counter()
            history, diverged = adapter.train(x, y, fit_arguments, report)
            seconds = time.perf_counter() - clock
        module_variables.expect_as_before(f"training {name!r}", held)
        if not diverged:
            return history, None, adapter.arrays(), seconds
        if not adapters.makes_a_model(
            model
        ):  # it's another now, which a remembered run wouldn't do
            raise diverged
        return history, {"diverged": str(diverged), "epoch": diverged.epoch}, {}, seconds

    def give(record: Record, restored: bool) -> Run | HistoryRun:
        facts = (name, seed, record.key, record.seconds, record.provenance, restored)
        if record.result is not None:
            reason, epoch = record.result["diverged"], record.result["epoch"]
            return DivergedRun(*facts, record.history, reason, epoch)
        if keep == "history":
            return HistoryRun(*facts, record.history)
        if restored:
            adapter.restore(record.arrays, record.history, (x, y), fit_arguments)
        return Run(*facts, adapter.model, record.history)

    return Job(name, alone, inputs, make, give, keeps_weights=keep == "model")


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
        held = module_variables.seen(described["code"]["modules"])
        with progress.training(name, None):
            clock = time.perf_counter()
            found = function(*args, **kwargs)
            seconds = time.perf_counter() - clock
        result, arrays = functions.packed(found)
        if key.digest(arguments()) != key.digest(before):
            raise TypeError(
                f"{function.__qualname__} changes its arguments; expected a pure function"
            )
        module_variables.expect_as_before(function.__qualname__, held)
        return {}, result, arrays, seconds

    def give(record: Record, restored: bool) -> Outcome:
        facts = (name, seed, record.key, record.seconds, record.provenance, restored)
        return Outcome(*facts, functions.unpacked(record.result, record.arrays))

    inputs = {"seed": seed, **described, "arguments": before}
    return Job(name, alone, inputs, make, give)


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
