"""The compiled network: one that knows what it's to learn, predicts, and can be told how wrong it is."""

import time

import numpy as np

from groundup.nn import arrays, fused, losses, matching, optimizers
from groundup.nn.arguments import flag
from groundup.nn.callbacks import line
from groundup.nn.console import printable
from groundup.nn.data import Data, batch_size_or, example_weights
from groundup.nn.layers import chain
from groundup.nn.loss import unmasked
from groundup.nn.metrics import Totals
from groundup.nn.metrics import get_all as get_metrics
from groundup.nn.network import Network
from groundup.nn.optimizer import Optimizer


class CompiledNetwork(Network):
    """A network with an optimizer, a loss and metrics.

    Args:
        layers: the layers from input to output, an ``Input`` first if the sizes are to be known at once.
    """

    optimizer: Optimizer | None = None

    def compile(self, optimizer="rmsprop", loss=None, *, metrics=None, **others) -> None:
        """Say how to train. Objects are copied: to change one later, change the model's own.

        Args:
            optimizer: a name or an ``Optimizer``.
            loss: a name or a ``Loss``.
            metrics: a list of names or ``Metric`` objects: what to report besides the loss.
            others: none; an error says what there is instead.

        There is a warning if the loss can't mean the outputs, such as scores where it expects
        probabilities; if the model isn't built yet, when it is.

        Raises:
            ValueError: nothing has one of these names, or there is no loss.
            TypeError: an object is of another kind.
        """
        matching.expect_none(others, self.compile)
        optimizer, loss = optimizers.get(optimizer), losses.get(loss)
        metrics = get_metrics(metrics, loss.threshold)
        self.optimizer, self.loss, self.metrics = optimizer, loss, metrics
        matching.warn_of_outputs(self)

    def build(self, input_shape: tuple[int, ...]) -> None:
        super().build(input_shape)
        matching.warn_of_outputs(self)

    def evaluate(
        self,
        x: np.ndarray,
        y: np.ndarray,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: np.ndarray | None = None,
        *,
        return_dict: bool = False,
        **others,
    ) -> float | list[float] | dict[str, float]:
        """The loss and the metrics on these examples, without dropout.

        Args:
            x: the examples, (m, …).
            y: the targets, as the loss wants them.
            batch_size: how many examples are computed at a time; None is 32.
            verbose: whether to print a line with the values; 0 is no.
            sample_weight: a weight for each example in the loss, (m,), or for each step, (m, steps).
            return_dict: give all values by name.
            others: none; an error says what there is instead.

        Returns:
            The loss alone if there are no metrics, else a list with the loss first; by name with
            ``return_dict=True``.

        Raises:
            RuntimeError, TypeError, ValueError: as ``fit`` does.
        """
        matching.expect_none(others, self.evaluate)
        matching.expect_verbose(verbose)
        flag(return_dict, "expected return_dict")
        batch_size = batch_size_or(32, batch_size)
        data, begun = self._prepare(x, y, sample_weight), time.perf_counter()
        values = self._evaluate(data, batch_size)
        if verbose:
            steps, seconds = data.steps(batch_size), time.perf_counter() - begun
            print(printable(f"{steps}/{steps} - {seconds:.1f} s - {line(values)}"))
        if return_dict:
            return values
        return list(values.values()) if self.metrics else values["loss"]

    def _evaluate(self, data: Data, batch_size: int) -> dict[str, float]:
        totals = Totals(self.metrics)
        with np.errstate(all="ignore"):  # a loss that is infinite says it all
            for X, Y, sample_weight in data.batches(batch_size):
                Y = self._expanded(Y)
                Z, Y_hat, mask = chain.forward(self.layers, X)
                weights = unmasked(sample_weight, mask, X.dtype)
                totals.add(self._loss(Y, Z, Y_hat, weights), Y, Y_hat, mask)
        return totals.values()

    def predict(
        self,
        x: np.ndarray,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        **others,
    ) -> np.ndarray:
        """Predictions for any number of examples, (m, …) -> (m, …, k).

        Args:
            x: the examples, (m, …).
            batch_size: how many are computed at a time; None is 32.
            verbose: as in Keras; but there is nothing to print, whatever it is.
            others: none; an error says what there is instead.
        """
        matching.expect_none(others, self.predict)
        matching.expect_verbose(verbose)
        batch_size = batch_size_or(32, batch_size)
        X = self._examples(x)
        if self.parameters is None:
            self.build(X.shape[1:])
        batches = [X[start : start + batch_size] for start in range(0, len(X), batch_size)]
        return np.concatenate([self.forward(batch) for batch in batches])

    def _loss(
        self, Y: np.ndarray, Z: np.ndarray, Y_hat: np.ndarray, sample_weight: np.ndarray | None
    ) -> float:
        """The loss with the penalties; from the scores, if the last activation is canonical."""
        # A loss of one's own needn't know weights to do without them.
        weights = () if sample_weight is None else (sample_weight,)
        if type(self.layers[-1].activation) is self.loss.canonical:
            loss = fused.form(self.loss.of_scores)(Y, Z, *weights)
        else:
            loss = self.loss.forward(Y, Y_hat, *weights)
        return loss + sum(regularizer.forward(W) for W, _, regularizer in self.regularized)

    def _examples(self, x) -> np.ndarray:
        if self.parameters is None:
            return matching.examples(x, np.float32, None)
        return matching.examples(x, self.parameters.dtype, self.input_shape)

    def _prepare(self, x, y, sample_weight=None) -> Data:
        self._expect_compiled()
        X = self._examples(x)
        count = arrays.length(y, "targets")
        if count != len(X):
            raise ValueError(f"expected a target for each of {len(X)} examples, got {count}")
        if self.parameters is None:
            self.build(X.shape[1:])
        Y = self.loss.compact(y, self.output_shape, X.dtype)
        matching.expect_classes(self.metrics, Y, self.loss)
        if sample_weight is not None:
            places = (len(X), *self.output_shape[:-1])
            sample_weight = example_weights(sample_weight, places, X.dtype)
        return Data(X, Y, sample_weight)

    def _expanded(self, Y: np.ndarray) -> np.ndarray:
        return self.loss.expanded(Y, self.output_shape, self.parameters.dtype)

    def _expect_compiled(self) -> None:
        if self.optimizer is None:
            raise RuntimeError("the model isn't compiled: call compile(optimizer, loss) first")
