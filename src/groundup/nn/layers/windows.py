"""Small windows that move over images: what convolution and pooling have in common."""

from collections.abc import Iterator

import numpy as np

from groundup.nn.arguments import choice, size
from groundup.nn.guarded import Guarded


def pair(value, layer: str, argument: str) -> tuple[int, int]:
    """A height and a width: two positive whole numbers, or one for both.

    Raises:
        ValueError: it's neither.
    """
    values = value if isinstance(value, tuple | list) else (value, value)
    if len(values) != 2:
        raise ValueError(f"{layer} expected one or two numbers for {argument}, got {value!r}")
    height, width = (size(n, layer, argument) for n in values)
    return height, width


def of_an_image(input_shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Height, width and channels of an example.

    Raises:
        ValueError: it isn't an image.
    """
    if len(input_shape) != 3:
        raise ValueError(
            f"expected examples of shape (height, width, channels), got examples of shape {input_shape}"
        )
    return input_shape


class Windows(Guarded):
    """Where a window lies on an image, and what each of its entries meets there.

    Args:
        size: height and width of the window, in entries.
        strides: how far it moves at a time, down and to the right.
        padding: ``"valid"``, it stays inside; or ``"same"``, the image gets a margin, so that there are
            ⌈height / stride⌉ places down and ⌈width / stride⌉ across.
        dilation_rate: the distance between neighbouring entries, down and across.

    Raises:
        ValueError: the padding is another.
    """

    def __init__(self, size, strides, padding: str, dilation_rate=(1, 1)):
        self.size, self.strides, self.dilation_rate = size, strides, dilation_rate
        self.padding = choice(padding, ("valid", "same"), "expected padding")

    def build(self, input_shape: tuple[int, ...]) -> tuple[int, int]:
        """Take the shape of one image; return how many places there are, down and across.

        With one place for each pixel, and without margins, :eq:`valid-size`; else :eq:`output-size`.

        Raises:
            ValueError: it isn't the shape of an image, or the window is larger.
        """
        self.input_shape = of_an_image(input_shape)
        self.places, self.margins = (), [(0, 0)]
        for n, entries, stride, dilation in zip(
            input_shape[:2], self.size, self.strides, self.dilation_rate, strict=True
        ):
            extent = (entries - 1) * dilation + 1
            if self.padding == "same":
                places = -(-n // stride)
                missing = max((places - 1) * stride + extent - n, 0)
                self.margins.append((missing // 2, missing - missing // 2))
            else:
                places = (n - extent) // stride + 1
                self.margins.append((0, 0))
            if places < 1:
                raise ValueError(
                    f"a window of {self.size} with dilation {self.dilation_rate} is larger than an "
                    f"image of shape {input_shape}"
                )
            self.places += (places,)
        self.margins.append((0, 0))
        return self.places

    def pad(self, X: np.ndarray, value: float = 0.0) -> np.ndarray:
        """The images with their margins: (m, height, width, channels), larger by what is missing."""
        return np.pad(X, self.margins, constant_values=value) if self.padding == "same" else X

    def crop(self, X: np.ndarray) -> np.ndarray:
        """The images without their margins."""
        (top, _), (left, _) = self.margins[1:3]
        height, width, _ = self.input_shape
        return X[:, top : top + height, left : left + width]

    def views(self, X: np.ndarray) -> Iterator[tuple[tuple[int, int], np.ndarray]]:
        """For each entry (i, j) of the window, what it meets in all places at once.

        Args:
            X: images with their margins.

        Yields:
            (i, j), and a view of X of shape (m, places down, places across, channels).
        """
        for i, j in np.ndindex(*self.size):
            rows, columns = (
                slice(k * dilation, k * dilation + (places - 1) * stride + 1, stride)
                for k, places, stride, dilation in zip(
                    (i, j), self.places, self.strides, self.dilation_rate, strict=True
                )
            )
            yield (i, j), X[:, rows, columns]
