"""Praise or blame: a neuron that reads features of reviews, and bags of words as such features."""

import time

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

STRENGTHS = (1.0, 10.0, 100.0)  # of a neuron's weights: the larger, the less they are held back


def fitted(x, y, x_validation, y_validation) -> LogisticRegression:
    """A neuron that learns from features, with the strength that does best on the validation set.

    Args:
        x, y: features and labels to learn from.
        x_validation, y_validation: others, to choose the strength by.
    """
    heads = [LogisticRegression(C=strength, max_iter=2000).fit(x, y) for strength in STRENGTHS]
    return max(heads, key=lambda head: head.score(x_validation, y_validation))


def few_labels(x, y, x_new, y_new, sizes: list[int], repeats: int = 5) -> np.ndarray:
    """How many new reviews such a neuron reads right, by how many labelled ones it learned from.

    Args:
        x, y: features and labels of reviews.
        x_new, y_new: of new ones.
        sizes: how many labelled reviews it gets; the last fifth of these chooses the strength.
        repeats: how often, each time with others of the labelled reviews.

    Returns:
        Shares of the new reviews, (sizes, repeats).
    """
    found = np.empty((len(sizes), repeats))
    for repeat in range(repeats):
        order = np.random.default_rng(repeat).permutation(len(y))
        for row, size in enumerate(sizes):
            learn, choose = np.split(order[:size], [size * 4 // 5])
            head = fitted(x[learn], y[learn], x[choose], y[choose])
            found[row, repeat] = head.score(x_new, y_new)
    return found


def count_words(texts: list[str], y, new: list[str], y_new, sizes: list[int]) -> dict:
    """The same with bags of words: how often each word stands in a review, weighted down the more reviews
    have it. Which words there are, and their weights, are learned from all texts, for it needs no labels.

    Args:
        texts, y: reviews, words with spaces between them, and labels.
        new, y_new: new ones.
        sizes: see ``few_labels``.

    Returns:
        ``shares``, see ``few_labels``; ``words``, how many there are; ``seconds``, what counting took
        and learning once from all.
    """
    clock = time.process_time()
    counter = TfidfVectorizer(min_df=2, sublinear_tf=True, token_pattern=r"\S+")
    x, x_new = counter.fit_transform(texts), counter.transform(new)
    cut = len(texts) * 4 // 5
    fitted(x[:cut], y[:cut], x[cut:], y[cut:])
    seconds = time.process_time() - clock
    shares = few_labels(x, y, x_new, y_new, sizes)
    return {"shares": shares, "words": x.shape[1], "seconds": seconds}
