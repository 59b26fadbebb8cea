"""Who is told how training goes, and what is printed of it."""

import contextlib
import io
import itertools
import pickle
import re

import numpy as np
import pytest

from groundup import nn
from groundup.nn import callbacks

X, labels = np.arange(10.0)[:, None] / 10, np.arange(10) > 4


def model(rate=0.1):
    found = nn.Sequential([nn.Input((1,)), nn.Dense(1, "sigmoid")])
    found.compile(nn.SGD(rate), "binary_crossentropy", metrics=["accuracy"])
    return found


class Terminal(io.StringIO):
    def isatty(self):
        return True

    def shown(self):
        """What stands on each line in the end, and how often something was written over."""
        lines = []
        for written in self.getvalue().split("\n"):
            lines.append("")
            for text in written.split("\r"):
                lines[-1] = text + lines[-1][len(text) :]
        return [line.rstrip() for line in lines], self.getvalue().count("\r")


@pytest.fixture
def often(monkeypatch):
    monkeypatch.setattr(callbacks, "SHOWN_EVERY", -1.0)


def on_a_terminal(**given):
    with contextlib.redirect_stdout(Terminal()) as terminal, contextlib.suppress(KeyboardInterrupt):
        model().fit(**{"x": X, "y": labels, "batch_size": 4} | given)
    return terminal


LINE = r"Epoch {}/{} - \d+\.\d s - loss: \d\.\d{{4}} - accuracy: \d\.\d{{4}}"


@pytest.mark.parametrize(
    "given", [{}, {"verbose": "auto"}, {"verbose": 1}, {"verbose": 2}, {"verbose": True}]
)
@pytest.mark.parametrize("logger", [False, True])
@pytest.mark.usefixtures("often")
def test_fit_prints_a_line_for_each_epoch(given, logger, capsys):
    own = [nn.ProgbarLogger()] if logger else None
    model().fit(X, labels, epochs=2, callbacks=own, **given)
    first, second = capsys.readouterr().out.splitlines()
    assert re.fullmatch(LINE.format(1, 2), first)
    assert re.fullmatch(LINE.format(2, 2), second)


def test_nothing_is_printed_where_nothing_is_wanted(capsys):
    network = model()
    network.fit(X, labels, verbose=0, callbacks=[nn.ProgbarLogger()])
    network.evaluate(X, labels, verbose=0)
    network.predict(X)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("verbose", ["auto", 1, 2])
def test_evaluate_prints_a_line(verbose, capsys):
    network = model()
    loss, accuracy = network.evaluate(X, labels, 4, verbose)
    line = rf"3/3 - 0\.\d s - loss: {loss:.4f} - accuracy: {accuracy:.4f}\n"
    assert re.fullmatch(line, capsys.readouterr().out)
    network.evaluate(np.ones((33, 1)), np.ones(33))
    assert capsys.readouterr().out.startswith("2/2 - ")


@pytest.mark.parametrize("verbose", ["auto", 1])
@pytest.mark.usefixtures("often")
def test_a_terminal_shows_how_far_the_epoch_is(verbose):
    terminal = on_a_terminal(epochs=2, verbose=verbose)
    lines, times = terminal.shown()
    assert [re.fullmatch(LINE.format(n, 2), line) is not None for n, line in enumerate(lines, 1)] == [
        True, True, False,
    ]  # fmt: skip
    assert lines[2] == ""
    assert times == 2 * (3 + 1)
    assert "Epoch 2/2 - 3/3 - loss: " in terminal.getvalue()


@pytest.mark.usefixtures("often")
def test_a_terminal_shows_whole_epochs_alone_if_asked():
    terminal = on_a_terminal(epochs=2, verbose=2)
    lines = terminal.getvalue().splitlines()
    assert [re.fullmatch(LINE.format(n, 2), line) is not None for n, line in enumerate(lines, 1)] == [
        True, True,
    ]  # fmt: skip


@pytest.mark.usefixtures("often")
def test_a_line_that_moves_fits_the_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    terminal = on_a_terminal()
    moving = terminal.getvalue().split("\r")[1:-1]
    assert {len(text) for text in moving} == {19}


@pytest.mark.usefixtures("often")
def test_what_ends_an_epoch_leaves_the_line():
    class Ending(nn.Callback):
        def on_train_batch_end(self, batch, logs):
            if batch == 1:
                raise KeyboardInterrupt

    terminal = on_a_terminal(callbacks=[Ending()])
    assert terminal.getvalue().endswith("\n")
    assert "2/3" not in terminal.getvalue()


