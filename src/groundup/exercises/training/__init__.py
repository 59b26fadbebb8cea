"""The checks of the chapters on training."""
