"""The model: a network that is trained by stochastic gradient descent."""

import math
import os
from collections.abc import Sequence

import numpy as np

from groundup.nn import fused, matching, random, saving, threads
from groundup.nn.arrays import underflow_is_zero
from groundup.nn.callbacks import Callback, CallbackList, History
from groundup.nn.compiled import CompiledNetwork
from groundup.nn.data import Data, batch_size_or
from groundup.nn.diverged import DivergedError
from groundup.nn.layers import chain
from groundup.nn.loss import unmasked, weighted
from groundup.nn.metrics import Totals


class Sequential(CompiledNetwork):
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
        >>> history = model.fit(x, 2 * x + 1, epochs=500, verbose=0)
        >>> model.predict(np.array([[10.0]])).round(2)
        array([[21.]], dtype=float32)
    """

    settable = ("trainable", "stop_training", "history")
    stop_training = False

    def backward(
        self, Y: np.ndarray, Y_hat: np.ndarray, sample_weight: np.ndarray | None = None
    ) -> None:
        """Fill all gradients for targets and predictions of a batch, whose examples may have weights.

        The predictions are those of ``forward``, which with layers that do something else while training,
        such as dropout, is to be told so. ``gradients`` takes both ways together.
        """
        self.backpropagate(self.output_error(Y, Y_hat, sample_weight))

    def output_error(
        self, Y: np.ndarray, Y_hat: np.ndarray, sample_weight: np.ndarray | None = None
    ) -> np.ndarray:
        """The last layer's ``dZ`` for targets and predictions of a batch: where ``backward`` begins.

        Where the loss and the last activation belong together, it's :eq:`output-error`, in the names of a
        deep network :eq:`backprop-output-error`; else the derivative of the one and then that of the
        other, as in :eq:`sigmoid-squared-error`.
        """
        self._expect_compiled()
        activation = self.layers[-1].activation
        if type(activation) is self.loss.canonical:
            dZ = self.loss.output_error(Y, Y_hat)
        else:
            dZ = activation.backward(self.loss.backward(Y, Y_hat))
        return weighted(dZ, sample_weight)

    def gradients(
        self, x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None
    ) -> np.ndarray:
        """The gradient of the loss of these examples with respect to all parameters, as a vector.

        As while training: with dropout, and batch normalization's averages move.
        """
        X, Y, sample_weight = self._prepare(x, y, sample_weight)
        Y = self._expanded(Y)
        with underflow_is_zero():
            _, Y_hat, weights, _ = self._training_forward(X, Y, sample_weight)
            self.backward(Y, Y_hat, weights)
        return self.parameter_gradients.copy()

    def training_loss(
        self, x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None
    ) -> float:
        """The loss of these examples as while training, as one batch; see ``gradients``."""
        X, Y, sample_weight = self._prepare(x, y, sample_weight)
        with underflow_is_zero():
            return self._training_forward(X, self._expanded(Y), sample_weight)[0]

    def fit(
        self,
        x: np.ndarray,
        y: np.ndarray,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Sequence[Callback] | None = None,
        validation_split: float = 0.0,
        validation_data: tuple[np.ndarray, ...] | None = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: np.ndarray | None = None,
        initial_epoch: int = 0,
        *,
        validation_batch_size: int | None = None,
        **others,
    ) -> History:
        """Train by mini-batches.

        The loss of an epoch is the mean over its examples, each taken when its batch came, so the
        parameters were still changing; so are its metrics. Weights of examples count in the loss, as
        ``Loss`` says, not in the metrics.

        When an error or an interrupt (Ctrl-C) ends it, nothing is lost: the model stays as the last step
        left it, ``self.history`` keeps the epochs before, and the callbacks are told of the end as ever:
        ``EarlyStopping`` puts back the best parameters if it was to.

        Args:
            x: the examples, (m, …).
            y: the targets, (m,) or (m, k), as the loss wants them.
            batch_size: the examples in a step; None is 32; the last step of an epoch takes what is left.
            epochs: how often every example is seen; with ``initial_epoch`` the number of the last epoch.
            verbose: whether to print a line for each epoch; 0 is no. With "auto" or 1, a terminal also
                shows how far the epoch is, with 2 it doesn't.
            callbacks: what looks on, such as ``EarlyStopping``.
            validation_split: the share of the examples, taken from their end before any is shuffled, to
                evaluate instead of training on them.
            validation_data: examples and targets to evaluate after every epoch (``val_loss`` …), and
                weights if they have some; then nothing is split off.
            shuffle: take the examples in a new random order in every epoch.
            class_weight: a weight for the examples of each class, such as ``{0: 1.0, 1: 5.0}``; of a
                class that isn't named it's 1. Validation takes every class alike.
            sample_weight: a weight for each example, (m,), or for each step of it, (m, steps), at least
                0; only one of the two.
            initial_epoch: how many epochs there were already, as after another ``fit``.
            validation_batch_size: the examples evaluated at a time; None is ``batch_size``.
            others: none; an error says what there is instead.

        Returns:
            The history, a list of values for ``loss`` and each metric; also in ``self.history``.

        Raises:
            RuntimeError: the model isn't compiled.
            DivergedError: training diverged: loss, validation loss or parameters stopped being finite
                numbers.
            TypeError: examples or targets aren't arrays of numbers, or an argument is of another kind.
            ValueError: shapes don't fit, there are no examples, one isn't finite, the batch size isn't
                positive, a metric or ``class_weight`` wants classes and the targets are none, weights are
                negative or of both kinds, or a split leaves no examples on one side.
        """
        matching.expect_none(others, self.fit)
        matching.expect_arguments(
            epochs, verbose, callbacks, validation_split, validation_data, shuffle, class_weight,
            sample_weight, initial_epoch,
        )  # fmt: skip
        batch_size = batch_size_or(32, batch_size)
        validation_batch_size = batch_size_or(batch_size, validation_batch_size)
        data, validation = self._prepare(x, y, sample_weight), None
        if validation_data is not None:
            with matching.said_of("validation data"):
                validation = self._prepare(*validation_data)
        elif validation_split:
            data, validation = data.split(validation_split)
        if class_weight is not None:
            data = data.weighted_by_class(class_weight, self.output_shape)
        self.history, self.stop_training = History(), False
        callbacks = CallbackList(
            callbacks, self, epochs=epochs, steps=data.steps(batch_size), verbose=verbose
        )
        callbacks.on_train_begin()
        try:
            with threads.limit(self, batch_size):
                for epoch in range(initial_epoch, epochs):
                    values = self._epoch(data, batch_size, shuffle, epoch, callbacks)
                    if validation:
                        measured = self._evaluate(validation, validation_batch_size)
                        values |= {f"val_{name}": value for name, value in measured.items()}
                    callbacks.on_epoch_end(epoch, values)
                    if not (
                        math.isfinite(values.get("val_loss", 0))
                        and np.isfinite(self.parameters).all()
                    ):
                        raise DivergedError.during(
                            epoch,
                            self.optimizer,
                            "a parameter or the validation loss became infinite",
                        )
                    if self.stop_training:
                        break
        finally:
            callbacks.on_train_end()
        return self.history

    def _epoch(
        self, data: Data, batch_size: int, shuffle: bool, epoch: int, callbacks: CallbackList
    ) -> dict[str, float]:
        """Train on every example once. Returns the loss and the metrics."""
        callbacks.on_epoch_begin(epoch)
        order = random.generator.permutation(len(data.X)) if shuffle else None
        totals = Totals(self.metrics)
        for step, (X, Y, sample_weight) in enumerate(data.batches(batch_size, order)):
            Y = self._expanded(Y)
            with fused.taken():
                loss, Y_hat, mask = self._step(X, Y, sample_weight)
            if not math.isfinite(loss):
                raise DivergedError.during(epoch, self.optimizer, f"the loss became {loss}", step)
            totals.add(loss, Y, Y_hat, mask)
            callbacks.on_train_batch_end(step, totals)
            if self.stop_training:
                break
        return totals.values()

    def _step(
        self, X: np.ndarray, Y: np.ndarray, sample_weight: np.ndarray | None = None
    ) -> tuple[float, np.ndarray, np.ndarray | None]:
        """One step, unless the loss isn't a number. Returns loss, predictions and mask before it."""
        before = self.state.copy()
        with np.errstate(all="ignore"):  # fit says it better
            loss, Y_hat, weights, mask = self._training_forward(X, Y, sample_weight)
            if math.isfinite(loss):
                self.backward(Y, Y_hat, weights)
                self.optimizer.apply(self.parameter_gradients, self.parameters, self._trained())
            else:
                self.state[:] = before
        return loss, Y_hat, mask

    def _training_forward(
        self, X: np.ndarray, Y: np.ndarray, sample_weight: np.ndarray | None = None
    ) -> tuple[float, np.ndarray, np.ndarray | None, np.ndarray | None]:
        """Loss and predictions, the weights that there were in it, and the mask of the predictions."""
        Z, Y_hat, mask = chain.forward(self.layers, X, None, training=True)
        weights = unmasked(sample_weight, mask, X.dtype)
        return self._loss(Y, Z, Y_hat, weights), Y_hat, weights, mask

    def save(self, filepath: str | os.PathLike) -> None:
        """Write layers, arrays and how the model is compiled into a file; ``load_model`` reads it.

        Args:
            filepath: where to; ``.safetensors`` is the usual ending. What is there is replaced.

        Raises:
            RuntimeError: the model isn't built.
        """
        saving.save(self, filepath)
