"""How a model of ``groundup.nn`` is described, trained and restored."""

import ast
import copy
import functools
import math
import platform
import sys

import numpy as np

from groundup import nn
from groundup.nn import fused
from groundup.nn.config import Configured, class_name, is_of_engine
from groundup.nn.layers import chain
from groundup.runs import content, functions, key, source_files, versions

PURE_CALLBACKS = (nn.EarlyStopping,)
# Where a part gets what it is. What other methods of the engine set anew each time, without what was
# there before, is of that time alone.
MAKERS = frozenset({"__init__", "build"})
# What a built and compiled model has besides what is described on its own.
OF_A_MODEL = frozenset({
    "_penalties", "_places", "history", "input_shape", "layers", "loss", "metrics", "optimizer",
    "output_shape", "output_shapes", "parameter_gradients", "parameters", "state", "stop_training",
})  # fmt: skip


class NNAdapter:
    """A compiled ``nn.Sequential`` as the run store sees it.

    Raises:
        TypeError: the model isn't compiled.
    """

    def __init__(self, model: nn.Sequential):
        if type(model) is not nn.Sequential:
            raise TypeError(
                f"runs.fit expected an nn.Sequential, got a {type(model).__name__}: what a class of its "
                "own adds can't be told"
            )
        if model.optimizer is None:
            raise TypeError("runs.fit expected a compiled model: call model.compile first")
        self.model = model

    def prepare(self, x) -> None:
        """Make all variables, so that they can be described."""
        if self.model.parameters is None:
            self.model.build(np.shape(x)[1:])
        self.model.optimizer.build(self.model.parameters)

    def describe(self) -> dict:
        """The model's own share of the inputs that decide the result."""
        model = self.model
        for block in model.blocks():
            if not any(map(functools.partial(np.shares_memory, block.values), self._vectors())):
                raise TypeError(
                    f"{block.name} is no part of the model's vectors any more, so no step would change "
                    "it; expected arrays that are changed in place"
                )
        own = {name: value for name, value in vars(model).items() if name not in OF_A_MODEL}
        used = [nested for part in self._parts() for nested in _nested(part)]
        return {
            "kind": "groundup.nn",
            "model": [_described(part) for part in self._parts()],
            "attributes": key.plain(own, "model"),
            "variables": key.plain(self.arrays(), "variables"),
            "code": key.of_code([model, *used]),
            "versions": {
                "python": ".".join(platform.python_version_tuple()[:2]),
                "numpy": np.__version__,
                "scipy": versions.of("scipy"),  # GELU's error function
                "numba": fused.compiler(),
            },
            "device": "cpu",
            "threads": functions.blas_threads(),
        }

    def _parts(self) -> list[Configured]:
        model = self.model
        layers = chain.every(model.layers)
        return [*layers, model.optimizer, model.loss, *model.metrics.values()]

    def _vectors(self) -> list[np.ndarray]:
        return [self.model.parameters, self.model.state]

    def arrays(self) -> dict[str, np.ndarray]:
        """Every variable of model and optimizer, by name."""
        remembered = self.model.optimizer.variables.items()
        return {
            "model/parameters": self.model.parameters,
            "model/state": self.model.state,
            "model/stop_training": np.array(self.model.stop_training),
            **{f"optimizer/{name}": np.asarray(value) for name, value in remembered},
        }

    def restore(self, arrays: dict, history: dict, data: tuple, arguments: dict) -> None:
        """Put every variable to what it was after training."""
        for name, variable in self.arrays().items():
            variable[...] = arrays[name]
        self.model.stop_training = bool(arrays["model/stop_training"])
        self.model.history = nn.History()
        self.model.history.set_model(self.model)
        self.model.history.history = {name: list(values) for name, values in history.items()}

    def train(
        self, x, y, arguments: dict, report
    ) -> tuple[dict[str, list[float]], nn.DivergedError | None]:
        """Train, and return the history; callbacks stay as they are, so that they can serve again.

        Args:
            report: is told after each epoch how many are done; or None.

        Returns:
            The history; and the engine's error if training diverged, else None. The values of the epoch
            in which it did are NaN.
        """
        callbacks = [*copy.deepcopy(arguments.get("callbacks") or ())]
        if report:
            callbacks.append(_Reporter(report))
        before = [key.digest(_described(part, lasting=True)) for part in self._parts()]
        diverged = None
        arguments = {"verbose": 0} | arguments | {"callbacks": callbacks}
        try:
            history = self.model.fit(x, y, **arguments).history
        except nn.DivergedError as error:
            diverged, epochs_before = error, error.epoch - arguments.get("initial_epoch", 0)
            before_it = self.model.history.history or {"loss": []}
            history = {n: [*values[:epochs_before], math.nan] for n, values in before_it.items()}
        self.model.reset_states()  # what is remembered of a model has none of its last sequences
        for part, was in zip(self._parts(), before, strict=True):
            if key.digest(_described(part, lasting=True)) != was:
                raise TypeError(
                    f"{type(part).__name__} has other attributes after training than before, which a "
                    "remembered run wouldn't bring back; expected what changes in blocks"
                )
        return history, diverged

    @staticmethod
    def diverged(reason: str, epoch: int) -> nn.DivergedError:
        """The engine's error, as it was raised when a training that is remembered diverged."""
        error = nn.DivergedError(reason)
        error.epoch = epoch
        return error

    def evaluate(self, x, y, **arguments) -> dict[str, float]:
        """The loss and the metrics by name."""
        return self.model.evaluate(x, y, **{"verbose": 0} | arguments | {"return_dict": True})

    def predict(self, x, **arguments) -> np.ndarray:
        """The model's predictions."""
        return self.model.predict(x, **arguments)

    @staticmethod
    def is_stream(value) -> bool:
        """Whether these are data that can't be looked through beforehand; the engine takes none."""
        return False

    @staticmethod
    def describe_callback(callback) -> dict:
        """A callback as the settings that it was made with.

        Raises:
            TypeError: it may do what a remembered run can't repeat.
        """
        if type(callback) not in PURE_CALLBACKS:
            pure = ", ".join(kind.__name__ for kind in PURE_CALLBACKS)
            raise TypeError(
                f"{type(callback).__name__} may do what a remembered run can't repeat; "
                f"expected callbacks among {pure}"
            )
        return _described(callback)


