"""How a Keras model is described, trained and restored."""

import contextlib
import copy
import functools
import inspect
import logging
import os
import platform
import sys
from collections.abc import Iterator

import keras
import numpy as np

from groundup.runs import code, key, slots

NUMERIC_FLAGS = (
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
    "TF_DETERMINISTIC_OPS",
    "NVIDIA_TF32_OVERRIDE",
)
# Where configurations of models name layers and operations.
HOLD_NAMES = frozenset({"name", "keras_history", "input_layers", "output_layers"})
# Attributes of layers that lead back to what uses them.
BACKWARDS = frozenset({"_inbound_nodes", "_outbound_nodes", "_parent_path", "_tracker"})
# Attributes of models that have trained.
MADE_BY_TRAINING = frozenset(
    {"_eval_epoch_iterator", "history", "predict_function", "test_function", "train_function"}
)
# What these do shows in the variables and the history; others may write files or hold state.
PURE_CALLBACKS = (
    keras.callbacks.EarlyStopping,
    keras.callbacks.LearningRateScheduler,
    keras.callbacks.ReduceLROnPlateau,
    keras.callbacks.TerminateOnNaN,
)


class KerasAdapter:
    """A compiled Keras model as the run store sees it: sequential, functional, or of a class of a module.

    Raises:
        TypeError: the model isn't compiled, or what its class does or keeps can't be told.
    """

    def __init__(self, model: keras.Model):
        if not model.compiled:
            raise TypeError("runs.fit expected a compiled model: call model.compile first")
        self.model = model

    def prepare(self, x) -> None:
        """Make all variables, so that they can be described."""
        if not self.model.built:
            if not isinstance(x, np.ndarray):
                raise TypeError(
                    f"the model isn't built, and x is a {type(x).__name__}, not an array that could "
                    "say the shape; expected a model with an Input"
                )
            self.model(x[:1])
        if not self.model.optimizer.built:
            self.model.optimizer.build(self.model.trainable_variables)

    def describe(self) -> dict:
        """The model's own share of the inputs that decide the result."""
        model = self.model
        compiled = model._compile_config.config
        optimizer = model.optimizer
        return self._of_its_own_class() | {
            "kind": "keras",
            "model": [
                type(model).__name__,
                self._unnamed(key.plain(_described(self._config()), "model")),
            ],
            "compiled": self._unnamed(key.plain(_described(compiled), "compile")),
            "without_weight_decay": self._without_weight_decay(),
            "jit_compile": model.jit_compile,
            "trainable": [variable.trainable for variable in model.variables],
            "variables": key.plain(list(self.arrays().values()), "variables"),
            "code": code.digests(_ours([compiled, optimizer, *model._flatten_layers()])),
            **settings(),
        }

    def _without_weight_decay(self) -> list[int] | None:
        """The numbers of the variables that don't decay where others do; None if there are none."""
        variables = self.model.trainable_variables
        decays = [self.model.optimizer._use_weight_decay(variable) for variable in variables]
        return [i for i, does in enumerate(decays) if not does] or None

    def _config(self) -> dict:
        try:
            return self.model.get_config()
        except NotImplementedError:
            raise TypeError(
                f"{type(self.model).__qualname__} doesn't say how it was made; expected a class "
                "that has a get_config that gives its constructor's arguments"
            ) from None

    def _of_its_own_class(self) -> dict:
        """The code and the attributes of a model whose class isn't Keras's."""
        model = self.model
        if type(model).__module__.partition(".")[0] == "keras":
            return {}
        kept = {
            name: key.plain(_described(_plain_containers(value)), f"{type(model).__name__}.{name}")
            for name, value in vars(model).items()
            if name not in _attributes_of_keras()
        }
        return {"class": key.plain(type(model), "model"), "attributes": self._unnamed(kept)}

    def _unnamed(self, config):
        """A configuration without the names that Keras numbers through in the order of making."""
        operations = getattr(self.model, "operations", [])
        named = [self.model, *self.model._flatten_layers(), *operations, self.model.optimizer]
        numbers = {thing.name: f"#{i}" for i, thing in enumerate(named)}

        def rename(value, names_here: bool):
            if isinstance(value, dict):
                return {key: rename(item, key in HOLD_NAMES) for key, item in value.items()}
            if isinstance(value, list):
                return [rename(item, names_here) for item in value]
            return numbers.get(value, value) if names_here and isinstance(value, str) else value

        return rename(config, names_here=False)

    def _variables(self) -> list:
        return [*self.model.variables, *self.model.optimizer.variables]

    def arrays(self) -> dict[str, np.ndarray]:
        """Every variable of model and optimizer, by its place."""
        return {
            f"{i:04}": keras.ops.convert_to_numpy(variable)
            for i, variable in enumerate(self._variables())
        }

    def restore(self, arrays: dict[str, np.ndarray], history: dict, arguments: dict) -> None:
        """Put every variable, and the model's own history, to what it was after training."""
        for variable, name in zip(self._variables(), sorted(arrays), strict=True):
            variable.assign(arrays[name])
        remembered = keras.callbacks.History()
        remembered.set_model(self.model)
        remembered.on_train_begin()
        remembered.history = {name: list(values) for name, values in history.items()}
        first = arguments.get("initial_epoch", 0)
        epochs = max(map(len, history.values()), default=0)
        remembered.epoch = list(range(first, first + epochs))
        self.model.stop_training = first + epochs < arguments.get("epochs", 1)
        self.model.history = remembered

    def train(self, x, y, arguments: dict, report) -> dict[str, list[float]]:
        """Train, and return the history; callbacks stay as they are, so that they can serve again.

        Args:
            report: is told after each epoch how many are done; or None.
        """
        callbacks = [*copy.deepcopy(arguments.get("callbacks") or ())]
        if report:
            callbacks.append(
                keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: report(epoch + 1))
            )
        arguments = {"verbose": 0} | arguments | {"callbacks": callbacks}
        with _quiet():
            history = self.model.fit(x, y, **arguments).history
        return {name: [float(value) for value in values] for name, values in history.items()}

    def predict(self, x, **arguments) -> np.ndarray:
        """The model's predictions."""
        with _quiet():
            return self.model.predict(x, **{"verbose": 0} | arguments)

    def evaluate(self, x, y, **arguments) -> dict[str, float]:
        """The loss and the metrics by name."""
        arguments = {"verbose": 0} | arguments | {"return_dict": True}
        with _quiet():
            values = self.model.evaluate(x, y, **arguments)
        return {name: float(value) for name, value in values.items()}

    @staticmethod
    def is_stream(value) -> bool:
        """Whether these are data that can't be looked through beforehand."""
        if isinstance(value, keras.utils.PyDataset):
            return True
        tensorflow = sys.modules.get("tensorflow")
        return tensorflow is not None and isinstance(value, tensorflow.data.Dataset)

    @staticmethod
    def describe_callback(callback) -> dict:
        """A callback as the settings that it was made with.

        Raises:
            TypeError: it may do what a remembered run can't repeat, such as writing files.
        """
        if type(callback) not in PURE_CALLBACKS:
            pure = ", ".join(kind.__name__ for kind in PURE_CALLBACKS)
            raise TypeError(
                f"{type(callback).__name__} may do what a remembered run can't repeat; "
                f"expected callbacks among {pure}"
            )
        settings = {n: v for n, v in vars(callback).items() if not n.startswith("_")}
        kept = {
            n: v for n, v in settings.items() if n not in {"model", "params", "validation_data"}
        }
        described = key.plain(_described(kept), type(callback).__name__)
        return {"callback": type(callback).__name__, **described}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep from the page what TensorFlow says where there are many models: that each is traced anew."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def settings() -> dict:
    """What decides how Keras computes here, whatever it computes."""
    return {
        "versions": _versions(),
        "backend": keras.backend.backend(),
        "device": _device(),
        "floatx": keras.config.floatx(),
        "epsilon": keras.config.epsilon(),
        "dtype_policy": keras.config.dtype_policy().name,
        "image_data_format": keras.config.image_data_format(),
        "threads": _threads(),
        "deterministic_operations": _deterministic_operations(),
        "flags": {name: os.environ.get(name) for name in NUMERIC_FLAGS},
    }


