"""A small GPT, and an LSTM of its size, which learn what character comes next."""

import functools
from typing import NamedTuple

import numpy as np

from groundup import nn, runs
from groundup.models import text

SYMBOLS, WINDOW = text.CHARACTERS, text.LENGTH
BATCH, EPOCHS = 32, 10
RATE, LSTM_RATE = 0.004, 0.016  # where the learning rate is highest

LEFT_OUT = {"places": nn.PositionEmbedding, "attention": nn.MultiHeadAttention}


class Windows(NamedTuple):
    """Windows of Shakespeare, and for each character in them the one that follows, in three sets."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


@functools.cache
def windows() -> Windows:
    """The plays in windows of 64 characters: of the training text the last tenth is for validation, and
    the first character to be told there is the first of that tenth."""
    train, validation, test = text.split()
    stretches = train, np.append(train[-1:], validation), test
    return Windows(*(part for stretch in stretches for part in text.windows(stretch, WINDOW)))


def block(width: int, heads: int, mask: bool = True) -> list[nn.Layer]:
    """Attention, and behind it two dense layers; each adds to rows what it makes of them, normalized.

    Args:
        width: how many numbers a character has.
        heads: of the attention.
        mask: whether a character sees only itself and those before it.
    """
    attention = nn.MultiHeadAttention(heads, width // heads, use_causal_mask=mask)
    dense = [nn.Dense(4 * width, activation="gelu"), nn.Dense(width)]
    return [
        nn.Residual([nn.LayerNormalization(), attention]),
        nn.Residual([nn.LayerNormalization(), *dense]),
    ]


def layers_of_gpt(blocks: int, width: int, heads: int, mask: bool = True) -> list:
    """Characters and their places as vectors, some blocks, and a softmax.

    Args:
        blocks: how many there are.
        width: how many numbers a character has between the blocks.
        heads, mask: of each attention.
    """
    layers = [nn.Input((WINDOW,)), nn.Embedding(SYMBOLS, width)]
    layers.append(nn.Residual([nn.PositionEmbedding(WINDOW)]))
    for _ in range(blocks):
        layers += block(width, heads, mask)
    return [*layers, nn.LayerNormalization(), nn.Dense(SYMBOLS, activation="softmax")]


def make_gpt(
    steps: int, rate: float = RATE, blocks: int = 4, width: int = 64, heads: int = 2
) -> nn.Sequential:
    """A GPT, compiled.

    Args:
        steps: how many it will train for.
        rate: the highest learning rate.
        blocks, width, heads: of its layers.
    """
    return compiled(layers_of_gpt(blocks, width, heads), steps, rate)


def make_lesser(
    part: str, steps: int, rate: float = RATE, blocks: int = 4, width: int = 64
) -> nn.Sequential:
    """A GPT of which a part is left out, compiled.

    Args:
        part: ``"mask"``, ``"places"``, ``"attention"``, ``"normalization"`` or ``"shortcuts"``; the last
            two in the blocks.
        steps: how many it will train for.
        rate: the highest learning rate.
        blocks, width: of its layers.
    """
    kept = []
    for layer in layers_of_gpt(blocks, width, 2, mask=part != "mask"):
        inner = list(layer.layers) if isinstance(layer, nn.Residual) else []
        kinds = {type(one) for one in inner}
        if part == "normalization" and nn.LayerNormalization in kinds:
            kept.append(nn.Residual(inner[1:]))
        elif part == "shortcuts" and nn.LayerNormalization in kinds:
            kept += inner
        elif LEFT_OUT.get(part) not in kinds:
            kept.append(layer)
    return compiled(kept, steps, rate)


def make_lstm(
    steps: int, rate: float = LSTM_RATE, units: int = 191, width: int = 64
) -> nn.Sequential:
    """An LSTM with about as many parameters as the GPT, compiled.

    Args:
        steps: how many it will train for.
        rate: the highest learning rate.
        units: of the LSTM.
        width: how many numbers a character has.
    """
    layers = [
        nn.Input((WINDOW,)),
        nn.Embedding(SYMBOLS, width),
        nn.LSTM(units, return_sequences=True),
        nn.Dense(SYMBOLS, activation="softmax"),
    ]
    return compiled(layers, steps, rate)


def compiled(layers: list, steps: int, rate: float) -> nn.Sequential:
    """A network to be trained by Adam, whose rate rises for some steps, at most 100, and falls to zero.

    Args:
        layers: of the network.
        steps: how many it will train for.
        rate: the highest learning rate.
    """
    rise = min(100, steps // 10)
    schedule = nn.CosineDecay(0.0, steps - rise, warmup_target=rate, warmup_steps=rise)
    model = nn.Sequential(layers)
    model.compile(nn.Adam(schedule, global_clipnorm=1.0), "sparse_categorical_crossentropy")
    return model


def gpt_run(seed: int = 0) -> runs.Run:
    """The GPT, trained on all of the training text, or remembered.

    Args:
        seed: what its chance begins with.
    """
    return _run(make_gpt, "gpt", windows().x_train, windows().y_train, EPOCHS, seed)


def lstm_run(seed: int = 0) -> runs.Run:
    """The LSTM, trained as long on the same text, or remembered.

    Args:
        seed: what its chance begins with.
    """
    return _run(make_lstm, "gpt-lstm", windows().x_train, windows().y_train, EPOCHS, seed)


def overfitted_run(characters: int = 100_000, epochs: int = 16, seed: int = 0) -> runs.Run:
    """The same GPT, trained on the first so many characters alone, or remembered.

    Args:
        characters: how many.
        epochs: how often it sees them.
        seed: what its chance begins with.
    """
    few = characters // WINDOW
    x, y = windows().x_train[:few], windows().y_train[:few]
    return _run(make_gpt, "gpt-few", x, y, epochs, seed)


def _run(make, name: str, x, y, epochs: int, seed: int) -> runs.Run:
    steps = epochs * -(-len(x) // BATCH)
    watched = {"validation_data": windows()[2:4], "validation_batch_size": 100}
    how = {"name": name, "seed": seed, "epochs": epochs, "batch_size": BATCH, **watched}
    return runs.fit(functools.partial(make, steps), x, y, **how)
