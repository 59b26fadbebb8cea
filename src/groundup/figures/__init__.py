"""How every picture of the book looks, in light and in dark, and with its words.

Importing this sets matplotlib's defaults to the book's style.
"""

from groundup.figures.figure import axes, show
from groundup.figures.networks import network
from groundup.figures.palette import DARK, LIGHT, SERIES
from groundup.figures.plots import SIGNED, confusion, curves, images, regions, weights
from groundup.figures.stepper import steps

__all__ = [
    "DARK",
    "LIGHT",
    "SERIES",
    "SIGNED",
    "axes",
    "confusion",
    "curves",
    "images",
    "network",
    "regions",
    "show",
    "steps",
    "weights",
]
