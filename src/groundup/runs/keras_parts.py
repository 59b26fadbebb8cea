"""The parts of a Keras model: its layers, losses, optimizers and what these hold, in plain terms."""

import functools
import inspect
import sys

import keras
import numpy as np

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


@functools.cache
def attributes_of_models() -> frozenset[str]:
    """The attributes that every compiled model has; what else there is, is its class's."""

    class Bare(keras.Model):
        def call(self, inputs):
            return inputs

    model = Bare(name="bare")
    model.compile(keras.optimizers.SGD(name="bare"), keras.losses.MeanSquaredError(name="bare"))
    return frozenset(vars(model)) | MADE_BY_TRAINING


@functools.cache
def attributes_of_parts() -> frozenset[str]:
    """The attributes for their own housekeeping that every layer, optimizer, loss and metric has."""
    layer = keras.layers.Layer(name="bare")
    layer.build((1,))
    optimizer = keras.optimizers.SGD(name="bare")
    optimizer.build([keras.Variable(0.0, name="bare")])
    bare = [layer, optimizer, keras.losses.MeanSquaredError(), keras.metrics.Mean(name="bare")]
    names = frozenset(name for part in bare for name in vars(part))
    return frozenset(name for name in names if name.startswith("_")) | HOUSEKEEPING


def is_variable(thing) -> bool:
    """Whether it's a variable of Keras, or one of TensorFlow, which Keras doesn't see in a layer."""
    tensorflow = sys.modules.get("tensorflow")
    kinds = keras.Variable if tensorflow is None else (keras.Variable, tensorflow.Variable)
    return isinstance(thing, kinds)


def variables(part) -> list:
    """The variables among the attributes of a part, in their order; all those of an optimizer."""
    if isinstance(part, keras.Optimizer):
        return part.variables
    apart = attributes_of_models() if isinstance(part, keras.Model) else HOUSEKEEPING
    found, waiting = (
        [],
        [value for name, value in getattr(part, "__dict__", {}).items() if name not in apart],
    )
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value
        elif is_variable(value):
            found.append(value)
    return found


def batch(data: tuple) -> tuple:
    """A batch of data, or what says the shapes and types of one, as Keras builds its metrics from.

    Args:
        data: what ``fit`` is given as examples and targets; the targets None if they're in the first.
    """
    x, y = data
    if hasattr(x, "element_spec"):
        return x.element_spec
    return x[0] if isinstance(x, keras.utils.PyDataset) else (x, y)


def is_of_keras(cls: type) -> bool:
    return cls.__module__.partition(".")[0] == "keras"


def is_configured(thing) -> bool:
    return not inspect.isclass(thing) and callable(getattr(type(thing), "get_config", None))


def plain_containers(value):
    """Keras's tracked lists and dictionaries as plain ones; sets, which have no order, as sorted."""
    if type(value).__module__.partition(".")[0] not in ("builtins", "keras", "tensorflow"):
        return value
    if isinstance(value, dict):
        return {name: plain_containers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain_containers(item) for item in value]
    if isinstance(value, tuple):
        return tuple(plain_containers(item) for item in value)
    if isinstance(value, set):
        return "set", sorted(map(repr, value))
    return value


def described(value):
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
        return {name: described(item) for name, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(described(item) for item in value)
    if is_configured(value):
        kind = type(value)
        return [
            f"{kind.__module__}.{kind.__qualname__}",
            described(plain_containers(value.get_config())),
        ]
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


def found_in(things: list) -> list:
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
            apart = attributes_of_models() if isinstance(thing, keras.Model) else HOUSEKEEPING
            waiting += [value for name, value in vars(thing).items() if name not in apart]
    return found
