"""Networks of one hidden layer, dense, local and convolutional, that read MNIST's digits."""

import keras
from keras import layers


class LocallyConnected2D(layers.Layer):
    """A convolution that doesn't share, with ReLU: every place of a map has filters of its own.

    Args:
        filters: how many maps, f.
        kernel_size: the side of a window, q.
        strides: how far apart windows begin, S.
    """

    def __init__(self, filters: int, kernel_size: int, strides: int = 1, **named):
        super().__init__(**named)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides

    def build(self, input_shape: tuple) -> None:
        """Make the weights, which start as those of a convolution do, and :eq:`local-parameters`.

        Args:
            input_shape: (m, h, h, c).
        """
        _, h, _, c = input_shape
        q, f = self.kernel_size, self.filters
        places = (h - q) // self.strides + 1
        limit = (6 / (q * q * c)) ** 0.5  # he_uniform: a unit has q²c inputs
        start = keras.initializers.RandomUniform(-limit, limit)
        shape = (places, places, q * q * c, f)
        self.kernel = self.add_weight(shape=shape, initializer=start, name="kernel")
        self.bias = self.add_weight(shape=(places, places, f), initializer="zeros", name="bias")

    def call(self, x):
        """Each window times the filters of its place.

        Args:
            x: (m, h, h, c).

        Returns:
            The maps, (m, places, places, f).
        """
        q, S = self.kernel_size, self.strides
        windows = keras.ops.image.extract_patches(x, q, S, padding="valid")
        z = keras.ops.einsum("iuvj,uvjk->iuvk", windows, self.kernel)
        return keras.ops.relu(z + self.bias)

    def get_config(self) -> dict:
        """The constructor's arguments."""
        own = {"filters": self.filters, "kernel_size": self.kernel_size, "strides": self.strides}
        return {**super().get_config(), **own}


def reader(*hidden: layers.Layer, rate: float = 0.001) -> keras.Model:
    """Some layers for pictures, (m, 28, 28, 1), and ten outputs, compiled with Adam.

    Args:
        hidden: the layers.
        rate: the learning rate.
    """
    output = [layers.Flatten(), layers.Dense(10, activation="softmax")]
    model = keras.Sequential([keras.Input((28, 28, 1)), *hidden, *output])
    adam = keras.optimizers.Adam(rate)
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def make_dense(units: int = 26, rate: float = 0.001) -> keras.Model:
    """Every hidden unit sees the whole picture.

    Args:
        units: how many there are.
        rate: the learning rate.
    """
    hidden = layers.Dense(units, "relu", kernel_initializer="he_uniform")
    return reader(layers.Flatten(), hidden, rate=rate)


def make_local(maps: int = 4, rate: float = 0.001) -> keras.Model:
    """Every hidden unit sees a window of five by five, with weights of its own.

    Args:
        maps: how many units look through each of the 144 windows.
        rate: the learning rate.
    """
    return reader(LocallyConnected2D(maps, 5, strides=2), rate=rate)


def make_convolution(maps: int = 14, rate: float = 0.001) -> keras.Model:
    """Every hidden unit sees a window of five by five, with the weights of its map.

    Args:
        maps: how many filters there are.
        rate: the learning rate.
    """
    hidden = layers.Conv2D(maps, 5, 2, activation="relu", kernel_initializer="he_uniform")
    return reader(hidden, rate=rate)


def make_pooled(maps: int = 14, rate: float = 0.001) -> keras.Model:
    """The same windows at every pixel, and of each four neighbours on a map the largest number.

    Args:
        maps: how many filters there are.
        rate: the learning rate.
    """
    hidden = layers.Conv2D(maps, 5, activation="relu", kernel_initializer="he_uniform")
    return reader(hidden, layers.MaxPooling2D(2), rate=rate)
