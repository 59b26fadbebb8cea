"""Keras models that several chapters train alike, and how each is trained."""
