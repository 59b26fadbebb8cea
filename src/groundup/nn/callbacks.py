"""Callbacks: what looks on while a model trains, and may stop it."""

import time

from groundup.nn.config import Configured, at_least_zero


class Callback(Configured):
    """Told by ``fit`` how it goes; ``self.model`` is the model that trains."""

    def set_model(self, model) -> None:
        """Take the model that is going to train."""
        self.model = model

    def on_train_begin(self, logs=None) -> None:
        """Before the first epoch."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """After each epoch.

        Args:
            epoch: how many came before it.
            logs: its loss and metrics, those of the validation data as ``val_…``.
        """

    def on_train_end(self, logs=None) -> None:
        """After the last epoch."""


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
        mode: whether less is better, ``"min"``, or more, ``"max"``; ``"auto"`` is less for a loss and
            more for a metric.
        restore_best_weights: whether the model ends with its parameters of the best epoch.

    Raises:
        ValueError: the mode is another, or nothing with the monitored name is measured.
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
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"expected mode 'auto', 'min' or 'max', got {mode!r}")
        self.monitor, self.min_delta = monitor, float(abs(min_delta))
        self.patience = int(at_least_zero(patience, "EarlyStopping expected a patience"))
        self.mode, self.restore_best_weights = mode, bool(restore_best_weights)

    def on_train_begin(self, logs=None):
        less_is_better = self.mode == "min" or (
            self.mode == "auto" and self.monitor.endswith("loss")
        )
        self.sign = -1 if less_is_better else 1
        self.best = self.best_weights = None
        self.best_epoch = self.stopped_epoch = 0
        self.wait = 0

    def on_epoch_end(self, epoch, logs):
        if self.monitor not in logs:
            raise ValueError(
                f"EarlyStopping expected to monitor one of {', '.join(logs)}, got {self.monitor!r}"
            )
        value = logs[self.monitor]
        self.wait += 1
        if self.best is None or self.sign * (value - self.best) > self.min_delta:
            self.best, self.best_epoch, self.wait = value, epoch, 0
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
        elif self.wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)


class ProgbarLogger(Callback):
    """Prints a line for each epoch: its number, its time, its values."""

    def on_train_begin(self, logs=None):
        self.clock = time.perf_counter()

    def on_epoch_end(self, epoch, logs):
        now = time.perf_counter()
        values = " - ".join(f"{name}: {value:.4f}" for name, value in logs.items())
        print(f"Epoch {epoch + 1} - {now - self.clock:.1f} s - {values}")
        self.clock = now
