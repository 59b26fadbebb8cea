"""Callbacks: what looks on while a model trains, and may stop it."""

import math
import numbers
import shutil
import sys
import time
from collections.abc import Sequence

from groundup.nn import metrics
from groundup.nn.arguments import at_least_zero, choice, flag, meant, whole
from groundup.nn.config import Configured
from groundup.nn.console import printable

SHOWN_EVERY = 0.1  # seconds, while an epoch lasts


class Callback(Configured):
    """Told by ``fit`` how it goes; ``self.model`` is the model that trains, ``self.params`` how."""

    def set_params(self, params: dict) -> None:
        """Take how it is going to train: ``epochs``, the ``steps`` of an epoch, and ``verbose``."""
        self.params = params

    def set_model(self, model) -> None:
        """Take the model that is going to train."""
        self.model = model

    def on_train_begin(self, logs=None) -> None:
        """Before the first epoch."""

    def on_epoch_begin(self, epoch: int, logs=None) -> None:
        """Before each epoch.

        Args:
            epoch: how many came before it.
        """

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        """After each step.

        Args:
            batch: how many came before it in its epoch.
            logs: loss and metrics of the epoch so far.
        """

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """After each epoch.

        Args:
            epoch: how many came before it.
            logs: its loss and metrics, those of the validation data as ``val_…``.
        """

    def on_train_end(self, logs=None) -> None:
        """After the last epoch, also if an error or an interrupt made it the last."""


class History(Callback):
    """What training was like: ``history["loss"]`` is a list with a value for each epoch."""

    settable = ("history",)

    def __init__(self):
        self.history: dict[str, list[float]] = {}

    def on_epoch_end(self, epoch, logs):
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)


