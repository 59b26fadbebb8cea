"""A run for each combination of some values, and what came of them."""

import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from groundup.runs import axes
from groundup.runs.axes import SEED
from groundup.runs.results import DivergedRun, HistoryRun, Run, finished
from groundup.runs.run import fit
from groundup.runs.side_by_side import made


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class Grid:
    """Runs of all combinations of some values, in their order; going through it gives the runs.

    ``found.loss`` is the last value of a metric, of all runs, as an array with the grid's axes. Where
    training diverged it is NaN, as is every measure of a ``DivergedRun``, whose ``reason`` says more.

    Args:
        axes: the values along each axis, or their names, by keyword; the seeds, ``"seed"``, last.
        runs: the runs, as an array with these axes.
        measures: what was measured, by name, as arrays with these axes: the last value of every metric.
    """

    axes: dict[str, tuple]
    runs: np.ndarray
    measures: dict[str, np.ndarray]

    def __getattr__(self, name: str) -> np.ndarray:
        if name.startswith("_"):  # what Python and IPython look for
            raise AttributeError(name)
        if name not in self.measures:
            raise AttributeError(f"expected one of {', '.join(self.measures)}, got {name!r}")
        return self.measures[name]

    def __iter__(self) -> Iterator[Run | HistoryRun]:
        return iter(self.runs.flat)

    def __len__(self) -> int:
        return self.runs.size

    def __repr__(self) -> str:
        axes = [f"{n} {', '.join(map(str, values))}" for n, values in self.axes.items()]
        diverged = [run.name for run, does in zip(self, self.diverged.flat, strict=True) if does]
        lines = [f"{len(self)} runs", *axes, f"measured: {', '.join(self.measures)}"]
        return "\n".join([*lines, *([f"diverged: {', '.join(diverged)}"] if diverged else [])])

    @property
    def diverged(self) -> np.ndarray:
        """Whether the last loss of a run is no number, as an array with the grid's axes."""
        losses = (run.history.get("loss", [0.0]) for run in self)
        return self._shaped([not np.isfinite(loss[-1:]).all() for loss in losses])

    def at(self, **values) -> "Grid | Run | HistoryRun":
        """The runs with these values, as a grid with the other axes; if there are none, the run.

        Args:
            values: for some axes a value, or the name of one.

        Raises:
            ValueError: there is no such axis or no such value; says which there are.
        """
        for name, value in values.items():
            if name not in self.axes:
                raise ValueError(f"expected one of the axes {', '.join(self.axes)}, got {name!r}")
            if value not in self.axes[name]:
                there = ", ".join(map(repr, self.axes[name]))
                raise ValueError(f"expected one of {there} as {name}, got {value!r}")
        place = tuple(
            self.axes[name].index(values[name]) if name in values else slice(None)
            for name in self.axes
        )
        axes = {name: labels for name, labels in self.axes.items() if name not in values}
        if not axes:
            return self.runs[place]
        return Grid(axes, self.runs[place], {n: a[place] for n, a in self.measures.items()})

    def curves(self, metric: str) -> np.ndarray:
        """A metric's value in each epoch, as an array with the grid's axes and then the epochs.

        Where a run has fewer epochs than another, as one that diverged, the rest is NaN.

        Raises:
            ValueError: a run has no such metric; says which it has.
        """
        for run in self:
            if metric not in run.history and not isinstance(run, DivergedRun):
                raise ValueError(
                    f"expected one of {', '.join(run.history)} as a metric of {run.name}, got {metric!r}"
                )
        curves = [np.array(run.history.get(metric, []), float) for run in self]
        longest = max(curves, key=np.size)
        shape = (max(map(len, curves)), *longest.shape[1:])
        found = np.full((len(curves), *shape), np.nan)
        for place, curve in enumerate(curves):
            found[place, : len(curve)] = curve
        return found.reshape(self.runs.shape + shape)

    def evaluate(self, x, y=None, **arguments) -> "Grid":
        """The grid with what every run's ``evaluate`` gives as its measures: remembered too.

        Of those that diverged it's NaN.

        Args:
            x: the examples, (m, …).
            y: the targets, as the model's loss wants them.
            arguments: what else ``model.evaluate`` takes.

        Raises:
            RuntimeError: all have diverged.
        """
        trained = [run for run in self if not isinstance(run, DivergedRun)]
        if not trained:
            finished(self.runs.flat[0])
        found = {run.key: run.evaluate(x, y, **arguments) for run in trained}
        names = found[trained[0].key]
        return Grid(self.axes, self.runs, {}).measure(
            **{n: lambda run, n=n: found[run.key][n] for n in names}
        )

    def measure(self, **measures: Callable | np.ndarray) -> "Grid":
        """The grid with further measures.

        Args:
            measures: a function that gives one for a run (for one that diverged it's NaN), or an array
                with the grid's axes.

        Raises:
            ValueError: an array has other axes.
        """
        found = {
            name: self._of_each(measure) if callable(measure) else measure
            for name, measure in measures.items()
        }
        for name, values in found.items():
            if np.shape(values)[: self.runs.ndim] != self.runs.shape:
                raise ValueError(
                    f"expected an array of shape {self.runs.shape} as {name}, got {np.shape(values)}"
                )
        return Grid(self.axes, self.runs, {**self.measures, **found})

    def mean(self, measure: str) -> np.ndarray:
        """The mean over the seeds, as an array with the other axes."""
        values = self._measured(measure)
        return values.mean(axis=[*self.axes].index(SEED)) if SEED in self.axes else values

    def spread(self, measure: str) -> np.ndarray:
        """The sample standard deviation over the seeds, as in ``page.larger``.

        Raises:
            ValueError: there aren't at least two seeds.
        """
        values = self._measured(measure)
        if len(self.axes.get(SEED, ())) < 2:
            raise ValueError(
                f"the spread of {measure} expected at least two seeds, as in seeds=5, got one"
            )
        return values.std(axis=[*self.axes].index(SEED), ddof=1)

    def best(self, by: str, mode: str = "auto") -> dict:
        """The values with the best mean over the seeds, by axis; no seed is chosen.

        They can be handed on: ``found.at(**best)``, or ``runs.grid(make, x, y, **best, seeds=5)``; of
        values that a dictionary names these are the names. A mean that is no number, as where a run
        diverged, is never the best.

        Args:
            by: a measure.
            mode: whether less is better, ``"min"``, or more, ``"max"``; ``"auto"`` knows that less loss
                is, and more accuracy.

        Raises:
            ValueError: the mode is another, ``"auto"`` can't tell, or there is nothing to choose from.
        """
        if mode == "auto" and by.endswith(("loss", "accuracy")):
            mode = "min" if by.endswith("loss") else "max"
        if mode not in ("min", "max"):
            raise ValueError(
                f"best expected mode 'min' or 'max' for {by!r}, got {mode!r}: 'auto' can tell what is "
                "better of loss and accuracy alone"
            )
        means = self.mean(by) * (1 if mode == "max" else -1)
        axes = {name: labels for name, labels in self.axes.items() if name != SEED}
        if not axes or means.ndim != len(axes) or np.isnan(means).all():
            raise ValueError(f"there is nothing to choose by {by} among {self.runs.size} runs")
        place = np.unravel_index(np.nanargmax(means), means.shape)
        return {name: axes[name][n] for name, n in zip(axes, place, strict=True)}

    def _measured(self, measure: str) -> np.ndarray:
        if measure not in self.measures:
            raise ValueError(f"expected one of {', '.join(self.measures)}, got {measure!r}")
        return np.asarray(self.measures[measure])

    def _of_each(self, measure: Callable) -> np.ndarray:
        found = [None if isinstance(run, DivergedRun) else measure(run) for run in self]
        return self._shaped(found)

    def _shaped(self, values: list) -> np.ndarray:
        """The values of the runs as an array with the grid's axes; where one is None, NaN."""
        there = [value for value in values if value is not None]
        if len(there) < len(values):
            nothing = np.full(np.shape(there[0]) if there else (), np.nan)
            values = [nothing if value is None else value for value in values]
        found = np.array(values)
        return found.reshape(self.runs.shape + found.shape[1:])


