"""Training runs that are remembered: a run is a pure function, so it has a name."""

from groundup.runs.run import Run, fit

__all__ = ["Run", "fit"]
