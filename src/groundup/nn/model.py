"""The model: a network that is trained by stochastic gradient descent."""

import math
import os
from collections.abc import Sequence

import numpy as np

from groundup.nn import arrays, fused, losses, matching, optimizers, random, saving
from groundup.nn.arguments import flag, size
from groundup.nn.arrays import underflow_is_zero
from groundup.nn.callbacks import Callback, History
from groundup.nn.metrics import Totals
from groundup.nn.metrics import get_all as get_metrics
from groundup.nn.network import Network


class Sequential(Network):
    """Layers one after the other, and how they learn.

    Args:
        layers: the layers from input to output, an ``Input`` first if the sizes are to be known at once.

    Raises:
        TypeError: one of these isn't a layer.
        ValueError: there is none, or one is in use already.

    Example:
        >>> from groundup import nn
        >>> nn.set_random_seed(0)
        >>> model = nn.Sequential([nn.Dense(1)])
        >>> model.compile(nn.SGD(0.1), loss="mse")
        >>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
        >>> history = model.fit(x, 2 * x + 1, epochs=500)
        >>> model.predict(np.array([[10.0]])).round(2)
        array([[21.]], dtype=float32)
    """

    settable = ("trainable", "stop_training", "history")
    optimizer: optimizers.Optimizer | None = None
    stop_training = False

    def compile(self, optimizer="rmsprop", loss=None, *, metrics=None) -> None:
        """Say how to train. Objects are copied: to change one later, change the model's own.

        Args:
            optimizer: a name or an ``Optimizer``.
            loss: a name or a ``Loss``.
            metrics: a list of names or ``Metric`` objects: what to report besides the loss.

        There is a warning if the loss can't mean the outputs, such as scores where it expects
        probabilities; if the model isn't built yet, when it is.

        Raises:
            ValueError: nothing has one of these names, or there is no loss.
            TypeError: an object is of another kind.
        """
        optimizer, loss = optimizers.get(optimizer), losses.get(loss)
        metrics = get_metrics(metrics, loss.threshold)
        self.optimizer, self.loss, self.metrics = optimizer, loss, metrics
        matching.warn_of_outputs(self)

    def build(self, input_shape: tuple[int, ...]) -> None:
        super().build(input_shape)
        matching.warn_of_outputs(self)

    def backward(self, Y: np.ndarray, Y_hat: np.ndarray) -> None:
        """Fill all gradients for targets and predictions of a batch.

        Where the loss and the last activation belong together, it begins with :eq:`output-error`, in the
        names of a deep network :eq:`backprop-output-error`; else with the derivative of the one and then
        that of the other, as in :eq:`sigmoid-squared-error`.
        """
        self._expect_compiled()
        activation = self.layers[-1].activation
        if type(activation) is self.loss.canonical:
            dZ = self.loss.output_error(Y, Y_hat)
        else:
            dZ = activation.backward(self.loss.backward(Y, Y_hat))
        self.backpropagate(dZ)

    def gradients(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The gradient of the loss of these examples with respect to all parameters, as a vector.

        As while training: with dropout, and batch normalization's averages move.
        """
        X, Y = self._prepare(x, y)
        Y = self._expanded(Y)
        with underflow_is_zero():
            self.backward(Y, self._training_forward(X, Y)[1])
        return self.parameter_gradients.copy()

    def training_loss(self, x: np.ndarray, y: np.ndarray) -> float:
        """The loss of these examples as while training, as one batch; see ``gradients``."""
        X, Y = self._prepare(x, y)
        with underflow_is_zero():
            return self._training_forward(X, self._expanded(Y))[0]

    def fit(
        self,
        x: np.ndarray,
        y: np.ndarray,
        batch_size: int | None = None,
        epochs: int = 1,
        *,
        callbacks: Sequence[Callback] | None = None,
        validation_data: tuple[np.ndarray, np.ndarray] | None = None,
        shuffle: bool = True,
    ) -> History:
        """Train by mini-batches.

        The loss of an epoch is the mean over its examples, each taken when its batch came, so the
        parameters were still changing; so are its metrics.

        When an error or an interrupt (Ctrl-C) ends it, nothing is lost: the model stays as the last step
        left it, ``self.history`` keeps the epochs before, and the callbacks are told of the end as ever:
        ``EarlyStopping`` puts back the best parameters if it was to.

        Args:
            x: the examples, (m, …).
            y: the targets, (m,) or (m, k), as the loss wants them.
            batch_size: the examples in a step; None is 32; the last step of an epoch takes what is left.
            epochs: how often every example is seen.
            callbacks: what looks on, such as ``EarlyStopping``.
            validation_data: examples and targets to evaluate after every epoch (``val_loss`` …).
            shuffle: take the examples in a new random order in every epoch.

        Returns:
            The history, a list of values for ``loss`` and each metric; also in ``self.history``.

        Raises:
            RuntimeError: the model isn't compiled, or training diverged: loss, validation loss or
                parameters stopped being finite numbers.
            TypeError: examples or targets aren't arrays of numbers.
            ValueError: shapes don't fit, there are no examples, one isn't finite, the batch size isn't
                positive, or a metric wants classes and the targets are none.
        """
        batch_size = _batch_size(batch_size)
        matching.expect_arguments(epochs, callbacks, validation_data, shuffle)
        X, Y = self._prepare(x, y)
        with matching.said_of("validation data"):
            validation = None if validation_data is None else self._prepare(*validation_data)
        self.history, self.stop_training = History(), False
        callbacks = [self.history, *(callbacks or ())]
        for callback in callbacks:
            callback.set_model(self)
            callback.on_train_begin()
        try:
            for epoch in range(epochs):
                values = self._epoch(X, Y, batch_size, shuffle, f"epoch {epoch + 1}")
                if validation:
                    measured = self._evaluate(*validation, _batch_size(None))
                    values |= {f"val_{name}": value for name, value in measured.items()}
                for callback in callbacks:
                    callback.on_epoch_end(epoch, values)
                if not (
                    math.isfinite(values.get("val_loss", 0)) and np.isfinite(self.parameters).all()
                ):
                    raise self._diverged(
                        f"epoch {epoch + 1}", "a parameter or the validation loss became infinite"
                    )
                if self.stop_training:
                    break
        finally:
            for callback in callbacks:
                callback.on_train_end()
        return self.history

    def _epoch(self, X, Y, batch_size: int, shuffle: bool, name: str) -> dict[str, float]:
        """Train on every example once. Returns the loss and the metrics."""
        order = random.generator.permutation(len(X)) if shuffle else np.arange(len(X))
        totals = Totals(self.metrics)
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            X_batch, Y_batch = X[batch], self._expanded(Y[batch])
            with fused.taken():
                loss, Y_hat = self._step(X_batch, Y_batch)
            if not math.isfinite(loss):
                step = start // batch_size + 1
                raise self._diverged(f"{name}, step {step}", f"the loss became {loss}")
            totals.add(loss, Y_batch, Y_hat)
        return totals.values()

    def _diverged(self, when: str, what: str) -> RuntimeError:
        return RuntimeError(
            f"training diverged in {when}: {what}; try a learning rate below {self.optimizer.rate()}, "
            "or scale the inputs (model.history keeps the epochs before)"
        )

    def _step(self, X: np.ndarray, Y: np.ndarray) -> tuple[float, np.ndarray]:
        """One step, unless the loss isn't a number. Returns loss and predictions before it."""
        before = self.state.copy()
        with np.errstate(all="ignore"):  # fit says it better
            loss, Y_hat = self._training_forward(X, Y)
            if math.isfinite(loss):
                self.backward(Y, Y_hat)
                self.optimizer.apply(self.parameter_gradients, self.parameters, self._trained())
            else:
                self.state[:] = before
        return loss, Y_hat

    def _training_forward(self, X: np.ndarray, Y: np.ndarray) -> tuple[float, np.ndarray]:
        Z, Y_hat = self._forward(X, training=True)
        return self._loss(Y, Z, Y_hat), Y_hat

    def _loss(self, Y: np.ndarray, Z: np.ndarray, Y_hat: np.ndarray) -> float:
        """The loss with the penalties; from the scores, if the last activation is canonical."""
        if type(self.layers[-1].activation) is self.loss.canonical:
            loss = fused.form(self.loss.of_scores)(Y, Z)
        else:
            loss = self.loss.forward(Y, Y_hat)
        return loss + sum(regularizer.forward(W) for W, _, regularizer in self.regularized)

    def evaluate(
        self,
        x: np.ndarray,
        y: np.ndarray,
        batch_size: int | None = None,
        *,
        return_dict: bool = False,
    ) -> float | list[float] | dict[str, float]:
        """The loss and the metrics on these examples, without dropout.

        Args:
            x: the examples, (m, …).
            y: the targets, as the loss wants them.
            batch_size: how many examples are computed at a time; None is 32.
            return_dict: give all values by name.

        Returns:
            The loss alone if there are no metrics, else a list with the loss first; by name with
            ``return_dict=True``.

        Raises:
            RuntimeError, TypeError, ValueError: as ``fit`` does.
        """
        batch_size = _batch_size(batch_size)
        values = self._evaluate(*self._prepare(x, y), batch_size)
        if flag(return_dict, "expected return_dict"):
            return values
        return list(values.values()) if self.metrics else values["loss"]

    def _evaluate(self, X: np.ndarray, Y: np.ndarray, batch_size: int) -> dict[str, float]:
        totals = Totals(self.metrics)
        with np.errstate(all="ignore"):  # a loss that is infinite says it all
            for start in range(0, len(X), batch_size):
                batch = slice(start, start + batch_size)
                Y_batch = self._expanded(Y[batch])
                Z, Y_hat = self._forward(X[batch])
                totals.add(self._loss(Y_batch, Z, Y_hat), Y_batch, Y_hat)
        return totals.values()

    def predict(self, x: np.ndarray, batch_size: int | None = None) -> np.ndarray:
        """Predictions for any number of examples, (m, …) -> (m, …, k)."""
        batch_size = _batch_size(batch_size)
        X = self._examples(x)
        if self.parameters is None:
            self.build(X.shape[1:])
        batches = [X[start : start + batch_size] for start in range(0, len(X), batch_size)]
        return np.concatenate([self.forward(batch) for batch in batches])

    def save(self, filepath: str | os.PathLike) -> None:
        """Write layers, arrays and how the model is compiled into a file; ``load_model`` reads it.

        Args:
            filepath: where to; ``.safetensors`` is the usual ending. What is there is replaced.

        Raises:
            RuntimeError: the model isn't built.
        """
        saving.save(self, filepath)

    def _examples(self, x) -> np.ndarray:
        if self.parameters is None:
            return matching.examples(x, np.float32, None)
        return matching.examples(x, self.parameters.dtype, self.input_shape)

    def _prepare(self, x, y) -> tuple[np.ndarray, np.ndarray]:
        """Examples, and targets as ``Loss.compact`` gives them."""
        self._expect_compiled()
        X = self._examples(x)
        count = arrays.length(y, "targets")
        if count != len(X):
            raise ValueError(f"expected a target for each of {len(X)} examples, got {count}")
        if self.parameters is None:
            self.build(X.shape[1:])
        Y = self.loss.compact(y, self.output_shape, X.dtype)
        matching.expect_classes(self.metrics, Y, self.loss)
        return X, Y

    def _expanded(self, Y: np.ndarray) -> np.ndarray:
        return self.loss.expanded(Y, self.output_shape, self.parameters.dtype)

    def _expect_compiled(self) -> None:
        if self.optimizer is None:
            raise RuntimeError("the model isn't compiled: call compile(optimizer, loss) first")


def _batch_size(value: int | None) -> int:
    return 32 if value is None else size(value, "the model", "batch_size")
