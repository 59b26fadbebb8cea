"""The model: layers in a row, trained by stochastic gradient descent."""

import copy
import dataclasses

import numpy as np

from groundup.nn import losses, optimizers, random
from groundup.nn.layers import Input, Layer
from groundup.nn.metrics import get as get_metric


@dataclasses.dataclass
class History:
    """What training was like: ``history["loss"]`` is a list with a value for each epoch."""

    history: dict[str, list[float]]

    def append(self, values: dict[str, float]) -> None:
        """Add the values of one epoch."""
        for name, value in values.items():
            self.history.setdefault(name, []).append(value)


class Sequential:
    """Layers one after the other.

    All parameters lie in the flat vector ``parameters`` and all gradients in ``parameter_gradients``;
    the layers' ``W``, ``b``, ``dW``, ``db`` are views into them.

    Args:
        layers: the layers from input to output, an ``Input`` first if the sizes are to be known at once.
    """

    def __init__(self, layers: list[Input | Layer]):
        self.input = layers[0] if layers and isinstance(layers[0], Input) else None
        self.layers = [layer for layer in layers if layer is not self.input]
        if not self.layers:
            raise ValueError("Sequential expected at least one layer, got none")
        for layer in self.layers:
            if not isinstance(layer, Layer):
                raise TypeError(f"Sequential expected layers, got {layer!r}")
            if layer.blocks is not None or self.layers.count(layer) > 1:
                raise ValueError(f"{layer!r} is in use already; a layer has one place in one model")
        self.parameters: np.ndarray | None = None
        self.optimizer: optimizers.Optimizer | None = None
        if self.input:
            self.build(self.input.shape)

    def build(self, input_shape: tuple[int, ...]) -> None:
        """Draw the initial parameters.

        Args:
            input_shape: the shape of one example, without the batch.
        """
        if self.parameters is not None:
            raise RuntimeError("the model is built already; make a new one to start again")
        self.input_shape = shape = tuple(input_shape)
        for layer in self.layers:
            shape = layer.build(shape)
        self.output_shape = shape
        values = [make(size) for layer in self.layers for size, make in layer.blocks.values()]
        self._lay_out(np.concatenate([block.ravel() for block in values]).astype(np.float32))

    def _lay_out(self, parameters: np.ndarray) -> None:
        """Give every layer its views into the two flat vectors."""
        self.parameters = parameters
        self.parameter_gradients = np.zeros_like(parameters)
        start = 0
        for layer in self.layers:
            for name, (shape, _) in layer.blocks.items():
                end = start + int(np.prod(shape))
                setattr(layer, name, self.parameters[start:end].reshape(shape))
                setattr(layer, f"d{name}", self.parameter_gradients[start:end].reshape(shape))
                start = end

    def __setstate__(self, state: dict) -> None:
        """What a copy or an unpickled model is made by: its layers get views into its own vectors."""
        self.__dict__.update(state)
        if self.parameters is not None:
            self._lay_out(self.parameters)

    def astype(self, dtype) -> "Sequential":
        """A copy that computes in another precision, for checking gradients."""
        model = copy.deepcopy(self)
        model._lay_out(model._built_parameters().astype(dtype))
        return model

    def compile(self, optimizer="sgd", loss=None, *, metrics=()) -> None:
        """Say how to train.

        Args:
            optimizer: a name or an ``Optimizer``.
            loss: a name or a ``Loss``.
            metrics: names of what to report besides the loss, such as ``["accuracy"]``.
        """
        found = optimizers.get(optimizer), losses.get(loss), {m: get_metric(m) for m in metrics}
        self.optimizer, self.loss, self.metrics = found

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Predictions for one batch, (m, d) -> (m, k)."""
        for layer in self.layers:
            X = layer.activation.forward(layer.forward(X))
        return X

    def backward(self, Y: np.ndarray, Y_hat: np.ndarray) -> None:
        """Fill every layer's gradients, from the last layer to the first."""
        *before, last = self.layers
        if type(last.activation) is self.loss.canonical:
            dZ = (Y_hat - Y) / len(Y)
        else:
            dZ = last.activation.backward(self.loss.backward(Y, Y_hat))
        dA = last.backward(dZ)
        for layer in reversed(before):
            dA = layer.backward(layer.activation.backward(dA))

    def gradients(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The gradient of the loss of these examples, with respect to all parameters, as a vector."""
        X, Y = self._prepare(x, y)
        self.backward(Y, self.forward(X))
        return self.parameter_gradients.copy()

    def fit(
        self,
        x: np.ndarray,
        y: np.ndarray,
        batch_size: int = 32,
        epochs: int = 1,
        *,
        validation_data: tuple[np.ndarray, np.ndarray] | None = None,
        shuffle: bool = True,
    ) -> History:
        """Train by mini-batches.

        The loss and the metrics of an epoch are means over its examples, each taken when its batch
        came, so the parameters were still changing.

        Args:
            x: the examples, (m, d).
            y: the targets, (m,) or (m, k), as the loss wants them.
            batch_size: the examples in a step; the last step of an epoch takes what is left.
            epochs: how often every example is seen.
            validation_data: examples and targets to evaluate after every epoch (``val_loss`` …).
            shuffle: take the examples in a new random order in every epoch.

        Returns:
            The history, a list of values for ``loss`` and each metric.

        Raises:
            RuntimeError: the model isn't compiled.
            ValueError: shapes don't fit, there are no examples, or the loss stopped being a number.
        """
        X, Y = self._prepare(x, y)
        if batch_size < 1:
            raise ValueError(f"expected a batch size of at least 1, got {batch_size}")
        history = History({})
        for epoch in range(epochs):
            order = random.generator.permutation(len(X)) if shuffle else np.arange(len(X))
            sums = dict.fromkeys(["loss", *self.metrics], 0.0)
            for start in range(0, len(X), batch_size):
                rows = order[start : start + batch_size]
                with np.errstate(over="ignore", invalid="ignore"):  # the check below says it better
                    for name, value in self._step(X[rows], Y[rows]).items():
                        sums[name] += value * len(rows)
            values = {name: total / len(X) for name, total in sums.items()}
            if not np.isfinite(values["loss"]):
                raise ValueError(
                    f"the loss became {values['loss']} in epoch {epoch + 1}: training diverged; "
                    f"try a learning rate below {self.optimizer.learning_rate}, or scale the inputs"
                )
            if validation_data is not None:
                measured = self.evaluate(*validation_data, return_dict=True)
                values |= {f"val_{name}": value for name, value in measured.items()}
            history.append(values)
        return history

    def _step(self, X: np.ndarray, Y: np.ndarray) -> dict[str, float]:
        """Forward, loss, backward, update. Returns the loss and the metrics before the update."""
        Y_hat = self.forward(X)
        measured = self._measure(Y, Y_hat)
        self.backward(Y, Y_hat)
        self.optimizer.update(self.parameters, self.parameter_gradients)
        return measured

    def evaluate(self, x, y, batch_size: int = 32, *, return_dict: bool = False):
        """The loss and the metrics on these examples.

        Returns:
            The loss alone if there are no metrics, else a list with the loss first; by name with
            ``return_dict=True``.
        """
        X, Y = self._prepare(x, y)
        values = self._measure(Y, self.predict(X, batch_size))
        if return_dict:
            return values
        return values["loss"] if not self.metrics else list(values.values())

    def predict(self, x: np.ndarray, batch_size: int = 32) -> np.ndarray:
        """Predictions for any number of examples, (m, d) -> (m, k)."""
        X = self._prepare_inputs(x)
        batches = [self.forward(X[i : i + batch_size]) for i in range(0, len(X), batch_size)]
        return np.concatenate(batches)

    def count_params(self) -> int:
        """How many numbers training changes."""
        return self._built_parameters().size

    def _built_parameters(self) -> np.ndarray:
        if self.parameters is None:
            raise RuntimeError("the model isn't built: call build, or give an Input layer first")
        return self.parameters

    def _measure(self, Y: np.ndarray, Y_hat: np.ndarray) -> dict[str, float]:
        values = {"loss": self.loss.forward(Y, Y_hat)}
        return values | {name: metric(Y, Y_hat) for name, metric in self.metrics.items()}

    def _prepare_inputs(self, x) -> np.ndarray:
        X = np.asarray(x)
        if X.ndim < 2 or len(X) == 0:
            raise ValueError(f"expected examples as rows, at least one, got shape {X.shape}")
        if self.parameters is None:
            self.build(X.shape[1:])
        if X.shape[1:] != self.input_shape:
            raise ValueError(
                f"the model expected examples of shape {self.input_shape}, "
                f"got an input of shape {X.shape}"
            )
        return X.astype(self.parameters.dtype, copy=False)

    def _prepare(self, x, y) -> tuple[np.ndarray, np.ndarray]:
        if self.optimizer is None:
            raise RuntimeError("the model isn't compiled: call compile(optimizer, loss) first")
        X = self._prepare_inputs(x)
        if len(X) != len(y):
            raise ValueError(f"expected a target for each of {len(X)} examples, got {len(y)}")
        return X, self.loss.encode(y, self.output_shape[0], X.dtype)