@pytest.mark.usefixtures("often")
def test_nothing_stays_of_what_was_longer():
    many = {"x": np.tile(X, (100, 1)), "y": np.tile(labels, 100), "batch_size": 1}
    (line, end), _ = on_a_terminal(**many).shown()
    assert re.fullmatch(LINE.format(1, 1), line)
    assert end == ""


def test_it_is_not_shown_more_often_than_eyes_can_see(monkeypatch):
    """Of ten steps, each of a sixteenth of a second, every second."""
    clock = itertools.count()
    monkeypatch.setattr(callbacks.time, "perf_counter", lambda: next(clock) / 16)
    assert on_a_terminal(batch_size=1).shown()[1] == 5 + 1


class Told(nn.Callback):
    def __init__(self):
        self.said = []

    def on_train_begin(self, logs=None):
        self.said.append(("begin", self.params))

    def on_epoch_begin(self, epoch, logs=None):
        self.said.append(("epoch", epoch))

    def on_train_batch_end(self, batch, logs):
        self.said.append((batch, dict(logs)))

    def on_epoch_end(self, epoch, logs):
        self.said.append(("end", epoch, dict(logs)))


def test_callbacks_are_told_of_epochs_and_steps():
    told, network = Told(), model(rate=0.0)
    network.fit(X, labels, 4, initial_epoch=2, epochs=3, callbacks=[told], shuffle=False, verbose=0)
    parts = [network.evaluate(X[:n], labels[:n], verbose=0, return_dict=True) for n in (4, 8, 10)]
    begin, epoch, *steps, (end, number, values) = told.said
    assert begin == ("begin", {"epochs": 3, "steps": 3, "verbose": 0})
    assert (epoch, end, number) == (("epoch", 2), "end", 2)
    assert [step for step, _ in steps] == [0, 1, 2]
    for (_, logs), part in zip([*steps, (None, values)], [*parts, parts[-1]], strict=True):
        assert logs == pytest.approx(part)


def test_epochs_are_counted_from_the_first_there_is():
    assert len(model().fit(X, labels, epochs=5, initial_epoch=2, verbose=0).history["loss"]) == 3
    assert model().fit(X, labels, epochs=2, initial_epoch=2, verbose=0).history == {}


def test_a_callback_may_end_training_after_a_step():
    class Ending(nn.Callback):
        def on_train_batch_end(self, batch, logs):
            self.model.stop_training = batch == 1

    network = model()
    history = network.fit(X, labels, 4, 3, 0, [Ending()]).history
    assert network.optimizer.variables["iterations"] == 2
    assert len(history["loss"]) == 1


@pytest.mark.parametrize(
    ("monitor", "hint"),
    [
        ("val_loss", "got 'val_loss'; there are no validation data$"),
        ("acuracy", "'acuracy'; did you mean 'accuracy'\\?$"),
        ("thing", "got 'thing'$"),
    ],
)
def test_early_stopping_says_what_may_have_been_meant(monitor, hint):
    with pytest.raises(ValueError, match=hint):
        model().fit(X, labels, callbacks=[nn.EarlyStopping(monitor, mode="max")], verbose=0)


def test_early_stopping_knows_that_there_are_validation_data():
    stopping = nn.EarlyStopping("val_acuracy", mode="max")
    with pytest.raises(ValueError, match=r"'val_acuracy'; did you mean 'val_accuracy'\?$"):
        model().fit(X, labels, validation_data=(X, labels), callbacks=[stopping], verbose=0)


def test_early_stopping_says_so_too_where_it_cannot_tell_what_is_better():
    with pytest.raises(ValueError, match=r"alone; did you mean 'accuracy'\?$"):
        model().fit(X, labels, callbacks=[nn.EarlyStopping("val_acuracy")])
    with pytest.raises(ValueError, match=r"alone; did you mean 'loss'\?$"):
        model().fit(X, labels, callbacks=[nn.EarlyStopping("val_los")])
    with pytest.raises(ValueError, match=r"f1_score alone$"):
        model().fit(X, labels, callbacks=[nn.EarlyStopping("something")])


def test_divergence_has_an_error_of_its_own():
    network = nn.Sequential([nn.Input((1,)), nn.Dense(1)])
    network.compile(nn.SGD(1e30), "mse")
    with pytest.raises(nn.DivergedError, match="in epoch 6") as caught:
        network.fit(X, X, epochs=9, initial_epoch=4, verbose=0)
    assert isinstance(caught.value, RuntimeError)
    assert caught.value.epoch == 5
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), again.epoch, str(again)) == (nn.DivergedError, 5, str(caught.value))