class EarlyStopping(Callback):
    """Stops training when a value no longer gets better.

    Args:
        monitor: the value, such as ``"val_loss"`` or ``"accuracy"``.
        min_delta: how much better counts as better.
        patience: after how many epochs without that training stops; 0 does the same as 1.
        mode: whether less is better, ``"min"``, or more, ``"max"``; ``"auto"`` knows that less loss is,
            and more of every metric that has a name here, such as ``"accuracy"``.
        restore_best_weights: whether the model ends with its parameters of the best epoch; also if an
            error or an interrupt ends training.

    Raises:
        ValueError: the mode is another, ``"auto"`` can't tell what is better, or nothing with the
            monitored name is measured.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        *,
        mode: str = "auto",
        restore_best_weights: bool = False,
    ):
        if not isinstance(monitor, str):
            raise TypeError(f"expected the name of a value to monitor, got {monitor!r}")
        size = abs(min_delta) if isinstance(min_delta, numbers.Real) else min_delta
        self.min_delta = at_least_zero(size, "EarlyStopping expected a min_delta")
        self.monitor = monitor
        self.patience = whole(patience, "EarlyStopping expected a patience")
        self.mode = choice(mode, ("auto", "min", "max"), "expected mode")
        self.restore_best_weights = flag(
            restore_best_weights, "EarlyStopping expected restore_best_weights"
        )

    def on_train_begin(self, logs=None):
        self.sign = self._direction()
        self.best = self.best_weights = None
        self.best_epoch = self.stopped_epoch = 0
        self.wait = 0

    def on_epoch_end(self, epoch, logs):
        if self.monitor not in logs:
            raise ValueError(
                f"EarlyStopping expected to monitor one of {', '.join(logs)}, got {self.monitor!r}"
                f"{self._hint(logs)}"
            )
        value = logs[self.monitor]
        self.wait += 1
        better = self.best is None or self.sign * (value - self.best) > self.min_delta
        if better and not math.isnan(value):
            self.best, self.best_epoch, self.wait = value, epoch, 0
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
        elif self.wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _hint(self, logs: dict[str, float]) -> str:
        if self.monitor.startswith("val_") and "val_loss" not in logs:
            return "; there are no validation data"
        return f"; {meant(self.monitor, logs)}".rstrip("; ")

    def _direction(self) -> int:
        """1 if more is better, −1 if less is."""
        if self.mode != "auto":
            return 1 if self.mode == "max" else -1
        name = self.monitor.removeprefix("val_")
        if name != "loss" and name not in metrics.NAMES:
            raise ValueError(
                f"EarlyStopping expected mode 'min' or 'max' for {self.monitor!r}: 'auto' can tell what "
                f"is better of loss, {', '.join(metrics.NAMES)} alone; "
                f"{meant(name, ['loss', *metrics.NAMES])}".rstrip("; ")
            )
        return -1 if name == "loss" else 1

    def on_train_end(self, logs=None):
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)


class ProgbarLogger(Callback):
    """Prints a line for each epoch: its number, its time, its values. While the epoch lasts it says on a
    terminal how far it is, but for ``verbose=2``.

    ``fit`` has one by itself, unless it's told ``verbose=0``, with which this one says nothing either.
    """

    def on_train_begin(self, logs=None):
        self.moving = self.params["verbose"] in ("auto", 1) and _is_terminal()
        self.width = 0  # of what is to be printed over

    def on_epoch_begin(self, epoch, logs=None):
        self.name = f"Epoch {epoch + 1}/{self.params['epochs']}"
        self.begun = self.shown = time.perf_counter()

    def on_train_batch_end(self, batch, logs):
        now = time.perf_counter()
        if self.moving and now - self.shown > SHOWN_EVERY:
            self._show(
                f"{self.name} - {batch + 1}/{self.params['steps']} - {line(logs)}", moving=True
            )
            self.shown = now

    def on_epoch_end(self, epoch, logs):
        if self.params["verbose"]:
            self._show(f"{self.name} - {time.perf_counter() - self.begun:.1f} s - {line(logs)}")

    def on_train_end(self, logs=None):
        if self.width:  # something ended the epoch
            print()

    def _show(self, text: str, moving: bool = False) -> None:
        """Print over what is to be printed over; what is moving is printed over in its turn."""
        text = printable(text)
        if moving:
            text = text[: shutil.get_terminal_size().columns - 1]
        print("\r" * self.moving + text.ljust(self.width), end="" if moving else "\n", flush=moving)
        self.width = len(text) if moving else 0


class CallbackList:
    """All who are told how it goes: the history, the callbacks, and a ``ProgbarLogger``, if there is none
    among them.

    Args:
        callbacks: those that ``fit`` was given.
        model: the model that is going to train.
        params: what they are told of how: ``epochs``, ``steps`` and ``verbose``.
    """

    def __init__(self, callbacks: Sequence[Callback] | None, model, **params):
        self.callbacks = [model.history, *(callbacks or ())]
        if not any(isinstance(c, ProgbarLogger) for c in self.callbacks):
            self.callbacks.append(ProgbarLogger())
        self.of_batches = [
            callback
            for callback in self.callbacks
            if type(callback).on_train_batch_end is not Callback.on_train_batch_end
        ]
        for callback in self.callbacks:
            callback.set_model(model)
            callback.set_params(params)

    def on_train_begin(self) -> None:
        for callback in self.callbacks:
            callback.on_train_begin()

    def on_epoch_begin(self, epoch: int) -> None:
        for callback in self.callbacks:
            callback.on_epoch_begin(epoch)

    def on_train_batch_end(self, batch: int, totals: metrics.Totals) -> None:
        """Tell those who want to know; for the others nothing is computed."""
        if self.of_batches:
            logs = totals.values()
            for callback in self.of_batches:
                callback.on_train_batch_end(batch, logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        for callback in self.callbacks:
            callback.on_epoch_end(epoch, logs)

    def on_train_end(self) -> None:
        for callback in self.callbacks:
            callback.on_train_end()


def line(logs: dict[str, float]) -> str:
    """Values as they stand in a line."""
    return " - ".join(f"{name}: {value:.4f}" for name, value in logs.items())


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()
