"""Layers: what is between the input and the output; one module for each kind.

``layer`` says what every layer is; then ``dense`` is the one to read. ``windows`` is what convolution and
pooling have in common.
"""
