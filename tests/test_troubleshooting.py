"""The troubleshooting page: its words are really said today, and its links lead to sections."""

import re
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest

from groundup import nn

BOOK = Path(__file__).parents[1] / "book"
PAGE = (BOOK / "reference" / "troubleshooting.md").read_text("utf-8")
SAID, UNSAID = PAGE.split("## When nothing is said")
WORDS = [
    re.sub(r"^(`+) ?(.*?) ?\1$", r"\2", line.split(" | ")[0].removeprefix("| "))
    for line in SAID.splitlines()
    if line.startswith("| `")
]

X, LABELS = np.random.default_rng(0).uniform(size=(20, 784)).astype("float32"), np.arange(20) % 10
ONE_HOT = np.eye(10, dtype="float32")[LABELS]
SPARSE, ROWS_OF_ONE = "sparse_categorical_crossentropy", "categorical_crossentropy"


def model_in(library, loss=SPARSE, activation="softmax", outputs=10, shape=True):
    layers = library if library is nn else library.layers
    inputs = [library.Input((784,))] if shape else []
    model = library.Sequential([*inputs, layers.Dense(outputs, activation=activation)])
    model.compile("sgd", loss)
    return model


def fit(library, x=X, y=LABELS, **how):
    return lambda: model_in(library, **how).fit(x, y, verbose=0)


def diverge():
    model = model_in(nn, "mean_squared_error", None)
    model.compile(nn.SGD(100.0), "mean_squared_error")
    model.fit(X, ONE_HOT, epochs=200, verbose=0)


def scores(library):
    losses = library if library is nn else library.losses
    return losses.SparseCategoricalCrossentropy(from_logits=True)


PROVOKED = {
    "the model expected examples of shape": fit(nn, x=X.reshape(20, 28, 28)),
    "Invalid input shape for input": fit(keras, x=X.reshape(20, 28, 28)),
    "expected a batch of examples as rows": lambda: model_in(nn).predict(X[0]),
    "Input expected the shape of one example": lambda: nn.Input(784),
    "mismatch in its core dimension": lambda: X @ X,
    "operands could not be broadcast together": lambda: X + np.zeros(20),
    "expected a target for each of": fit(nn, y=LABELS[:10]),
    "Data cardinality is ambiguous": fit(keras, y=LABELS[:10]),
    "for labels there is SparseCategoricalCrossentropy": fit(nn, loss=ROWS_OF_ONE),
    "must have the same rank": fit(keras, loss=ROWS_OF_ONE),
    "for one-hot rows there is CategoricalCrossentropy": fit(nn, y=ONE_HOT),
    "must have rank (ndim) `target.ndim - 1`": fit(keras, y=ONE_HOT),
    "expected labels from 0 to": fit(nn, y=LABELS + 1),
    "which is outside the valid range of": fit(keras, y=LABELS + 1),
    "BinaryCrossentropy expected targets from 0 to 1": fit(
        nn, loss="binary_crossentropy", activation="sigmoid", outputs=1
    ),
    "expected an output for each class, got a single output": fit(
        nn, activation="sigmoid", outputs=1
    ),
    "expected several outputs to share the probability among": fit(
        nn, y=LABELS % 2, loss="binary_crossentropy", outputs=1
    ),
    "You are using a softmax over axis -1": fit(
        keras, y=LABELS % 2, loss="binary_crossentropy", outputs=1
    ),
    "expected scores, got the probabilities of Softmax": fit(nn, loss=scores(nn)),
    "received `from_logits=True`, but the `output` argument": fit(keras, loss=scores(keras)),
    "the model isn't built": lambda: model_in(nn, shape=False).count_params(),
    "but the layer isn't built": lambda: model_in(keras, shape=False).count_params(),
    "unknown activation": fit(nn, activation="relou"),
    "Could not interpret activation function identifier": fit(keras, activation="relou"),
    "training diverged in epoch": diverge,
    "invalid value encountered in divide": lambda: np.zeros(1) / np.zeros(1),
    "expected examples that are finite": fit(nn, x=X * np.nan),
    "overflow encountered in exp": lambda: np.exp(np.array([1000.0])),
    "divide by zero encountered in log": lambda: np.log(np.zeros(1)),
    # More than a processor can address, so that it's refused at once, whatever the system grants.
    "Unable to allocate": lambda: np.zeros((10**9, 10**9), "float32"),
}


def heard(what) -> list[str]:
    """The messages of an error or of warnings."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            what()
        except Exception as error:
            return [str(error)]
    return [str(warning.message) for warning in warned]


def test_every_row_has_its_provocation():
    assert list(PROVOKED) == WORDS


@pytest.mark.parametrize("words", WORDS)
def test_the_words_are_said(words):
    said = heard(PROVOKED[words])
    assert any(words in message for message in said), said


def test_a_message_that_is_not_said_is_noticed():
    assert heard(lambda: None) == []


def test_every_link_leads_to_a_section():
    chapters = "\n".join(
        path.read_text("utf-8") for path in BOOK.rglob("*.md") if "drafts" not in path.parts
    )
    labels = re.findall(r"^\(([\w-]+)\)=\n#+ ", chapters, re.MULTILINE)
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    rows = [line for line in rows if not re.match(r"\| (words|you see|---)", line)]
    linked = [re.search(r"\{ref\}`([\w-]+)` \|$", line)[1] for line in rows]
    assert set(linked) <= set(labels)
    assert len(labels) == len(set(labels))
