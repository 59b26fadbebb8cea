"""A layer and a schedule that networks for CIFAR-10 have besides Keras's."""

import keras
from keras import layers, ops


class ShiftAndFlip(layers.Layer):
    """In training, moves each picture by some pixels and mirrors it, left to right, every other epoch.

    What moves out on one side comes in again on the other, mirrored at the edge. Which pictures are
    mirrored first is as good as random: the sum of their bytes decides it, odd or even.

    Args:
        pixels: how far at most, up or down and left or right.
        period: the steps of an epoch.
        seed: of the moves.
    """

    def __init__(self, pixels: int = 2, period: int = 1, seed: int | None = None, **more):
        super().__init__(**more)
        self.pixels, self.period, self.seed = pixels, period, seed
        self.generator = keras.random.SeedGenerator(seed)
        self.step = self.add_weight((), "zeros", "int32", trainable=False, name="step")

    def call(self, pictures, training=False):
        """Pictures of bytes, (m, side, side, channels), in the same shape."""
        if not training:
            return pictures
        count, side = ops.shape(pictures)[0], pictures.shape[1]
        moves = keras.random.randint((2, count, 1), 0, 2 * self.pixels + 1, seed=self.generator)
        places = ops.abs(ops.arange(side) + moves - self.pixels)
        rows, columns = ops.unstack((side - 1) - ops.abs((side - 1) - places))
        brightness = ops.sum(ops.cast(pictures, "int32"), axis=(1, 2, 3))
        mirrored = (brightness + self.step // self.period) % 2 == 1
        columns = ops.where(mirrored[:, None], (side - 1) - columns, columns)
        self.step.assign(self.step + 1)
        pictures = ops.take_along_axis(pictures, rows[:, :, None, None], axis=1)
        return ops.take_along_axis(pictures, columns[:, None, :, None], axis=2)

    def get_config(self):
        own = {"pixels": self.pixels, "period": self.period, "seed": self.seed}
        return {**super().get_config(), **own}


class Triangle(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that rises from zero in a straight line, and falls to zero again: :eq:`triangle`.

    Args:
        peak: the largest rate.
        steps: how many steps there are.
        rise: in which share of them it rises.
    """

    def __init__(self, peak: float, steps: int, rise: float = 0.23):
        self.peak, self.steps, self.rise = peak, steps, rise

    def __call__(self, step):
        share = ops.cast(step, "float32") / self.steps
        up, down = share / self.rise, (1 - share) / (1 - self.rise)
        return self.peak * ops.maximum(ops.minimum(up, down), 0.0)

    def get_config(self):
        return {"peak": self.peak, "steps": self.steps, "rise": self.rise}