class _Reporter(nn.Callback):
    def __init__(self, report):
        self.report = report

    def on_epoch_end(self, epoch, logs=None):
        self.report(epoch + 1)


def _nested(part: Configured) -> list[Configured]:
    """A layer, loss or optimizer with what it was made with."""
    inner = [getattr(part, name) for name in _arguments(part)]
    return [part, *(n for value in inner if isinstance(value, Configured) for n in _nested(value))]


def _arguments(part) -> list[str]:
    """What a part was made with; nothing of one that doesn't say it."""
    if not isinstance(part, Configured):
        return []
    part.get_config()  # says it, if one is kept under another name
    return [*Configured.get_config(part)]


def _described(part, lasting: bool = False) -> dict:
    """What a part is: its class, what it was made with, and every attribute that it has besides.

    Args:
        lasting: without what its properties have computed and kept.

    Raises:
        TypeError: an attribute's content can't be known, such as a method that was replaced.
    """
    name, arguments = class_name(type(part)), _arguments(part)
    apart = {*arguments, "blocks", "variables", "_shared"}
    for block in getattr(part, "blocks", None) or ():
        apart |= {block, f"d{block}"}
    others = vars(part).keys() - apart - _passing(type(part))
    if lasting:
        others = {name for name in others if not content.is_computed(type(part), name)}

    def held(attribute: str):
        return told(getattr(part, attribute), f"{name}.{attribute}")

    def told(value, where: str):
        if isinstance(value, nn.Layer):  # described by itself, in its place
            return {"layer": class_name(type(value))}
        if isinstance(value, tuple | list) and any(isinstance(v, nn.Layer) for v in value):
            return [told(v, where) for v in value]
        if hasattr(value, "__dict__") and source_files.is_ours(type(value).__module__):
            return _described(value, lasting)
        return key.plain(value, where)

    return {
        "class": name,
        "config": {attribute: held(attribute) for attribute in arguments},
        "attributes": {attribute: held(attribute) for attribute in sorted(others)},
    }


@functools.cache
def _passing(cls: type) -> frozenset[str]:
    """The attributes that only those methods set which the engine calls while it computes."""
    known = {name for base in cls.__mro__ if is_of_engine(base) for name in vars(base)}
    passing, made = set(), set()
    for base in cls.__mro__:
        for method in _methods(base):
            stored = [node for node in ast.walk(method) if _is_of_self(node, ast.Store)]
            counted = [n.target for n in ast.walk(method) if isinstance(n, ast.AugAssign)]
            names = {node.attr for node in stored}
            if method.name in known - MAKERS:
                passing |= names
                made |= {node.attr for node in counted if isinstance(node, ast.Attribute)}
            else:
                made |= names
    return frozenset(passing - made - set(dir(cls)))


def _is_of_self(node: ast.AST, context: type) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, context)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    )


def _methods(cls: type) -> list[ast.FunctionDef]:
    if cls.__module__ not in sys.modules or not source_files.is_ours(cls.__module__):
        return []
    classes = (n for n in source_files.tree(cls.__module__).body if isinstance(n, ast.ClassDef))
    same = (node for node in classes if node.name == cls.__qualname__)
    return [inner for node in same for inner in node.body if isinstance(inner, ast.FunctionDef)]
