"""Training runs that are remembered: a run is a pure function, so it has a name."""

from groundup.runs.run import Outcome, Run, fit, remember
from groundup.runs.side_by_side import fit_all

__all__ = ["Outcome", "Run", "fit", "fit_all", "remember"]
