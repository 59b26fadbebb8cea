"""A small encoder that learns from film reviews by filling gaps; MiniLM is made of the same parts."""

from itertools import accumulate

import keras
import numpy as np
from keras import layers, ops

from groundup import runs
from groundup.data import Dataset
from groundup.models import wordpiece

STEPS, GAPS, PIECES = 64, 20, 2000
EPOCHS, BATCH, RATE = 6, 16, 2e-3
FEWEST = 600  # steps: where rows are few, as of a stand-in, it sees them more often
CHARACTERS = 2_000_000


class TokensAndPlaces(layers.Layer):
    """A vector for each token, plus one for the place where it stands; both are learned.

    Args:
        pieces: how many tokens there are.
        places: how many places.
        width: how many numbers a vector has.
    """

    def __init__(self, pieces: int, places: int, width: int, **named):
        super().__init__(**named)
        self.pieces, self.places, self.width = pieces, places, width

    def build(self, input_shape) -> None:
        """Make the vectors: those of tokens small and random, those of places waves.

        Args:
            input_shape: (m, T).
        """
        start = keras.initializers.RandomNormal(stddev=0.02)
        of_token, of_place = (self.pieces, self.width), (self.places, self.width)
        self.of_token = self.add_weight(shape=of_token, initializer=start, name="of_token")
        self.of_place = self.add_weight(shape=of_place, initializer=waves, name="of_place")

    def call(self, tokens):
        """The vectors, (m, T, width).

        Args:
            tokens: whole numbers, (m, T).
        """
        return ops.take(self.of_token, tokens, axis=0) + self.of_place[: ops.shape(tokens)[1]]

    def get_config(self) -> dict:
        """The constructor's arguments."""
        own = {"pieces": self.pieces, "places": self.places, "width": self.width}
        return {**super().get_config(), **own}


