"""Parts of models of one's own, with all that decides what they compute."""

import keras
import numpy as np
import tensorflow as tf

from groundup import nn


class Scale(nn.Layer):
    """A layer that computes with attributes of its class, its constructor and its build."""

    factor = 2.0

    def __init__(self, offset=0.0):
        self.offset = offset
        self.settings = {"power": 1}

    def build(self, shape):
        self.blocks = {}
        self.width = shape[0]
        return shape

    def forward(self, X):
        self.seen = X
        return X * self.factor + self.offset

    def input_gradient(self, dZ):
        return dZ * self.factor


class Counting(Scale):
    """A layer that keeps a state of its own, which no record holds."""

    def training_forward(self, X):
        self.settings["power"] += 1
        return self.forward(X)


class Halved(nn.Initializer):
    """First values of one's own."""

    def __call__(self, shape):
        return np.full(shape, 0.5)


class Tilt(keras.layers.Layer):
    """A layer of Keras with an attribute that its config doesn't tell."""

    factor = 2.0

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.tilt = 1.0
        self._hidden = (1, 2)

    def call(self, x):
        return x * self.factor * self.tilt


class Steps(keras.layers.Layer):
    """A layer that counts in variables which Keras doesn't track."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.count = tf.Variable(0.0, trainable=False)
        self.counts = {"more": [tf.Variable(0.0, trainable=False)]}

    def call(self, x, training=False):
        if training:
            for count in (self.count, *self.counts["more"]):
                count.assign_add(1.0)
        return x * (1 + self.count)


class Model(keras.Model):
    """A model of one's own, with what its steps may change."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)
        self.dropout = keras.layers.Dropout(0.5)
        self.steps = tf.Variable(0.0, trainable=False)
        self.epochs_seen = 0

    def build(self, shape):
        self.dense.build(shape)

    def call(self, x):
        return self.dense(x)

    def get_config(self):
        return {}


class Tracked(Model):
    """It counts in a variable of TensorFlow's."""

    def train_step(self, *data):
        self.steps.assign_add(1.0)
        return super().train_step(*data)


class Counted(Model):
    """It counts in an attribute."""

    def train_step(self, *data):
        self.epochs_seen += 1
        return super().train_step(*data)


class Weakened(Model):
    """It changes an attribute of a layer that is Keras's own."""

    def train_step(self, *data):
        self.dropout.rate *= 0.5
        return super().train_step(*data)


class Frozen(Model):
    """It freezes a layer while it trains."""

    def train_step(self, *data):
        found = super().train_step(*data)
        self.dense.trainable = False
        return found


class Twice(Model):
    """It trains with an optimizer besides the one that it's compiled with."""

    def compile(self, ready=True):
        super().compile("sgd", "mse")
        self.second = keras.optimizers.Adam(0.1)
        if ready:
            self.build((None, 4))
            self.second.build(self.dense.trainable_variables)

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = keras.ops.mean((self(x) - y) ** 2)
        variables = self.dense.trainable_variables
        self.second.apply(tape.gradient(loss, variables), variables)
        return {"loss": loss}


class Weighted(keras.losses.Loss):
    """A loss with a variable that it changes."""

    def __init__(self, name="weighted"):
        super().__init__(name=name)
        self.weight = keras.Variable(1.0)

    def call(self, y, prediction):
        self.weight.assign(self.weight * 1.5)
        return self.weight * keras.ops.mean((y - prediction) ** 2, axis=-1)

    def get_config(self):
        return {"name": self.name}
