"""A small book with live figures and a stepper."""

import base64
import json

import numpy as np
import pytest
from tests.book.small import ROOT, Book, must_pass

from groundup import nn
from groundup.page import transformers
from groundup.sphinxext.pages import live

SOURCES = ROOT / "book" / "_assets" / "live"
# But for what a build has written there.
SCRIPTS = {path.stem: path for path in sorted(SOURCES.glob("*.js")) if ".weights." not in path.name}
FIGURES = live.figures(SCRIPTS)
STILLS = 4
CELL = f"""
from groundup import figures
stills = [figures.axes(height=2) for _ in range({STILLS})]
for power, ax in enumerate(stills):
    ax.plot([0, 1, 2], [0, 1, 2**power])
long = "Steeper, " + "with more words than the others, " * 5 + "and so higher."
captions = ["Flat.", "$y = x$.", long, "Steepest."]
figures.steps(stills, captions, [f"A line to {{2**n}}." for n in range(len(stills))])
"""
WORDS = "Words that a reader scrolls over to come to what stands below, line by line. " * 40


def packed(layers: list[dict], *arrays) -> tuple[dict, str]:
    """What a file of weights says of a network, and its numbers."""
    numbers = np.concatenate([np.ravel(array) for array in arrays]).astype("<f2")
    return {"layers": layers, "note": ""}, base64.b64encode(numbers.tobytes()).decode()


def simple_network() -> tuple[dict, str]:
    """One that takes everything for a 9 or a 4, and for a 4 what has ink far above the middle."""
    filters, W = np.zeros((3, 3, 1, 8)), np.zeros((28, 28, 8, 10))
    filters[1, 1, 0] = np.arange(1, 9) / 8
    W[3:10, :, 7, 4] = 1
    layers = [
        {"shape": [3, 3, 1, 8], "same": True, "activation": "relu"},
        {"shape": [28, 28, 8, 10], "same": False, "activation": "softmax"},
    ]
    return packed(layers, filters, np.zeros(8), W, [0, 0, 0, 0, 7, 0, 0, 0, 0, 8])


CHARACTERS = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def simple_writer() -> tuple[dict, str]:
    """One whose state says whether the last character was a q: then there comes a u, else mostly an e."""
    E, W, U = np.zeros((65, 1)), np.array([[0, 0, 10, 0]]), np.zeros((1, 4))
    E[CHARACTERS.index("q")] = 1
    V, c = np.zeros((1, 65)), np.zeros(65)
    V[0, CHARACTERS.index("u")] = 30
    c[[CHARACTERS.index("e"), CHARACTERS.index(" ")]] = 5, 3
    layers = [{"embedding": [65, 1]}, {"lstm": [1, 1]}, {"dense": [1, 65]}]
    return packed(layers, E, W, U, [10, -10, 0, 10], V, c)


def simple_reader() -> tuple[dict, str]:
    """A GPT whose second head looks at the character before, and its first at all alike; after everything
    there comes an e.
    """
    attention = nn.MultiHeadAttention(2, 64, use_causal_mask=True)
    model = nn.Sequential([
        nn.Input((64,)),
        nn.Embedding(65, 64),
        nn.Residual([nn.PositionEmbedding(64)]),
        nn.Residual([nn.LayerNormalization(), attention]),
        nn.LayerNormalization(),
        nn.Dense(65, activation="softmax"),
    ])  # fmt: skip
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    model.layers[1].layers[0].W[:] = np.eye(64)
    for normalization in (model.layers[2].layers[0], model.layers[3]):
        normalization.gamma[:] = 1
    attention.W_query[:, 1], attention.W_key[:, 1] = 20 * np.eye(64, k=-1), np.eye(64)
    model.layers[-1].b[[43, 1]] = 5, 3  # e, and a space
    layers, arrays = zip(
        *((told, arrays) for told, *arrays in transformers.layers(model)), strict=True
    )
    return packed([*layers], *(array for of_layer in arrays for array in of_layer))


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the built pages: one with each figure and a stepper, far below; one without."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GROUNDUP_RUNS", str(tmp_path_factory.mktemp("runs")))
        patch.setenv("GROUNDUP_DATA", "stand-in")
        book = Book(tmp_path_factory.mktemp("book"))
        for name, (facts, text) in {
            "attention": simple_reader(),
            "digits": simple_network(),
            "writing": simple_writer(),
        }.items():
            weights = book.folder / "book" / "_assets" / "live" / f"{name}.weights.js"
            weights.write_text(f"groundup.live.weights('{name}', {json.dumps(facts)}, '{text}');\n")
        figures = "".join(
            f"## About {name}\n\n```{{live}} {name}\n:alt: What {name} shows first.\n\n"
            f"What to see in {name}, as $x$ says.\n```\n\n{WORDS}\n\n"
            for name in FIGURES
        )
        prose = f"{WORDS}\n\n{WORDS}\n\n{figures}## The end\n\nThe last words.\n\n{WORDS}\n"
        book.cells(
            "1 + 1", prose=f"{WORDS}\n\n{WORDS}\n\n```{{code-cell}} python3\n{CELL}\n```\n\n{prose}"
        )
        must_pass(book.build())
    return book.folder / "_build" / "html" / "book"
