"""Checks of the exercises of Part III."""
