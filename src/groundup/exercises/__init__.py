"""The checks that exercises are held to: a module for each chapter, a check for each exercise.

``from groundup.exercises.foundations import neuron`` and ``neuron.one_step(0.3)`` answers in one line:
right, or not yet and a hint.
"""
