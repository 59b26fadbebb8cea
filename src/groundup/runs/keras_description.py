"""What decides how a Keras model trains, and what its training changes, in plain terms."""

import contextlib
import inspect
import re
import tempfile
from pathlib import Path

import keras
import numpy as np
from keras.src.utils import naming

from groundup.runs import content, keras_parts, keras_settings, key

# Where configurations of models name layers and operations.
HOLD_NAMES = frozenset({"name", "keras_history", "input_layers", "output_layers"})


class Description:
    """A compiled model as it is described: sequential, functional, or of a class of a module."""

    def __init__(self, model: keras.Model):
        self.model = model

    def describe(self) -> dict:
        """The model's own share of the inputs that decide the result."""
        model = self.model
        compiled = model._compile_config.config
        optimizer = model.optimizer
        parts, self.numbers = self._parts(), self._numbered()
        self.known = {id(variable) for variable in self.variables()}
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
            "variables": key.plain(self.values(), "variables"),
            "code": key.of_code(parts),
            **keras_settings.settings(),
        }

    def _parts(self) -> list:
        model = self.model
        return keras_parts.found_in(
            [model._compile_config.config, model.optimizer, *model._flatten_layers()]
        )

    def training_parts(self) -> list:
        """Its parts, without the optimizer that it was compiled with if it has another by now."""
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

    def variables(self) -> list:
        """Every variable that training may change, but those of metrics, which begin anew."""
        found = [*self.model.variables, *self.model.optimizer.variables]
        known = {id(variable) for variable in found}
        states = [getattr(layer, "states", None) or () for layer in self.model._flatten_layers()]
        others = [state for several in states for state in several]  # of stateful layers
        parts = [part for part in self.training_parts() if not isinstance(part, keras.Metric)]
        others += [variable for part in parts for variable in keras_parts.variables(part)]
        for variable in filter(keras_parts.is_variable, others):
            if id(variable) not in known:
                known.add(id(variable))
                found.append(variable)
        return found

    def values(self) -> list[np.ndarray]:
        """What these variables are now."""
        return [keras.ops.convert_to_numpy(variable) for variable in self.variables()]

    def lasting(self) -> dict:
        """What training has to leave as it is, for no variable holds it."""
        variables, self.known = self.variables(), _Everything()
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


class _Everything:
    """What holds everything."""

    def __contains__(self, thing) -> bool:
        return True
