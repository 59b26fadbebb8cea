"""How a Keras model is described, trained and restored."""

import contextlib
import copy
import inspect
import logging
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
from keras.src.utils import naming

from groundup.runs import content, keras_parts, keras_settings, key
from groundup.runs.store import differences

# Where configurations of models name layers and operations.
HOLD_NAMES = frozenset({"name", "keras_history", "input_layers", "output_layers"})
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
        for part in self._training_parts():
            if isinstance(part, keras.Optimizer) and not part.built:
                raise TypeError(
                    f"{type(self.model).__qualname__} has another optimizer, {part.name!r}, that would "
                    "make its variables only while it trains; expected one that is built: call its "
                    "build with the variables that it's for"
                )

    def describe(self) -> dict:
        """The model's own share of the inputs that decide the result."""
        model = self.model
        compiled = model._compile_config.config
        optimizer = model.optimizer
        parts, self.numbers = self._parts(), self._numbered()
        self.known = {id(variable) for variable in self._variables()}
        return self._of_its_own_class() | {
            "kind": "keras",
            "model": [type(model).__name__, self._plain(self._config(), "model")],
            "compiled": self._plain(compiled, "compile"),
            "optimizer": self._plain(optimizer, "optimizer"),
            "parts": self._of_parts(parts),
            "run_eagerly": model.run_eagerly,
            "steps_per_execution": model.steps_per_execution,
            "without_weight_decay": self._without_weight_decay(),
            "jit_compile": model.jit_compile,
            "trainable": [variable.trainable for variable in model.variables],
            "variables": key.plain(self._values(), "variables"),
            "code": key.of_code(parts),
            **keras_settings.settings(),
        }

    def _parts(self) -> list:
        model = self.model
        return keras_parts.found_in(
            [model._compile_config.config, model.optimizer, *model._flatten_layers()]
        )

    def _training_parts(self) -> list:
        """The same without the optimizer that it was compiled with, if it has another by now."""
        config = {n: v for n, v in self.model._compile_config.config.items() if n != "optimizer"}
        return keras_parts.found_in([config, self.model.optimizer, *self.model._flatten_layers()])

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

    def _of_its_own_class(self, lasting: bool = False) -> dict:
        """The code and the attributes of a model whose class isn't Keras's."""
        model = self.model
        if type(model).__module__.partition(".")[0] == "keras":
            return {}
        apart = keras_parts.attributes_of_models()
        if lasting:
            apart |= {n for n in vars(model) if content.is_computed(type(model), n)}
        kept = {n: v for n, v in vars(model).items() if n not in apart}
        name = type(model).__name__
        return {
            "class": key.plain(type(model), "model"),
            "attributes": {
                n: self._plain(self._content(v), f"{name}.{n}") for n, v in kept.items()
            },
        }

    def _of_parts(self, parts: list) -> list:
        return [self._of_part(part) for part in parts if keras_parts.is_configured(part)]

    def _of_part(self, part, lasting: bool = False) -> list:
        """A layer, loss, optimizer or what these hold: the attributes that it has besides its config.

        Args:
            lasting: without those that are variables, or follow from the others.
        """
        name, own = type(part).__name__, not keras_parts.is_of_keras(type(part))
        model = isinstance(part, keras.Model)
        apart = keras_parts.HOUSEKEEPING | (
            keras_parts.attributes_of_models() if model else keras_parts.attributes_of_parts()
        )
        if not own:  # what it has for itself follows from its config
            with contextlib.suppress(NotImplementedError):
                apart |= part.get_config().keys()
            apart |= {"seed", *(n for n in vars(part) if n.startswith("_"))}
        found = {}
        for attribute in sorted(vars(part).keys() - apart):
            value = vars(part)[attribute]
            computed = content.is_computed(type(part), attribute)
            if lasting and (computed or keras_parts.is_variable(value)):
                continue
            value = self._content(value)
            if not own and keras_parts.is_configured(value):
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
        if keras_parts.is_variable(value):
            return None if id(value) in self.known else keras.ops.convert_to_numpy(value)
        plain = keras_parts.plain_containers(value)
        if type(plain) is dict:
            return {name: self._content(item) for name, item in plain.items()}
        if type(plain) in (list, tuple):
            return type(plain)(map(self._content, plain))
        try:
            return np.array(value) if type(value).__module__.startswith("tensorflow") else value
        except (TypeError, ValueError, NotImplementedError):
            return value

    def _plain(self, value, where: str):
        return key.plain(
            self._unnamed(keras_parts.described(keras_parts.plain_containers(value))), where
        )

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
        """Every variable that training may change, but those of metrics, which begin anew."""
        found = [*self.model.variables, *self.model.optimizer.variables]
        known = {id(variable) for variable in found}
        states = [getattr(layer, "states", None) or () for layer in self.model._flatten_layers()]
        others = [state for several in states for state in several]  # of stateful layers
        parts = [part for part in self._training_parts() if not isinstance(part, keras.Metric)]
        others += [variable for part in parts for variable in keras_parts.variables(part)]
        for variable in filter(keras_parts.is_variable, others):
            if id(variable) not in known:
                known.add(id(variable))
                found.append(variable)
        return found

    def _values(self) -> list[np.ndarray]:
        return [keras.ops.convert_to_numpy(variable) for variable in self._variables()]

    def arrays(self) -> dict[str, np.ndarray]:
        """Every variable of model and optimizer, by its place, and what else training leaves."""
        model = self.model
        found = {f"{i:04}": value for i, value in enumerate(self._values())}
        for i, variable in enumerate(model.metrics_variables):
            found[f"metrics/{i:04}"] = keras.ops.convert_to_numpy(variable)
        found["training/stopped"] = np.array(model.stop_training)
        if (steps := model.history.params.get("steps")) is not None:
            found["training/steps"] = np.array(steps)
        return found

    def restore(self, arrays: dict, history: dict, data: tuple, arguments: dict) -> None:
        """Put every variable, and the model's own history, to what it was after training."""
        places = sorted(name for name in arrays if name.isdecimal())
        for variable, name in zip(self._variables(), places, strict=True):
            variable.assign(arrays[name])
        metrics = [arrays[name] for name in sorted(arrays) if name.startswith("metrics/")]
        if len(metrics) > len(self.model.metrics_variables):
            with contextlib.suppress(Exception):  # Keras says of what isn't built that it isn't
                self.model._symbolic_build(data_batch=keras_parts.batch(data))
        if len(metrics) == len(self.model.metrics_variables):
            for variable, value in zip(self.model.metrics_variables, metrics, strict=True):
                variable.assign(value)
        steps = arrays.get("training/steps")
        epochs, first = arguments.get("epochs", 1), arguments.get("initial_epoch", 0)
        remembered = keras.callbacks.History()
        remembered.set_model(self.model)
        remembered.set_params({
            "verbose": arguments.get("verbose", 0),
            "epochs": epochs,
            "steps": None if steps is None else int(steps),
        })  # fmt: skip
        remembered.on_train_begin()
        remembered.history = {name: list(values) for name, values in history.items()}
        last = first + max(map(len, history.values()), default=0)
        remembered.epoch = list(range(first, last))
        self.model.stop_training = bool(arrays.get("training/stopped", last < epochs))
        self.model.history = remembered

    def train(self, x, y, arguments: dict, report) -> dict[str, list]:
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
        before = self._lasting()
        with _quiet():
            trained = self.model.fit(x, y, **arguments)
        if changed := differences(before, self._lasting()):
            raise TypeError(
                f"{type(self.model).__name__} has other attributes after training than before "
                f"({'; '.join(changed)}), which a remembered run wouldn't bring back; expected what "
                "changes in variables, and these there beforehand"
            )
        trained.history = {n: [*map(_numbers, values)] for n, values in trained.history.items()}
        return {name: list(values) for name, values in trained.history.items()}

    def _lasting(self) -> dict:
        """What training has to leave as it is, for no variable holds it."""
        variables, self.known = self._variables(), _Everything()
        parts = [part for part in self._parts() if keras_parts.is_configured(part)]
        return {
            "model": self._plain(self._config(), "model"),
            "attributes": self._of_its_own_class(lasting=True).get("attributes"),
            "variables": [variable.name for variable in variables],
            "trainable": [variable.trainable for variable in variables],
            "parts": {
                f"{i} {type(part).__name__}": self._of_part(part, lasting=True)
                for i, part in enumerate(parts)
            },
        }

    def predict(self, x, **arguments) -> np.ndarray:
        """The model's predictions."""
        with _quiet(), self._left_as_it_is():
            return self.model.predict(x, **{"verbose": 0} | arguments)

    def evaluate(self, x, y, **arguments) -> dict[str, float | list]:
        """The loss and the metrics by name."""
        arguments = {"verbose": 0} | arguments | {"return_dict": True}
        with _quiet(), self._left_as_it_is():
            values = self.model.evaluate(x, y, **arguments)
        return {name: _numbers(value) for name, value in values.items()}

    @contextlib.contextmanager
    def _left_as_it_is(self) -> Iterator[None]:
        """Put back what looking moved, such as the states of random generators: hit or miss, the same."""
        still = {id(variable) for variable in self.model.trainable_variables}
        moving = [
            variable
            for variable in [*self._variables(), *self.model.metrics_variables]
            if id(variable) not in still
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
        return {"callback": name, "attributes": key.plain(keras_parts.described(kept), name)}


class _Everything:
    """What holds everything."""

    def __contains__(self, thing) -> bool:
        return True


def _numbers(value) -> float | list:
    """A value of a metric: a number, or a list of numbers where it has several, as of each class."""
    return np.asarray(value, "float64").tolist()


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
