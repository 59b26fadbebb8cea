"""Training runs that are remembered: a run is a pure function, so it has a name."""

from groundup.runs.grids import Grid, grid
from groundup.runs.run import HistoryRun, Outcome, Run, fit, remember
from groundup.runs.side_by_side import fit_all

__all__ = ["Grid", "HistoryRun", "Outcome", "Run", "fit", "fit_all", "grid", "remember"]
