"""How a model of ``groundup.nn`` is described, trained and restored."""

import copy
import platform

import numpy as np

from groundup import nn
from groundup.nn.config import Configured, described
from groundup.runs import code, functions, key, versions

PURE_CALLBACKS = (nn.EarlyStopping,)


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
        parts = [*model.layers, model.optimizer, model.loss, *model.metrics.values()]
        used = [nested for part in parts for nested in _nested(part)]
        parts_described = [described(part) for part in parts]
        return {
            "kind": "groundup.nn",
            "model": key.plain(parts_described, "model"),
            "variables": key.plain(self.arrays(), "variables"),
            "code": code.digests([model, *used]),
            "versions": {
                "python": ".".join(platform.python_version_tuple()[:2]),
                "numpy": np.__version__,
                "scipy": versions.of("scipy"),  # GELU's error function
            },
            "device": "cpu",
            "threads": functions.blas_threads(),
        }

    def arrays(self) -> dict[str, np.ndarray]:
        """Every variable of model and optimizer, by name."""
        remembered = self.model.optimizer.variables.items()
        return {
            "model/parameters": self.model.parameters,
            "model/state": self.model.state,
            "model/stop_training": np.array(self.model.stop_training),
            **{f"optimizer/{name}": np.asarray(value) for name, value in remembered},
        }

    def restore(self, arrays: dict[str, np.ndarray], history: dict, arguments: dict) -> None:
        """Put every variable to what it was after training."""
        for name, variable in self.arrays().items():
            variable[...] = arrays[name]
        self.model.stop_training = bool(arrays["model/stop_training"])
        self.model.history = nn.History()
        self.model.history.set_model(self.model)
        self.model.history.history = {name: list(values) for name, values in history.items()}

    def train(self, x, y, arguments: dict, report) -> dict[str, list[float]]:
        """Train, and return the history; callbacks stay as they are, so that they can serve again.

        Args:
            report: is told after each epoch how many are done; or None.
        """
        callbacks = [*copy.deepcopy(arguments.get("callbacks") or ())]
        if report:
            callbacks.append(_Reporter(report))
        return self.model.fit(x, y, **arguments | {"callbacks": callbacks}).history

    def evaluate(self, x, y, **arguments) -> dict[str, float]:
        """The loss and the metrics by name."""
        return self.model.evaluate(x, y, **arguments | {"return_dict": True})

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
        return key.plain(described(callback), "callback")


class _Reporter(nn.Callback):
    def __init__(self, report):
        self.report = report

    def on_epoch_end(self, epoch, logs=None):
        self.report(epoch + 1)


def _nested(part: Configured) -> list[Configured]:
    """A layer, loss or optimizer with what it was made with."""
    inner = [getattr(part, name) for name in part.get_config()]
    return [part, *(n for value in inner if isinstance(value, Configured) for n in _nested(value))]