def grid(
    make: Callable,
    x,
    y=None,
    *,
    name: str | None = None,
    seeds: int | Sequence[int] | None = None,
    keep: str = "model",
    **keywords,
) -> Grid:
    """Train a model for each combination of some values, side by side, or remember how that went.

    Every keyword is one of ``make`` or of ``model.fit``. A list, a range or an array is an axis: a run is
    made for each of its values. So is a dictionary with strings as names, which names its values; those
    without a short text of their own, such as layers, need that. All else is one value for all runs, a
    tuple too: ``hidden=(64, 64)``. (A list that ``make`` is to get whole goes into
    ``functools.partial(make, …)``.) What ``fit`` itself takes as a list, an array or a dictionary
    (``callbacks``, ``class_weight``, ``sample_weight``, ``validation_data``) is one value as it is, and
    an axis only as a dictionary with names.

    The runs are those of ``runs.fit(functools.partial(make, …), x, y, …)``, by their keys too. One that
    diverges takes no other with it: it's a ``DivergedRun``, whose measures are NaN.

    Args:
        make: a function that makes a compiled model.
        x: the examples, (m, …).
        y: the targets, as the model's loss wants them.
        name: how the runs' names begin, as in ``xor-width-4-seed-3``; by default what ``make`` is called,
            without ``make_``.
        seeds: how many seeds, from 0 on, or a list of them. Without it every run has the seed 0, and
            there is no such axis.
        keep: as for ``fit``: ``"history"`` keeps no weights.
        keywords: the axes, and what is the same for all runs.

    Raises:
        TypeError: neither ``make`` nor ``fit`` has a keyword, or both have; a value needs a name.
        ValueError: there is no axis, or one has no values, or one twice.
        DivergedError: training diverged for all combinations.
        Exception: what the first run that failed raised; a note names the run.
    """
    found, same, of_make = axes.told_apart(make, keywords)
    if seeds is not None:
        found[SEED] = axes.of_seeds(seeds)
    base = name or axes.called(make).removeprefix("make_").replace("_", "-")
    if "<" in base:
        raise TypeError("runs.grid expected a name=… for the runs, since make is a lambda")
    if not found:
        raise ValueError(
            "runs.grid expected an axis: a list of values for a keyword, or seeds; a tuple is one value"
        )
    labels, values = ([axis[n] for axis in found.values()] for n in (0, 1))
    calls = []
    for chosen, combination in zip(
        itertools.product(*labels), itertools.product(*values), strict=True
    ):
        given = same | dict(zip(found, combination, strict=True))
        model = functools.partial(make, **{n: given.pop(n) for n in of_make})
        run_name = "-".join([base, *map(axes.text, found, chosen)])
        calls.append(functools.partial(fit, model, x, y, name=run_name, keep=keep, **given))
    runs = np.empty([len(axis) for axis in labels], object)
    runs.flat = made(calls)
    trained = [run for run in runs.flat if not isinstance(run, DivergedRun)]
    if not trained:
        finished(runs.flat[0])
    metrics = [n for n in trained[0].history if all(n in run.history for run in trained)]
    without = Grid(dict(zip(found, labels, strict=True)), runs, {})
    return without.measure(**{n: lambda run, n=n: run.history[n][-1] for n in metrics})
