"""The equations of the chapter on measuring and debugging."""

import numpy as np
import pytest
from sklearn import metrics
from tests.equations.checks import agree, same
from tests.equations.evaluation import Counted

from groundup import nn

RNG = np.random.default_rng(0)
CLASSES = 3
TRUE, SAID = RNG.integers(CLASSES, size=(2, 60))
COUNTS = metrics.confusion_matrix(TRUE, SAID)


def values(**more):
    return {"C": COUNTS, "K": CLASSES, **more}


def judge(book, label, oracle, ours):
    """The book's measure for each class, scikit-learn's, and the engine's."""
    name = {"f1-score": r"\operatorname{F1}"}.get(label, rf"\operatorname{{{label}}}")
    of_each = oracle(TRUE, SAID, average=None)
    for k in range(CLASSES):
        engine = ours(np.float64(k == TRUE), np.float64(k == SAID))
        same(of_each[k], engine, "scikit-learn and the engine")

    def measure(k):
        return of_each[k - 1]

    agree(book[label], values(**{name: measure}), k=range(1, CLASSES + 1))


@pytest.mark.equation("recall")
def test_recall_looks_along_a_row(book):
    judge(book, "recall", metrics.recall_score, nn.Recall())


@pytest.mark.equation("precision")
def test_precision_looks_down_a_column(book):
    judge(book, "precision", metrics.precision_score, nn.Precision())


@pytest.mark.equation("f1-score")
def test_f1_is_a_harmonic_mean(book):
    judge(book, "f1-score", metrics.f1_score, nn.F1Score())
    recall, precision = (
        f(TRUE, SAID, average=None) for f in (metrics.recall_score, metrics.precision_score)
    )
    same(2 / (1 / recall + 1 / precision), metrics.f1_score(TRUE, SAID, average=None), "the means")


@pytest.mark.equation("loss-of-frequency")
def test_who_knows_the_frequency_only_pays_the_entropy(book):
    targets = np.float64(np.arange(40) < 3)[:, None]
    loss = nn.BinaryCrossentropy()
    shares = np.linspace(0.001, 0.999, 999)
    paid = [loss.forward(targets, np.full_like(targets, share)) for share in shares]
    assert abs(shares[np.argmin(paid)] - targets.mean()) < 1e-3
    least = loss.forward(targets, np.full_like(targets, targets.mean()))
    agree(book["loss-of-frequency"], {"L": least, r"\bar y": targets.mean()}, code=least)


@pytest.mark.equation("training-memory")
def test_memory_is_counted_from_the_arrays(book):
    sizes, m = (5, 4, 3, 2), 7
    model = nn.Sequential([nn.Input(sizes[:1]), *(nn.Dense(n, "relu") for n in sizes[1:])])
    model.compile("sgd", "mean_squared_error")
    X = RNG.normal(size=(m, sizes[0])).astype("float32")
    outputs = [X]
    for layer in model.layers:
        outputs.append(layer.activation.forward(layer.forward(outputs[-1])))
    gradients = model.gradients(X, np.zeros((m, sizes[-1])))
    kept = [model.parameters, gradients, *outputs]
    agree(
        book["training-memory"],
        {
            "B": sum(array.nbytes for array in kept),
            "N": 3,
            "n": Counted(np.array(sizes), (0,)),
            "m": m,
        },
    )