def waves(shape: tuple[int, int], dtype: str | None = None) -> np.ndarray:
    """Sines and cosines of several wavelengths, larger than the vectors of tokens: the nearer two places,
    the more alike are their vectors.

    Args:
        shape: how many places, and how many numbers a vector has.
        dtype: of the numbers.
    """
    t, j = np.ogrid[: shape[0], : shape[1]]
    angles = t / 30 ** (2 * (j // 2) / shape[1])
    return (0.08 * np.where(j % 2, np.cos(angles), np.sin(angles))).astype(dtype or "float32")


class Guesses(layers.Layer):
    """Scores of all tokens for some of the places, from the states there: how well each token's own
    vector goes with the state, and how frequent it is.

    Args:
        vectors: the layer that has the tokens' vectors.
    """

    def __init__(self, vectors: TokensAndPlaces, **named):
        super().__init__(**named)
        self.vectors = vectors

    def build(self, *input_shapes) -> None:
        """Make the biases.

        Args:
            input_shapes: (m, T, width) and (m, gaps).
        """
        self.bias = self.add_weight(shape=(self.vectors.pieces,), initializer="zeros", name="bias")

    def call(self, states, places):
        """The scores, (m, gaps, pieces).

        Args:
            states: (m, T, width).
            places: where to guess, (m, gaps).
        """
        chosen = ops.one_hot(places, ops.shape(states)[1], dtype=states.dtype) @ states
        return chosen @ ops.transpose(self.vectors.of_token) + self.bias


def block(states, heads: int, seen=None, causal: bool = False):
    """Every place looks at the others, then thinks for itself; both are added, and normalized.

    Args:
        states: (m, T, d).
        heads: of attention, each with d / heads numbers.
        seen: which places may be looked at, (m, 1, T); None for all.
        causal: whether a place sees only itself and those before it.

    Returns:
        The new states, (m, T, d).
    """
    d = states.shape[-1]
    start = keras.initializers.RandomNormal(stddev=d**-0.5)
    attention = layers.MultiHeadAttention(heads, d // heads, kernel_initializer=start)
    looked = attention(states, states, attention_mask=seen, use_causal_mask=causal)
    states = layers.LayerNormalization(epsilon=1e-12)(states + looked)
    hidden = layers.Dense(4 * d, activation="gelu")(states)
    thought = layers.Dense(d)(hidden)
    return layers.LayerNormalization(epsilon=1e-12)(states + thought)


def make_filler(
    pieces: int = PIECES,
    causal: bool = False,
    width: int = 96,
    blocks: int = 2,
    heads: int = 4,
    rate: float = RATE,
    steps: int = 1000,
) -> keras.Model:
    """A small encoder with guesses on top, compiled: of tokens, (m, T), and places, (m, gaps), it makes
    scores, (m, gaps, pieces).

    Its keys begin as its queries do, so that a place looks first at what is like it: at places nearby.

    Args:
        pieces: the size of the vocabulary.
        causal: whether a place sees only itself and those before it, as in GPT.
        width, blocks, heads: its sizes.
        rate: the largest learning rate; it rises for a tenth of the steps and falls to zero.
        steps: how many steps it will train.
    """
    tokens, places = (keras.Input((None,), dtype="int32") for _ in range(2))
    vectors = TokensAndPlaces(pieces, STEPS, width)
    states = layers.LayerNormalization(epsilon=1e-12)(vectors(tokens))
    for _ in range(blocks):
        states = block(states, heads, causal=causal)
    model = keras.Model([tokens, places], Guesses(vectors, name="guesses")(states, places))
    for layer in model.layers:
        if isinstance(layer, layers.MultiHeadAttention):
            query, bias, _, *others = layer.get_weights()
            layer.set_weights([query, bias, query, *others])
    warm = max(1, steps // 10)
    falling = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warm), warmup_target=rate, warmup_steps=warm
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)  # :eq:`gap-loss`
    model.compile(keras.optimizers.Adam(falling), loss, jit_compile=False)
    return model


def with_gaps(
    rows: np.ndarray, pieces: int, gaps: int = GAPS, masked: float = 0.8, other: float = 0.1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of tokens with gaps at random places, by NumPy's global generator.

    Args:
        rows: whole numbers, (m, T).
        pieces: the size of the vocabulary.
        gaps: how many a row gets; never where a special token stands.
        masked: the share of the gaps that show [MASK].
        other: the share that show any token; the rest show the right one.

    Returns:
        The rows with gaps, (m, T), where these are, (m, gaps), and what stood there, (m, gaps).
    """
    lots = np.random.random(rows.shape) + (rows < len(wordpiece.SPECIAL))
    places = np.sort(np.argsort(lots, axis=1)[:, :gaps], axis=1)
    truth = np.take_along_axis(rows, places, axis=1)
    dice = np.random.random(places.shape)
    any_token = np.random.randint(len(wordpiece.SPECIAL), pieces, places.shape)
    shown = np.where(dice < masked + other, any_token, truth)
    shown = np.where(dice < masked, wordpiece.GAP, shown)
    hidden = rows.copy()
    np.put_along_axis(hidden, places, shown, axis=1)
    return hidden, places, truth


def pretrain(
    rows: np.ndarray,
    held: np.ndarray,
    pieces: int,
    causal: bool = False,
    epochs: int | None = None,
    rate: float = RATE,
) -> dict:
    """Train a small encoder to fill gaps, new ones in each epoch, or its twin to tell what comes next.

    Args:
        rows: of tokens to learn from, (m, T).
        held: others, whose loss is taken after each epoch.
        pieces: the size of the vocabulary.
        causal: whether it's the twin.
        epochs: how often it sees each row; None for six times, or more where rows are few.
        rate: the largest learning rate.

    Returns:
        ``weights``, the ``loss`` of each epoch, and ``held``, that of the held-out rows.
    """

    def asked(some):
        if not causal:
            return with_gaps(some, pieces)
        places = np.broadcast_to(np.arange(some.shape[1] - 1), (len(some), some.shape[1] - 1))
        return some[:, :-1], places, some[:, 1:]

    in_each = -(-len(rows) // BATCH)
    epochs = epochs or max(EPOCHS, FEWEST // in_each)
    steps = epochs * in_each
    model = make_filler(pieces, causal, rate=rate, steps=steps)
    shares = (np.bincount(rows.ravel(), minlength=pieces) + 1) / (rows.size + pieces)
    model.get_layer("guesses").bias.assign(np.log(shares))  # at first it guesses by frequency
    *questions, answers = asked(held)
    found = {"loss": [], "held": []}
    for _ in range(epochs):
        *shown, truth = asked(rows)
        history = model.fit(shown, truth, batch_size=BATCH, verbose=0).history
        found["loss"].append(history["loss"][0])
        found["held"].append(model.evaluate(questions, answers, batch_size=BATCH, verbose=0))
    return {"weights": model.get_weights(), **found}


def reading(imdb: Dataset) -> tuple[list[str], list[str]]:
    """The reviews that the small encoder reads: two million characters from the end of the training set;
    and 200 reviews before these, which it is asked about. No comparison uses any of them.

    Args:
        imdb: the reviews; of a stand-in, a third and a tenth of them.
    """
    texts = [str(text) for text in imdb.x_train[::-1]]
    lengths = accumulate(map(len, texts))
    read = sum(length <= CHARACTERS for length in lengths)
    read = min(read, len(texts) // 3)
    return texts[:read], texts[read : read + min(200, len(texts) // 10)]


def rows(texts: list[str], vocabulary: list[str]) -> np.ndarray:
    """Texts one after the other, each with [SEP] at its end, cut into rows of 64 tokens.

    Args:
        texts: the reviews.
        vocabulary: the pieces.

    Returns:
        Whole numbers, (m, 64).
    """
    numbers = wordpiece.numbered(vocabulary)
    tokens = [n for text in texts for n in (*wordpiece.encode(text, numbers), wordpiece.END)]
    return np.array(tokens[: len(tokens) // STEPS * STEPS], np.int32).reshape(-1, STEPS)


def filler(trained: runs.Outcome, pieces: int, causal: bool = False) -> keras.Model:
    """The trained model again.

    Args:
        trained: what ``runs.remember`` gave for ``pretrain``.
        pieces, causal: as there.
    """
    model = make_filler(pieces, causal)
    model.set_weights(trained.result["weights"])
    return model
