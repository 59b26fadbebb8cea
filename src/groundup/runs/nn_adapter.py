"""How a model of ``groundup.nn`` is described, trained and restored."""

import platform

import numpy as np
import threadpoolctl

from groundup import nn
from groundup.nn.config import Configured
from groundup.runs import code, key


class NNAdapter:
    """A compiled ``nn.Sequential`` as the run store sees it.

    Raises:
        TypeError: the model isn't compiled.
    """

    def __init__(self, model: nn.Sequential):
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
        parts = [*model.layers, model.optimizer, model.loss]
        used = [nested for part in parts for nested in _nested(part)]
        described = [[type(part).__name__, part.get_config()] for part in parts]
        return {
            "kind": "groundup.nn",
            "model": key.plain([type(model).__name__, described], "model"),
            "metrics": list(model.metrics),
            "variables": key.plain(self.arrays(), "variables"),
            "code": code.digest([model, *used, *model.metrics.values()]),
            "versions": {
                "python": ".".join(platform.python_version_tuple()[:2]),
                "numpy": np.__version__,
            },
            "device": "cpu",
            "threads": _threads(),
        }

    def arrays(self) -> dict[str, np.ndarray]:
        """Every variable of model and optimizer, by name."""
        remembered = self.model.optimizer.variables.items()
        return {
            "model/parameters": self.model.parameters,
            **{f"optimizer/{name}": np.asarray(value) for name, value in remembered},
        }

    def restore(self, arrays: dict[str, np.ndarray], history: dict, arguments: dict) -> None:
        """Put every variable to what it was after training."""
        for name, variable in self.arrays().items():
            variable[...] = arrays[name]

    def train(self, x, y, arguments: dict) -> dict[str, list[float]]:
        """Train, and return the history."""
        return self.model.fit(x, y, **arguments).history


def _nested(part: Configured) -> list[Configured]:
    """A layer, loss or optimizer with what it was made with."""
    inner = [getattr(part, name) for name in part.get_config()]
    return [part, *(n for value in inner if isinstance(value, Configured) for n in _nested(value))]


def _threads() -> int | None:
    """How many threads share a matrix product; None where that can't be told."""
    pools = threadpoolctl.threadpool_info()
    counts = [pool["num_threads"] for pool in pools if pool["user_api"] == "blas"]
    return max(counts, default=None)
