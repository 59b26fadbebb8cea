"""What goes with what: data with the model, its outputs with the loss, targets with metrics."""

import contextlib
import inspect
import numbers
import warnings
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from groundup.nn import activations, arrays
from groundup.nn.arguments import flag, fraction, meant, whole
from groundup.nn.callbacks import Callback
from groundup.nn.crossentropy import BinaryCrossentropy, CrossEntropy
from groundup.nn.layers.layer import Layer
from groundup.nn.loss import Loss
from groundup.nn.losses import Hinge
from groundup.nn.metrics import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    F1Score,
    Metric,
    Precision,
    Recall,
)

PROBABILITIES = {activations.Sigmoid, activations.Softmax}
NEVER_NEGATIVE = {
    *PROBABILITIES, activations.ReLU, activations.Softplus, activations.Step,
}  # fmt: skip
# What a row of them can't be made a distribution of by dividing it by its sum; softplus can.
SCORES = {
    activations.Linear, activations.Tanh, activations.ReLU, activations.LeakyReLU, activations.ELU,
    activations.GELU, activations.SiLU,
}  # fmt: skip
BINARY_SCORES = {*SCORES, activations.Softplus}
YES_OR_NO = {Accuracy, BinaryAccuracy, Precision, Recall, F1Score}


# What there is instead of arguments that Keras has besides.
INSTEAD = {
    "loss_weights": "a model has one output and one loss",
    "steps": "all examples are taken; give fewer",
    "steps_per_epoch": "an epoch takes every example once; give fewer examples, or more epochs",
    "validation_freq": "validation comes after every epoch",
    "validation_steps": "all validation data are taken; give fewer",
    "weighted_metrics": "metrics count every example alike",
}


def expect_none(others: dict, method: Callable) -> None:
    """Refuse arguments that a method doesn't have.

    Raises:
        TypeError: there is one; says what there is instead, or which may have been meant.
    """
    for name in others:
        parameters = inspect.signature(method).parameters.values()
        known = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
        instead = INSTEAD.get(name) or f"{meant(name, known)}there are {', '.join(known)}"
        raise TypeError(f"{method.__name__} has no argument {name!r}: {instead}")


def expect_arguments(
    epochs,
    verbose,
    callbacks,
    validation_split,
    validation_data,
    shuffle,
    class_weight,
    sample_weight,
    initial_epoch,
) -> None:
    """Refuse arguments of ``fit`` that aren't what it wants.

    Raises:
        TypeError: one is of another kind.
        ValueError: the same, or validation data aren't two or three, or there are weights of both kinds.
    """
    if not isinstance(epochs, numbers.Integral) or epochs < 0:
        raise ValueError(f"expected a whole number of epochs, at least 0, got {epochs!r}")
    whole(initial_epoch, "expected an initial_epoch")
    expect_verbose(verbose)
    fraction(validation_split, "expected a validation_split")
    flag(shuffle, "expected shuffle")
    if class_weight is not None and sample_weight is not None:
        raise ValueError("expected sample_weight or class_weight, got both")
    if not isinstance(callbacks, Sequence | None):
        raise TypeError(f"expected a list of callbacks, got {callbacks!r}")
    for callback in callbacks or ():
        if not isinstance(callback, Callback):
            raise TypeError(f"expected callbacks, got {callback!r}")
    if not isinstance(validation_data, tuple | list | None):
        raise TypeError(
            "expected validation data (x, y) or (x, y, sample_weight), got one "
            f"{type(validation_data).__name__}"
        )
    if validation_data is not None and len(validation_data) not in (2, 3):
        raise ValueError(
            "expected validation data (x, y) or (x, y, sample_weight), got "
            f"{len(validation_data)} parts"
        )


def expect_verbose(verbose) -> None:
    """Refuse what doesn't say how much is to be printed.

    Raises:
        ValueError: it's another thing.
    """
    if not isinstance(verbose, str | numbers.Integral) or verbose not in ("auto", 0, 1, 2):
        raise ValueError(f"expected verbose 'auto', 0, 1 or 2, got {verbose!r}")


@contextlib.contextmanager
def said_of(data: str) -> Iterator[None]:
    """Within it, an error says at its beginning which data it is about."""
    try:
        yield
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{data}: {error}") from error


def examples(x, dtype, input_shape: tuple[int, ...] | None) -> np.ndarray:
    """A batch of examples in the precision of a model.

    Args:
        x: an array or what makes one.
        dtype: the precision.
        input_shape: the shape of one example, if the model knows it.

    Raises:
        TypeError: they aren't an array of real numbers.
        ValueError: one isn't finite, there are none, or their shape is another.
    """
    X = arrays.numbers(x, "examples", dtype)
    single = X.shape == input_shape
    if X.ndim < 2 or len(X) == 0 or single:
        hint = "; of a single example x, x[None] is a batch" if single else ""
        if X.ndim == 1 and not single:
            hint = "; of examples with one feature, x[:, None]"
        raise ValueError(
            f"expected a batch of examples as rows, at least one, got shape {X.shape}{hint}"
        )
    if input_shape not in (None, X.shape[1:]):
        hint = ", from a tuple of several" if isinstance(x, tuple) else ""
        raise ValueError(
            f"the model expected examples of shape {input_shape}, got an input of shape {X.shape}{hint}"
        )
    return X


