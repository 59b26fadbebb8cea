"""Data sets: where they come from, how they are verified, what stands in for them."""

from groundup.data.catalogue import identity, load, names
from groundup.data.dataset import Dataset, Description
from groundup.data.sources import STAND_IN

__all__ = ["STAND_IN", "Dataset", "Description", "identity", "load", "names"]
