"""Checks of the exercises of Part I."""
