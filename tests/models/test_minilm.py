"""MiniLM in our layers: its embeddings are those of the library that its makers use."""

import json
from pathlib import Path

import numpy as np
import pytest

from groundup.models import minilm, wordpiece

KEPT = json.loads((Path(__file__).parents[2] / "benchmarks" / "minilm.json").read_text("utf-8"))
needs_weights = pytest.mark.skipif(
    not minilm.is_installed(), reason="the weights of MiniLM aren't installed: make minilm"
)


@needs_weights
def test_embeddings_are_those_of_sentence_transformers():
    assert KEPT["weights_sha256"] == minilm.SHA256["model.safetensors"]
    found = minilm.embed(KEPT["sentences"])
    np.testing.assert_allclose(found, KEPT["vectors"], atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


@needs_weights
def test_padding_changes_nothing():
    short = KEPT["sentences"][:2]
    np.testing.assert_allclose(minilm.embed(short, 16), minilm.embed(short, 40), atol=1e-5)


@needs_weights
def test_what_is_read_is_the_original():
    assert minilm.vocabulary()["[MASK]"] == 103
    assert len(minilm.vocabulary()) == 30522


NUMBERS = {"[PAD]": 0, "[CLS]": 1, "[SEP]": 2, "[UNK]": 3, "good": 4, "film": 5, "##s": 6}


def test_rows_of_tokens_begin_end_and_are_padded():
    found = minilm.tokens(["good films", "film " * 9], NUMBERS, 6)
    assert found.tolist() == [[1, 4, 5, 6, 2, 0], [1, 5, 5, 5, 5, 2]]


def test_the_beginning_is_what_is_read():
    text = "good films good film films"
    for steps in range(3, 12):
        start = minilm.beginning(text, NUMBERS, steps)
        assert text.startswith(start)
        read = wordpiece.encode(text, NUMBERS)[: steps - 2]
        assert wordpiece.encode(start, NUMBERS)[: steps - 2] == read
        shorter = " ".join(start.split()[:-1])
        assert len(wordpiece.encode(shorter, NUMBERS)) < len(read)
