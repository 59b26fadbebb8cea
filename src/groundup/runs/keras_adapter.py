"""How a Keras model is described, trained and restored."""

import contextlib
import copy
import logging
import sys
from collections.abc import Iterator

import keras
import numpy as np

from groundup.runs import keras_parts, key
from groundup.runs.keras_description import Description
from groundup.runs.store import differences

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
        self.description = Description(model)

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
        for part in self.description.training_parts():
            if isinstance(part, keras.Optimizer) and not part.built:
                raise TypeError(
                    f"{type(self.model).__qualname__} has another optimizer, {part.name!r}, that would "
                    "make its variables only while it trains; expected one that is built: call its "
                    "build with the variables that it's for"
                )

    def describe(self) -> dict:
        """The model's own share of the inputs that decide the result."""
        return self.description.describe()

    def arrays(self) -> dict[str, np.ndarray]:
        """Every variable of model and optimizer, by its place, and what else training leaves."""
        model = self.model
        found = {f"{i:04}": value for i, value in enumerate(self.description.values())}
        for i, variable in enumerate(model.metrics_variables):
            found[f"metrics/{i:04}"] = keras.ops.convert_to_numpy(variable)
        found["training/stopped"] = np.array(model.stop_training)
        if (steps := model.history.params.get("steps")) is not None:
            found["training/steps"] = np.array(steps)
        return found

    def restore(self, arrays: dict, history: dict, data: tuple, arguments: dict) -> None:
        """Put every variable, and the model's own history, to what it was after training."""
        places = sorted(name for name in arrays if name.isdecimal())
        for variable, name in zip(self.description.variables(), places, strict=True):
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

    def train(self, x, y, arguments: dict, report) -> tuple[dict[str, list], None]:
        """Train, and return the history; callbacks stay as they are, so that they can serve again.

        Keras trains on when the loss isn't a number any more, so nothing is said of that.

        Args:
            report: is told after each epoch how many are done; or None.
        """
        callbacks = [*copy.deepcopy(arguments.get("callbacks") or ())]
        if report:
            callbacks.append(
                keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: report(epoch + 1))
            )
        arguments = {"verbose": 0} | arguments | {"callbacks": callbacks}
        before = self.description.lasting()
        with _quiet():
            trained = self.model.fit(x, y, **arguments)
        if changed := differences(before, self.description.lasting()):
            raise TypeError(
                f"{type(self.model).__name__} has other attributes after training than before "
                f"({'; '.join(changed)}), which a remembered run wouldn't bring back; expected what "
                "changes in variables, and these there beforehand"
            )
        trained.history = {n: [*map(_numbers, values)] for n, values in trained.history.items()}
        return {name: list(values) for name, values in trained.history.items()}, None

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
            for variable in [*self.description.variables(), *self.model.metrics_variables]
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
