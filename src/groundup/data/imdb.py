"""Reviews of films, praise or blame; sentences put together by code stand in for them."""

import json
from pathlib import Path

import numpy as np

from groundup.data import sources
from groundup.data.dataset import Dataset, Description

REVIEWS = "imdb.npz"
WORDS = "imdb_word_index.json"
WORDS_SHA256 = "027313fe9a320280f3bf0fac5baf58c4a683cf39a7ed9c3d3d3912bde4284cf6"
CLASSES = ("negative", "positive")
DESCRIPTION = Description(
    name="imdb",
    title="IMDB reviews of films",
    source="Andrew Maas and others, Stanford; distributed by Keras",
    licence="none stated",
    citation="Maas, Daly, Pham, Huang, Ng and Potts (2011), Learning word vectors for sentiment analysis",
    sha256="69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    classes=CLASSES,
)
STAND_IN = Description(
    name="imdb",
    title="Sentences about films, put together by code",
    source="made by groundup.data.imdb",
    licence="CC0",
    citation="nothing: code writes them",
    classes=CLASSES,
)


def _download_reviews() -> None:
    import keras

    keras.datasets.imdb.load_data(REVIEWS)


def _download_words() -> None:
    import keras

    keras.datasets.imdb.get_word_index(WORDS)


def _from_mirror() -> Path:
    sources.from_mirror(WORDS, WORDS_SHA256)
    return sources.from_mirror(REVIEWS, DESCRIPTION.sha256).parent


def _from_original() -> Path:
    host = "storage.googleapis.com"
    sources.from_original(WORDS, WORDS_SHA256, host, _download_words)
    return sources.from_original(REVIEWS, DESCRIPTION.sha256, host, _download_reviews).parent


SOURCES = {"mirror": _from_mirror, "original source": _from_original}


def read(path: Path) -> dict[str, np.ndarray]:
    """25,000 reviews to train and 25,000 to test, in an order that mixes praise and blame.

    Each x is a text of words in small letters with single spaces between, without punctuation, each y
    1 for praise and 0 for blame: x is (25000,) of numpy.dtypes.StringDType, y (25000,) uint8. The
    order is one permutation of the file's for each set, always the same.

    Args:
        path: the folder with both files, which ``sources`` has verified: the reviews are unpickled.
    """
    ranks = json.loads((path / WORDS).read_text(encoding="utf-8"))
    words = {rank: word for word, rank in ranks.items()}
    found = {}
    with np.load(path / REVIEWS, allow_pickle=True) as arrays:
        for part in ("train", "test"):
            reviews, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
            order = np.random.default_rng(0).permutation(len(labels))
            texts = [" ".join([words[rank] for rank in reviews[n]]) for n in order]
            found[f"x_{part}"] = np.array(texts, np.dtypes.StringDType())
            found[f"y_{part}"] = labels[order].astype(np.uint8)
    return found


def stand_in(notes: tuple[str, ...] = ()) -> Dataset:
    """800 reviews of a few sentences in IMDB's form, 200 of them to test, half of each in praise.

    A review's sentences nearly all say what its label says; one in six says the opposite.
    """
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.arange(800) % 2).astype(np.uint8)
    reviews = np.array([_review(rng, label) for label in labels], np.dtypes.StringDType())
    cut = 600
    return Dataset(
        STAND_IN,
        "stand-in",
        x_train=reviews[:cut],
        y_train=labels[:cut],
        x_test=reviews[cut:],
        y_test=labels[cut:],
        notes=notes,
    )


THINGS = (
    *(
        "the story",
        "the plot",
        "the acting",
        "the music",
        "the ending",
        "every scene",
        "the camera",
    ),
    *("the script", "the hero", "the villain", "the first half", "the last hour", "the dialogue"),
)
VERBS = ("is", "was", "felt", "seemed", "looked", "turned out")
ADVERBS = ("", "really ", "quite ", "so ", "truly ", "rather ", "very ", "simply ")
VERDICTS = (
    ("dull", "awful", "boring", "weak", "terrible", "stupid", "poor", "flat", "tired", "bad"),
    ("great", "moving", "superb", "funny", "fresh", "clever", "lovely", "strong", "warm", "good"),
)
ENDS = (
    ("i left early", "what a waste of time", "avoid it", "do not watch this film"),
    ("i loved it", "what a film", "see it twice", "i watched it again at once"),
)


def _review(rng: np.random.Generator, label: int) -> str:
    sentences = []
    for _ in range(rng.integers(3, 8)):
        says = label if rng.random() > 1 / 6 else 1 - label
        parts = map(rng.choice, (THINGS, VERBS, ADVERBS, VERDICTS[says]))
        thing, verb, adverb, verdict = parts
        sentences.append(f"{thing} {verb} {adverb}{verdict}")
    return " ".join([*sentences, rng.choice(ENDS[label])])
