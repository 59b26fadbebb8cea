"""Exercises of the part on training."""
