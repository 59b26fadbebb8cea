"""How a Keras model is described, trained and restored."""

import contextlib
import copy
import functools
import inspect
import logging
import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
from keras.src.utils import naming

from groundup.runs import key, slots

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
    {
        "_eval_epoch_iterator",
        "history",
        "predict_function",
        "stop_evaluating",
        "stop_predicting",
        "test_function",
        "train_function",
    }
)
# Attributes of layers and optimizers that decide nothing.
HOUSEKEEPING = BACKWARDS | {
    "_path", "build", "built", "call_signature_parameters", "name", "output_names", "quantize",
}  # fmt: skip
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
        parts, self.numbers = self._parts(), self._numbered()
        return self._of_its_own_class() | {
            "kind": "keras",
            "model": [type(model).__name__, self._plain(self._config(), "model")],
            "compiled": self._plain(compiled, "compile"),
            "optimizer": self._plain(optimizer, "optimizer"),
            "parts": [self._of_part(part) for part in parts if _is_configured(part)],
            "run_eagerly": model.run_eagerly,
            "steps_per_execution": model.steps_per_execution,
            "without_weight_decay": self._without_weight_decay(),
            "jit_compile": model.jit_compile,
            "trainable": [variable.trainable for variable in model.variables],
            "variables": key.plain(list(self.arrays().values()), "variables"),
            "code": key.of_code(parts),
            **settings(),
        }

    def _parts(self) -> list:
        model = self.model
        return _parts([model._compile_config.config, model.optimizer, *model._flatten_layers()])

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
        kept = {n: v for n, v in vars(model).items() if n not in _attributes_of_keras()}
        name = type(model).__name__
        return {
            "class": key.plain(type(model), "model"),
            "attributes": {n: self._plain(v, f"{name}.{n}") for n, v in kept.items()},
        }

    def _of_part(self, part) -> list:
        """A layer, loss, optimizer or what these hold: the attributes that it has besides its config."""
        name, own = type(part).__name__, not _is_of_keras(type(part))
        model = isinstance(part, keras.Model)
        apart = HOUSEKEEPING | (_attributes_of_keras() if model else _attributes_of_parts())
        if not own:  # what it has for itself follows from its config
            with contextlib.suppress(NotImplementedError):
                apart |= part.get_config().keys()
            apart |= {"seed", *(n for n in vars(part) if n.startswith("_"))}
        found = {}
        for attribute in sorted(vars(part).keys() - apart):
            value = self._content(vars(part)[attribute])
            if not own and _is_configured(value):
                continue  # a part by itself
            try:
                found[attribute] = self._plain(value, f"{name}.{attribute}")
            except TypeError:  # Keras's own classes keep what they need for themselves
                if own or (inspect.isroutine(value) and hasattr(type(part), attribute)):
                    raise
        if hasattr(part, "get_vocabulary"):
            found["vocabulary"] = key.plain(part.get_vocabulary(), f"{name}'s vocabulary")
        elif hasattr(part, "save_assets"):
            with tempfile.TemporaryDirectory() as folder:
                part.save_assets(folder)
                files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
                found["assets"] = key.plain([path.read_bytes() for path in files], "assets")
        return [name, found]

    def _content(self, value):
        """A variable as None if it's described with the model, else as its array; so is a tensor."""
        if isinstance(value, keras.Variable):
            known = any(value is variable for variable in self._variables())
            return None if known else keras.ops.convert_to_numpy(value)
        try:
            return np.array(value) if type(value).__module__.startswith("tensorflow") else value
        except (TypeError, ValueError, NotImplementedError):
            return value

    def _plain(self, value, where: str):
        return key.plain(self._unnamed(_described(_plain_containers(value))), where)

    def _numbered(self) -> dict[str, str]:
        """A number for each name that Keras may have counted up to, in the order of making."""
        operations = getattr(self.model, "operations", [])
        others = [part for part in self._parts() if not isinstance(part, keras.Metric)]
        found = {}
        for thing in [self.model, *self.model._flatten_layers(), *operations, *others]:
            name = getattr(thing, "name", None)
            counted = naming.to_snake_case(type(thing).__name__)
            if isinstance(name, str) and re.fullmatch(rf"{counted}(_\d+)?", name):
                found.setdefault(name, f"#{len(found)}")
        return found

    def _unnamed(self, value, names_here: bool = False):
        """A configuration without the names that Keras numbers through."""
        if type(value) is dict:
            return {name: self._unnamed(item, name in HOLD_NAMES) for name, item in value.items()}
        if type(value) in (list, tuple):
            return type(value)(self._unnamed(item, names_here) for item in value)
        return self.numbers.get(value, value) if names_here and type(value) is str else value

    def _variables(self) -> list:
        known = [*self.model.variables, *self.model.optimizer.variables]
        states = [getattr(layer, "states", None) or () for layer in self.model._flatten_layers()]
        for state in (state for several in states for state in several):  # of stateful layers
            if isinstance(state, keras.Variable) and not any(state is one for one in known):
                known.append(state)
        return known

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
        parts = [part for part in self._parts() if not _is_of_keras(type(part))]
        before = [self._of_part(part) for part in parts]
        with _quiet():
            history = self.model.fit(x, y, **arguments).history
        for part, was in zip(parts, before, strict=True):
            if self._of_part(part) != was:
                raise TypeError(
                    f"{type(part).__name__} has other attributes after training than before, which a "
                    "remembered run wouldn't bring back; expected what changes in variables of the model"
                )
        return {name: [float(value) for value in values] for name, values in history.items()}

    def predict(self, x, **arguments) -> np.ndarray:
        """The model's predictions."""
        with _quiet(), self._left_as_it_is():
            return self.model.predict(x, **{"verbose": 0} | arguments)

    def evaluate(self, x, y, **arguments) -> dict[str, float]:
        """The loss and the metrics by name."""
        arguments = {"verbose": 0} | arguments | {"return_dict": True}
        with _quiet(), self._left_as_it_is():
            values = self.model.evaluate(x, y, **arguments)
        return {name: float(value) for name, value in values.items()}

    @contextlib.contextmanager
    def _left_as_it_is(self) -> Iterator[None]:
        """Put back what looking moved, such as the states of random generators: hit or miss, the same."""
        moving = [
            v for v in self._variables() if not any(v is t for t in self.model.trainable_variables)
        ]
        before = [keras.ops.convert_to_numpy(variable) for variable in moving]
        try:
            yield
        finally:
            for variable, value in zip(moving, before, strict=True):
                variable.assign(value)

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
        told = {"model", "params", "validation_data", "_model"}
        kept = {n: v for n, v in vars(callback).items() if n not in told}
        name = type(callback).__name__
        return {"callback": name, "attributes": key.plain(_described(kept), name)}


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
        "options": _options(),
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