def warn_of_outputs(model) -> None:
    """Warn of what can't be meant, as Keras does in part, once a model is both built and compiled."""
    if model.parameters is None or model.optimizer is None:
        return
    for layer, shape in zip(model.layers, model.output_shapes, strict=True):
        if type(layer.activation) is activations.Softmax and shape[-1] == 1:
            _warn(
                "softmax expected several outputs to share the probability among, got a single one, "
                "which is always 1; for yes or no there is sigmoid"
            )
    loss, output = model.loss, _output(model.layers)
    name, kind = getattr(output, "__name__", ""), type(loss).__name__
    crossentropy, binary = isinstance(loss, CrossEntropy), isinstance(loss, BinaryCrossentropy)
    if crossentropy and loss.from_logits and output in PROBABILITIES:
        _warn(
            f"{kind} with from_logits=True expected scores, got the probabilities of {name}, of which it "
            "makes probabilities once more: leave out one of the two"
        )
    elif (isinstance(loss, Hinge) or (binary and loss.from_logits)) and output in NEVER_NEGATIVE:
        _warn(f"{kind} expected scores, negative for no, got those of {name}, which never are")
    elif crossentropy and not loss.from_logits and output in (BINARY_SCORES if binary else SCORES):
        activation = "sigmoid" if binary else "softmax"
        _warn(
            f"{kind} expected probabilities, got the scores of {name}: give the last layer the "
            f"activation {activation!r}, or the loss from_logits=True"
        )
    for metric in model.metrics.values():
        if type(metric) is BinaryAccuracy and metric.threshold == 0.5 and loss.threshold == 0:
            _warn(
                f"BinaryAccuracy expected the threshold 0 for scores, which {kind} takes, got 0.5; by "
                "its name, 'binary_accuracy', it has that of the loss"
            )


def _warn(what: str) -> None:
    warnings.warn(what, stacklevel=4)  # where the model is compiled or built


def _output(layers: list[Layer]) -> type[activations.ActivationFunction] | None:
    """The activation that says where a model's outputs lie; None where a layer isn't known."""
    for layer in reversed(layers):
        forward = next(cls for cls in type(layer).__mro__ if "forward" in vars(cls))
        outputs = vars(forward).get("outputs")  # with another way forward they may lie elsewhere
        if type(layer.activation) is not activations.Linear or outputs == "anywhere":
            return type(layer.activation)
        if outputs != "as inputs":
            return None
    return None


def expect_classes(metrics: dict[str, Metric], Y: np.ndarray, loss: Loss) -> None:
    """Refuse metrics that count right answers where targets aren't answers of that kind.

    Args:
        metrics: the metrics by name.
        Y: all targets, as ``Loss.compact`` gives them.
        loss: the loss.

    Raises:
        ValueError: the targets aren't classes.
    """
    if Y.dtype.kind != "f":  # labels
        return
    for name, metric in metrics.items():
        if type(metric) is CategoricalAccuracy or (type(metric) is Accuracy and Y.shape[-1] > 1):
            if not _one_of_several(Y):
                raise ValueError(
                    f"{name} expected targets with one class for each example, got others, such as "
                    f"{Y.reshape(-1, Y.shape[-1])[0]}; for several outputs that are yes or no there is "
                    "'binary_accuracy', for numbers no accuracy"
                )
        elif type(metric) in YES_OR_NO and not isinstance(loss, CrossEntropy):
            if not (((Y == 0) | (Y == 1)).all() or (np.abs(Y) == 1).all()):
                raise ValueError(
                    f"{name} expected targets that are 0 and 1, or −1 and 1, got others, such as "
                    f"{', '.join(map(str, np.unique(Y)[:5]))}; of numbers there is no {name}"
                )
            if Y.min() < 0 and metric.threshold == loss.threshold == 0.5:
                raise ValueError(
                    f"{name} expected targets 0 and 1 for outputs that are yes above 0.5, got −1 and 1; "
                    "for these there is BinaryAccuracy(threshold=0)"
                )


def _one_of_several(Y: np.ndarray) -> bool:
    """Whether each row is a distribution, or has a 1 at one place and −1 at all others."""
    if (np.abs(Y) == 1).all() and Y.min() < 0:
        return bool(((Y == 1).sum(axis=-1) == 1).all())
    return bool(Y.min() >= 0 and np.allclose(Y.sum(axis=-1), 1, atol=1e-3))