@functools.cache
def _attributes_of_keras() -> frozenset[str]:
    """The attributes that every compiled model has; what else there is, is its class's."""

    class Bare(keras.Model):
        def call(self, inputs):
            return inputs

    model = Bare(name="bare")
    model.compile(keras.optimizers.SGD(name="bare"), keras.losses.MeanSquaredError(name="bare"))
    return frozenset(vars(model)) | MADE_BY_TRAINING


def _plain_containers(value):
    """Keras's tracked lists and dictionaries as plain ones."""
    if isinstance(value, dict):
        return {name: _plain_containers(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain_containers(item) for item in value]
    return value


def _described(value):
    """Keras objects in a configuration as their class and their own configuration.

    Raises:
        TypeError: an object of a class of our own takes arguments that it doesn't tell.
    """
    if not isinstance(value, type) and _hides_its_arguments(type(value)):
        raise TypeError(
            f"{type(value).__qualname__} doesn't say how it was made; expected a class that has a "
            "get_config that gives its constructor's arguments"
        )
    if isinstance(value, dict):
        return {name: _described(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_described(item) for item in value]
    if hasattr(type(value), "get_config") and not isinstance(value, type):
        return [type(value).__name__, _described(value.get_config())]
    return value


def _hides_its_arguments(cls: type) -> bool:
    """Whether a class adds a constructor to Keras's and no get_config; of layers Keras notes it."""
    own = [
        base
        for base in cls.__mro__
        if base.__module__.partition(".")[0] not in ("keras", "builtins")
    ]
    return (
        hasattr(cls, "get_config")
        and not issubclass(cls, keras.Operation)
        and any("__init__" in vars(base) for base in own)
        and not any("get_config" in vars(base) for base in own)
    )


def _ours(things: list) -> list:
    """The classes and functions among these, and in what Keras's objects among these hold.

    Activations, initializers, regularizers and schedules are attributes of layers and optimizers.
    """
    found, seen, waiting = [], set(), list(things)
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, str | int | float | np.ndarray | None):
            continue
        seen.add(id(thing))
        if isinstance(thing, dict):
            waiting += thing.values()
        elif isinstance(thing, list | tuple | set):
            waiting += thing
        elif inspect.isroutine(thing) or inspect.isclass(thing):
            found.append(thing)
        elif callable(getattr(type(thing), "get_config", None)):
            found.append(thing)
            waiting += [value for name, value in vars(thing).items() if name not in BACKWARDS]
    return found


def _versions() -> dict[str, str]:
    versions = {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "numpy": np.__version__,
        "keras": keras.__version__,
    }
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        versions["tensorflow"] = tensorflow.__version__
    elif keras.backend.backend() == "torch":
        import torch

        versions["torch"] = torch.__version__
    return versions


def _device() -> str:
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        return "gpu" if tensorflow.config.list_physical_devices("GPU") else "cpu"
    import torch

    return "gpu" if torch.cuda.is_available() else "cpu"


def _deterministic_operations() -> bool:
    if keras.backend.backend() == "tensorflow":
        from tensorflow.python.framework.config import is_op_determinism_enabled

        return is_op_determinism_enabled()
    import torch

    return torch.are_deterministic_algorithms_enabled()


def _threads() -> int:
    """How many threads share the work of one operation, which decides the order of its sums."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        asked = tensorflow.config.threading.get_intra_op_parallelism_threads()
        return asked or int(os.environ.get("TF_NUM_INTRAOP_THREADS") or 0) or slots.usable_cores()
    import torch

    return torch.get_num_threads()
