"""Networks that write plays of Shakespeare on, one character after the other."""

import copy
import dataclasses
import functools

import keras
import numpy as np

from groundup import nn, runs
from groundup.models.text import CHARACTERS, LENGTH, as_numbers, as_text, split, windows

BATCH, EPOCHS = 32, 16
RATE, DROPOUT = 0.02, 0.2
TRIAL = 8  # epochs of a shorter training


def make_lstm(rate: float = RATE, steps: int = 7056, dropout: float = DROPOUT) -> nn.Sequential:
    """An embedding, an LSTM and a softmax over all characters, in the engine, compiled.

    Args:
        rate: the learning rate that training begins with.
        steps: in which it falls to zero.
        dropout: which share of the LSTM's outputs is switched off while it trains.
    """
    model = nn.Sequential(
        [
            nn.Input((LENGTH,)),
            nn.Embedding(CHARACTERS, 32),
            nn.LSTM(128, return_sequences=True),
            nn.Dropout(dropout),
            nn.Dense(CHARACTERS, activation="softmax"),
        ]
    )
    falling = nn.CosineDecay(rate, steps)
    model.compile(nn.Adam(falling), "sparse_categorical_crossentropy")
    return model


def make_keras_lstm(rate: float = RATE, steps: int = 7056, dropout: float = DROPOUT) -> keras.Model:
    """The same network in Keras, compiled.

    Args:
        rate, steps, dropout: as for ``make_lstm``.
    """
    model = keras.Sequential(
        [
            keras.Input((LENGTH,), dtype="int32"),
            keras.layers.Embedding(CHARACTERS, 32),
            keras.layers.LSTM(128, return_sequences=True),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(CHARACTERS, activation="softmax"),
        ]
    )
    falling = keras.optimizers.schedules.CosineDecay(rate, steps)
    model.compile(keras.optimizers.Adam(falling), "sparse_categorical_crossentropy")
    return model


def steps_of(examples: int, epochs: int = 1) -> int:
    """How many steps so many epochs take."""
    return epochs * -(-examples // BATCH)


def shuffled() -> tuple[np.ndarray, np.ndarray]:
    """The windows of the training text in one random order, so that a part of them is of all plays."""
    x, y = windows(split().train)
    order = np.random.default_rng(0).permutation(len(x))
    return x[order], y[order]


def checkpoints(
    epochs: int = EPOCHS, rate: float = RATE, dropout: float = DROPOUT, seed: int = 0
) -> list[runs.Run]:
    """One training of the engine's network, as it was after an eighth of an epoch, after one, and at its
    end, trained or remembered.

    Args:
        epochs: how often it sees the training text.
        rate, dropout: as for ``make_lstm``.
        seed: what its chance begins with.
    """
    x, y = shuffled()
    eighth = len(x) // 8
    parts = (eighth, 1), (len(x) - eighth, 1), (len(x), epochs - 1)
    steps = sum(steps_of(*part) for part in parts)
    known = {"seed": seed, "batch_size": BATCH, "validation_data": windows(split().validation)}
    name = f"writing-{epochs}-epochs-dropout-{dropout}"
    make = functools.partial(make_lstm, rate, steps, dropout)
    first = _kept(runs.fit(make, x[:eighth], y[:eighth], name=f"{name}-begins", **known))
    second, rest = copy.deepcopy(first.model), (x[eighth:], y[eighth:])
    second = _kept(runs.fit(second, *rest, name=f"{name}-first-epoch", **known))
    last = copy.deepcopy(second.model)
    return [first, second, runs.fit(last, x, y, name=name, epochs=epochs - 1, **known)]


def _kept(run: runs.Run) -> runs.Run:
    """The run with a model that nothing else trains on."""
    return dataclasses.replace(run, model=copy.deepcopy(run.model))


def lstm_run(seed: int = 0) -> runs.Run:
    """The engine's network after all its epochs, trained or remembered; its history begins with the
    second epoch.

    Args:
        seed: what its chance begins with.
    """
    return checkpoints(seed=seed)[-1]


def keras_run(epochs: int = TRIAL, seed: int = 0) -> runs.Run:
    """Keras's network after some epochs of the same windows, trained or remembered.

    Args:
        epochs: how often it sees the training text.
        seed: what its chance begins with.
    """
    x, y = shuffled()
    make = functools.partial(make_keras_lstm, RATE, steps_of(len(x), epochs), DROPOUT)
    known = {"batch_size": BATCH, "validation_data": windows(split().validation)}
    return runs.fit(make, x, y, name="writing-keras", seed=seed, epochs=epochs, **known)


def in_engine(model: keras.Model) -> nn.Sequential:
    """The engine's network with the weights of Keras's, whose layers have theirs in the same order."""
    found = make_lstm()
    found.set_weights(model.get_weights())
    return found


def log_probabilities(model: nn.Sequential, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The logarithms of what a network gives to the characters that come, step by step from a state of
    zeros.

    Args:
        model: the network, of the engine.
        x: sequences of any length, (m, steps).
        y: what follows each of their characters, (m, steps).

    Returns:
        (m, steps).
    """
    model.reset_states()
    rows, found = np.arange(len(x)), []
    for now, after in zip(x.T, y.T, strict=True):
        p = model.step(now)
        found.append(np.log(np.maximum(p[rows, after], 1e-30)))
    model.reset_states()
    return np.transpose(found)


def carried(model: nn.Sequential, text: np.ndarray, streams: int = 32) -> float:
    """The loss on a text in nats per character, :eq:`nats`, with a state that is carried on to its end.

    The text is cut into a few long stretches, which go side by side; so only the beginning of each lacks
    what came before.

    Args:
        model: the network, of the engine.
        text: numbers of characters, (n,).
        streams: how many stretches.
    """
    length = (len(text) - 1) // streams
    return float(-log_probabilities(model, *windows(text, length)).mean())


def at_temperature(p: np.ndarray, T: float) -> np.ndarray:
    """Probabilities at a temperature, by :eq:`tempered`, from their logarithms, so that none vanishes.

    Args:
        p: rows of probabilities, (m, k).
        T: the temperature.

    Returns:
        (m, k).
    """
    z = np.log(np.maximum(p, 1e-30, dtype=float)) / T
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def write(
    model: nn.Sequential,
    beginning: str,
    length: int,
    T: float = 1.0,
    seed: int = 0,
    copies: int = 1,
) -> list[str]:
    """Let a network write on: each character is drawn by its probability, then read as the next input.

    Args:
        model: the network, of the engine.
        beginning: what it reads first, a character or more.
        length: how many characters it writes.
        T: the temperature.
        seed: what chance begins with.
        copies: how many texts it writes side by side.

    Returns:
        The texts, without the beginning.
    """
    rng = np.random.default_rng(seed)
    model.reset_states()
    for number in as_numbers(beginning):
        p = model.step(np.full(copies, number))
    written = []
    for _ in range(length):
        ends = at_temperature(p, T).cumsum(axis=1)
        darts = rng.random((copies, 1)) * ends[:, -1:]
        numbers = (darts < ends).argmax(axis=1)  # the first interval that ends beyond the dart
        written.append(numbers)
        p = model.step(numbers)
    model.reset_states()
    return [as_text(row) for row in np.transpose(written)]
