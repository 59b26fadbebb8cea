"""An activation that stands by itself."""

from groundup.nn import activations
from groundup.nn.layers.layer import Layer


class Activation(Layer):
    """An activation as a layer of its own.

    Args:
        activation: a name such as ``"relu"``, or an activation.

    Shapes:
        (m, …) -> the same.
    """

    outputs = "as inputs"
    step_by_step = True

    def __init__(self, activation):
        self.activation = activations.get(activation)

    def build(self, input_shape):
        self.blocks = {}
        return input_shape

    def forward(self, X):
        return X  # the model applies the activation

    def input_gradient(self, dZ):
        return dZ