@functools.cache
def _attributes_of_parts() -> frozenset[str]:
    """The attributes for their own housekeeping that every layer, optimizer, loss and metric has."""
    layer = keras.layers.Layer(name="bare")
    layer.build((1,))
    optimizer = keras.optimizers.SGD(name="bare")
    optimizer.build([keras.Variable(0.0, name="bare")])
    bare = [layer, optimizer, keras.losses.MeanSquaredError(), keras.metrics.Mean(name="bare")]
    names = frozenset(name for part in bare for name in vars(part))
    return frozenset(name for name in names if name.startswith("_")) | HOUSEKEEPING


def _is_of_keras(cls: type) -> bool:
    return cls.__module__.partition(".")[0] == "keras"


def _is_configured(thing) -> bool:
    return not inspect.isclass(thing) and callable(getattr(type(thing), "get_config", None))


def _plain_containers(value):
    """Keras's tracked lists and dictionaries as plain ones; sets, which have no order, as sorted."""
    if type(value).__module__.partition(".")[0] not in ("builtins", "keras", "tensorflow"):
        return value
    if isinstance(value, dict):
        return {name: _plain_containers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain_containers(item) for item in value]
    if isinstance(value, tuple):
        return tuple(_plain_containers(item) for item in value)
    if isinstance(value, set):
        return "set", sorted(map(repr, value))
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
    if type(value) is dict:
        return {name: _described(item) for name, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_described(item) for item in value)
    if _is_configured(value):
        kind = type(value)
        described = _described(_plain_containers(value.get_config()))
        return [f"{kind.__module__}.{kind.__qualname__}", described]
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


def _parts(things: list) -> list:
    """The classes, functions and objects among these, and in what Keras's objects among these hold.

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
            apart = _attributes_of_keras() if isinstance(thing, keras.Model) else HOUSEKEEPING
            waiting += [value for name, value in vars(thing).items() if name not in apart]
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


def _options() -> dict:
    """What was set of the backend in this process and decides how it computes."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        return {
            "eager": tensorflow.config.functions_run_eagerly(),
            "jit": tensorflow.config.optimizer.get_jit(),
            "optimizer": dict(
                sorted(tensorflow.config.optimizer.get_experimental_options().items())
            ),
            "tf32": tensorflow.config.experimental.tensor_float_32_execution_enabled(),
        }
    import torch

    return {
        "precision": torch.get_float32_matmul_precision(),
        "dtype": str(torch.get_default_dtype()),
    }


def _threads() -> int:
    """How many threads share the work of one operation, which decides the order of its sums."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        asked = tensorflow.config.threading.get_intra_op_parallelism_threads()
        return asked or int(os.environ.get("TF_NUM_INTRAOP_THREADS") or 0) or slots.usable_cores()
    import torch

    return torch.get_num_threads()
