"""Training runs that are remembered: a run is a pure function, so it has a name."""

from groundup.runs.grids import Grid, grid
from groundup.runs.results import DivergedRun, HistoryRun, Outcome, Run
from groundup.runs.run import fit, remember
from groundup.runs.side_by_side import fit_all

__all__ = [
    "DivergedRun",
    "Grid",
    "HistoryRun",
    "Outcome",
    "Run",
    "fit",
    "fit_all",
    "grid",
    "remember",
]
