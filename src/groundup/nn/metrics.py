"""Metrics: what people want to know, which a gradient can't descend.

A metric is a few counts, which add up over batches, and what follows from their sums.
"""

import numpy as np

from groundup.nn.arguments import number
from groundup.nn.arrays import pairs
from groundup.nn.config import Configured, lookup


class Metric(Configured):
    """Called with targets, as the loss encodes them (one-hot, say), and predictions, gives their value.

    Vectors (m,) are taken as columns (m, 1).

    Raises:
        TypeError: they aren't real numbers.
        ValueError: targets and predictions aren't of one shape, or there are none.
    """

    def counts(self, Y: np.ndarray, Y_hat: np.ndarray) -> np.ndarray:
        """What adds up over batches, for targets and predictions of shape (m, k)."""
        raise NotImplementedError

    def value(self, counts: np.ndarray) -> float:
        """The metric, from the sums of the counts."""
        raise NotImplementedError

    def __call__(self, Y: np.ndarray, Y_hat: np.ndarray) -> float:
        Y, Y_hat = pairs(Y, Y_hat, type(self).__name__)
        Y, Y_hat = (A.reshape(-1, 1) if A.ndim < 2 else A for A in (Y, Y_hat))
        return self.value(self.counts(Y, Y_hat))


class Share(Metric):
    """The share of predictions that are right; of none, 0."""

    def right(self, Y: np.ndarray, Y_hat: np.ndarray) -> np.ndarray:
        """For each prediction, whether it's right."""
        raise NotImplementedError

    def counts(self, Y, Y_hat):
        right = self.right(Y, Y_hat)
        return np.array([np.count_nonzero(right), right.size])

    def value(self, counts):
        return float(counts[0] / max(counts[1], 1))


class BinaryAccuracy(Share):
    """The share of outputs that are right: yes where the target is above a half, no elsewhere.

    Args:
        threshold: an output above it is yes; for scores, 0. By its name, ``"binary_accuracy"``, the
            metric has that of the loss.
    """

    def __init__(self, *, threshold: float = 0.5):
        self.threshold = number(threshold, "BinaryAccuracy expected a threshold")

    def right(self, Y, Y_hat):
        return (Y > 0.5) == (Y_hat > self.threshold)


class CategoricalAccuracy(Share):
    """The share of examples whose largest output is that of the true class.

    Raises:
        ValueError: there is a single output, so no class to choose.
    """

    def right(self, Y, Y_hat):
        if Y_hat.shape[-1] < 2:
            raise ValueError(
                "CategoricalAccuracy expected an output for each class, got a single one"
            )
        return Y.argmax(axis=-1) == Y_hat.argmax(axis=-1)


class Accuracy(Share):
    """What the name ``"accuracy"`` means: categorical accuracy, or binary for a single output.

    In a model, the threshold of the latter is that of the loss: 0 for scores, else a half. Keras's class
    of this name is another thing.
    """

    threshold = 0.5
    settable = ("threshold",)

    def right(self, Y, Y_hat):
        several = Y_hat.shape[-1] > 1
        metric = CategoricalAccuracy() if several else BinaryAccuracy(threshold=self.threshold)
        return metric.right(Y, Y_hat)


class Decisions(Metric):
    """What precision, recall and F1 are made of: true positives, false positives, false negatives.

    An output above 0.5 is a yes; in a model whose loss takes scores, one above 0. A value of no examples,
    0 / 0, is 0.

    Example:
        >>> from groundup import nn
        >>> Y = np.array([[1], [1], [0], [0], [0]])
        >>> Y_hat = np.array([[0.9], [0.2], [0.8], [0.7], [0.6]])
        >>> nn.Precision()(Y, Y_hat), nn.Recall()(Y, Y_hat)
        (0.25, 0.5)
    """

    threshold = 0.5
    settable = ("threshold",)

    def counts(self, Y, Y_hat):
        true, said = Y > 0.5, Y_hat > self.threshold
        return np.array(
            [np.count_nonzero(which) for which in (true & said, ~true & said, true & ~said)]
        )

    def value(self, counts):
        hits, of = self.ratio(*map(float, counts))
        return hits / of if of else 0.0

    def ratio(self, hits: float, false_alarms: float, misses: float) -> tuple[float, float]:
        """Numerator and denominator of the value."""
        raise NotImplementedError


class Precision(Decisions):
    """Of those that were called positive, the share that is."""

    def ratio(self, hits, false_alarms, misses):
        return hits, hits + false_alarms


class Recall(Decisions):
    """Of those that are positive, the share that was called so."""

    def ratio(self, hits, false_alarms, misses):
        return hits, hits + misses


class F1Score(Decisions):
    """The harmonic mean of precision and recall; Keras's with ``average="micro", threshold=0.5``."""

    def ratio(self, hits, false_alarms, misses):
        return 2 * hits, 2 * hits + false_alarms + misses


NAMES = {
    "accuracy": Accuracy,
    "binary_accuracy": BinaryAccuracy,
    "categorical_accuracy": CategoricalAccuracy,
    "precision": Precision,
    "recall": Recall,
    "f1_score": F1Score,
}


class Totals:
    """Loss and metrics over several batches.

    Args:
        metrics: the metrics by name.
    """

    def __init__(self, metrics: dict[str, Metric]):
        self.metrics, self.loss, self.examples = metrics, 0.0, 0
        self.counts = dict.fromkeys(metrics, 0)

    def add(
        self, loss: float, Y: np.ndarray, Y_hat: np.ndarray, mask: np.ndarray | None = None
    ) -> None:
        """Add a batch, of targets and predictions; metrics are of the steps that a mask says count."""
        self.loss += loss * len(Y)
        self.examples += len(Y)
        if mask is not None:
            Y, Y_hat = Y[mask], Y_hat[mask]
        for name, metric in self.metrics.items():
            self.counts[name] = self.counts[name] + metric.counts(Y, Y_hat)

    def values(self) -> dict[str, float]:
        """The mean loss, and the metrics."""
        found = {name: m.value(self.counts[name]) for name, m in self.metrics.items()}
        return {"loss": float(self.loss / self.examples), **found}


def get_all(identifiers, threshold: float = 0.5) -> dict[str, Metric]:
    """The metrics of these names, or these metrics, each under its name; None is none.

    Args:
        identifiers: a list of names and objects.
        threshold: what separates yes from no, for those that have no threshold of their own.

    Raises:
        TypeError: it's no list.
        ValueError: nothing has one of these names, or two metrics have the same.
    """
    if isinstance(identifiers, str | Metric):
        raise TypeError(f"expected a list of metrics, got {identifiers!r}; write [{identifiers!r}]")
    if not isinstance(identifiers, list | tuple | None):
        raise TypeError(f"expected a list of metrics, got {identifiers!r}")
    classes = {cls: name for name, cls in NAMES.items()}
    found: dict[str, Metric] = {}
    for identifier in identifiers or ():
        metric = lookup(Metric, "metric", identifier, NAMES)
        takes_it = isinstance(metric, Accuracy | Decisions) and "threshold" not in vars(metric)
        if takes_it or identifier == "binary_accuracy":
            metric.threshold = threshold
        name = classes.get(type(metric), type(metric).__name__)
        if name in found:
            raise ValueError(f"expected each metric once, got {name!r} twice")
        found[name] = metric
    return found
