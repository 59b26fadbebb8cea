"""Every layer, activation and loss of the engine once more: its way forward alone, written from its
equation in values of the tape, which finds the way back by itself. None of the engine's code is in it.
"""

import math

import numpy as np

from groundup import nn, tape
from groundup.tape import Value


def sigmoid(z: Value) -> Value:
    return 1 / (1 + (-z).exp())


def softmax(z: Value) -> Value:
    e = (z - z.data.max(axis=-1, keepdims=True)).exp()
    return e / e.sum(axis=-1)


def mean(x: Value) -> Value:
    """The mean of all entries, a number."""
    return tape.reshape(x.sum(), ()) / x.data.size


# For each activation, what it makes of ``z``; where several are given at a border, the engine's.
ACTIVATIONS = {
    nn.Linear: lambda g, z: z * 1,
    nn.Step: lambda g, z: tape.where(z.data >= 0, 1.0, z * 0),
    nn.Sigmoid: lambda g, z: sigmoid(z),
    nn.Tanh: lambda g, z: z.tanh(),
    nn.ReLU: lambda g, z: tape.constant(0).maximum(z),
    nn.LeakyReLU: lambda g, z: tape.where(z.data > 0, z, g.negative_slope * z),
    nn.ELU: lambda g, z: tape.where(
        z.data > 0, z, g.alpha * ((-(-z).maximum(0)).exp() - 1)
    ),
    nn.GELU: lambda g, z: z * (1 + tape.erf(z / math.sqrt(2))) / 2,
    nn.SiLU: lambda g, z: z * sigmoid(z),
    nn.Softplus: lambda g, z: (1 + z.exp()).log(),
    nn.Softmax: lambda g, z: softmax(z),
}  # fmt: skip


def dense(layer, x, parts, training):
    return x @ parts["W"] + parts.get("b", 0)


def patches(layer, x: Value, outside: float) -> Value:
    """What a window meets at all of its places: (m, down, across, channels, height, width)."""
    extents, margins = [], [(0, 0)]
    dilations = getattr(layer, "dilation_rate", (1, 1))
    sizes = getattr(layer, "kernel_size", None) or layer.pool_size
    for n, entries, stride, dilation in zip(
        x.data.shape[1:3], sizes, layer.strides, dilations, strict=True
    ):
        extents.append(dilation * (entries - 1) + 1)
        missing = max(0, (math.ceil(n / stride) - 1) * stride + extents[-1] - n)
        before = missing // 2 if layer.padding == "same" else 0
        margins.append((before, missing - before if layer.padding == "same" else 0))
    seen = tape.windows(tape.pad(x, [*margins, (0, 0)], outside), extents, (1, 2))
    steps = (1, *layer.strides, 1, *dilations)
    return tape.take(seen, tuple(slice(None, None, step) for step in steps))


def convolution(layer, x, parts, training):
    seen = tape.transpose(patches(layer, x, 0.0), (0, 1, 2, 4, 5, 3))
    W = parts["W"]
    rows = tape.reshape(seen, (-1, math.prod(W.data.shape[:3])))
    z = rows @ tape.reshape(W, (-1, W.data.shape[3])) + parts.get("b", 0)
    return tape.reshape(z, (*seen.data.shape[:3], -1))


def max_pooling(layer, x, parts, training):
    seen = patches(layer, x, -np.inf)
    seen = tape.reshape(seen, (*seen.data.shape[:4], -1))
    return tape.reshape(tape.largest(seen, -1), seen.data.shape[:4])


def average_pooling(layer, x, parts, training):
    seen = patches(layer, x, 0.0)
    inside = patches(layer, Value(np.ones(x.data.shape)), 0.0).data.sum(axis=(4, 5))
    return tape.reshape(seen.sum(axis=(4, 5)), seen.data.shape[:4]) / inside


def global_average_pooling(layer, x, parts, training):
    m, height, width, channels = x.data.shape
    return tape.reshape(x.sum(axis=(1, 2)), (m, channels)) / (height * width)


def batch_normalization(layer, x, parts, training):
    if training and layer.trainable:
        axes = tuple(range(x.data.ndim - 1))
        rows = x.data.size / x.data.shape[-1]
        mean = x.sum(axes) / rows
        variance = ((x - mean) * (x - mean)).sum(axes) / rows
    else:
        mean, variance = parts["moving_mean"].data, parts["moving_variance"].data
    scale = tape.constant(variance + layer.epsilon) ** -0.5
    return parts["gamma"] * ((x - mean) * scale) + parts["beta"]


def layer_normalization(layer, x, parts, training):
    n = x.data.shape[-1]
    away = x - x.sum(-1) / n
    return (
        parts["gamma"] * away * ((away * away).sum(-1) / n + layer.epsilon) ** -0.5 + parts["beta"]
    )


def sequence_convolution(layer, x, parts, training):
    """Place by place: what the filter meets there, times its weights."""
    W, (m, steps, _) = parts["W"], x.data.shape
    reach = layer.dilation_rate * (layer.kernel_size - 1)
    margin = {
        "valid": 0,
        "causal": reach,
        "same": max(0, (math.ceil(steps / layer.strides) - 1) * layer.strides + reach + 1 - steps),
    }[layer.padding]
    before = margin // 2 if layer.padding == "same" else margin
    x = tape.pad(x, [(0, 0), (before, margin - before), (0, 0)])
    outputs = []
    for place in range(0, steps + margin - reach, layer.strides):
        met = tape.take(x, (slice(None), slice(place, place + reach + 1, layer.dilation_rate)))
        rows = tape.reshape(met, (m, -1))
        outputs.append(rows @ tape.reshape(W, (-1, W.data.shape[2])) + parts.get("b", 0))
    return tape.stack(outputs, 1)


def transposed_convolution(layer, x, parts, training):
    """Pixel by pixel: a filter times what is there, with margins to fill an image, and all added up."""
    W, (m, height, width, channels) = parts["W"], x.data.shape
    (down, across), (tall, wide) = layer.strides, layer.kernel_size
    rows, columns = (height - 1) * down + max(tall, down), (width - 1) * across + max(wide, across)
    total = parts.get("b", 0)
    for i in range(height):
        for j in range(width):
            pixel = tape.reshape(tape.take(x, (slice(None), i, j)), (m, 1, 1, channels, 1))
            put = tape.reshape(W @ pixel, (m, tall, wide, -1))
            over, left = i * down, j * across
            margins = (over, rows - over - tall), (left, columns - left - wide)
            total = total + tape.pad(put, [(0, 0), *margins, (0, 0)])
    if layer.padding == "same":
        over, left = max(tall - down, 0) // 2, max(wide - across, 0) // 2
        inside = slice(over, over + height * down), slice(left, left + width * across)
        total = tape.take(total, (slice(None), *inside))
    return total


def upsampling(layer, x, parts, training):
    rows, columns = (
        np.repeat(np.arange(n), times)
        for n, times in zip(x.data.shape[1:3], layer.size, strict=True)
    )
    return tape.take(tape.take(x, (slice(None), rows)), (slice(None), slice(None), columns))


def global_max_pooling(layer, x, parts, training):
    m, _, channels = x.data.shape
    return tape.reshape(tape.largest(x, 1), (m, channels))


def dropout(layer, x, parts, training):
    """With the random numbers that the layer draws next."""
    if not training:
        return x * 1
    drawn = nn.random.generator.random(x.data.shape, dtype=np.float32)
    return x * (drawn >= layer.rate) / (1 - layer.rate)


def embedding(layer, x, parts, training):
    return tape.take(parts["W"], x.data.astype(int))


def learned_positions(layer, x, parts, training):
    return x * 0 + tape.take(parts["W"], slice(x.data.shape[1]))


def sine_positions(layer, x, parts, training):
    """Entry by entry."""
    _, steps, n = x.data.shape
    vectors = np.empty((steps, n))
    for t in range(steps):
        for k in range(0, n, 2):
            angle = t / layer.max_wavelength ** (k / n)
            vectors[t, k : k + 2] = [math.sin(angle), math.cos(angle)][: n - k]
    return x * 0 + vectors


def gate(layer, k, x, h, parts, reset=1.0):
    """The pre-activation of the k-th gate, of its own columns."""
    columns = slice(k * layer.units, (k + 1) * layer.units)
    W, U = (tape.take(parts[name], (slice(None), columns)) for name in "WU")
    b, c = 0, 0
    if "b" in parts:
        several = parts["b"].data.ndim == 2
        b = tape.take(parts["b"], (0, columns) if several else columns)
        c = tape.take(parts["b"], (1, columns)) if several else 0
    return x @ W + b + (h @ U + c) * reset


def simple_step(layer, x, state, parts):
    return [gate(layer, 0, x, state[0], parts).tanh()]


def lstm_step(layer, x, state, parts):
    h, c = state
    i, f, o = (sigmoid(gate(layer, k, x, h, parts)) for k in (0, 1, 3))
    c = f * c + i * gate(layer, 2, x, h, parts).tanh()
    return [o * c.tanh(), c]


def gru_step(layer, x, state, parts):
    (h,) = state
    keep, reset = (sigmoid(gate(layer, k, x, h, parts)) for k in (0, 1))
    candidate = gate(layer, 2, x, h, parts, reset).tanh()
    return [keep * h + (1 - keep) * candidate]


def recurrent(step, memories):
    """Step by step, each from its own input; a step that doesn't count changes nothing."""

    def along(layer, x, parts, training, mask=None):
        m, steps, _ = x.data.shape
        state = [tape.constant(np.zeros((m, layer.units)))] * memories
        outputs = []
        for t in reversed(range(steps)) if layer.go_backwards else range(steps):
            new = step(layer, tape.take(x, (slice(None), t)), state, parts)
            if mask is not None:
                counts = mask[:, t, None]
                new = [tape.where(counts, n, old) for n, old in zip(new, state, strict=True)]
            state = new
            outputs.append(state[0])
        return tape.stack(outputs, 1) if layer.return_sequences else state[0]

    return along


def both_ways(layer, x, parts, training, mask=None):
    there, back = (
        LAYERS[type(part)](part, x, own, training, mask)
        for part, own in zip(layer.parts, parts["parts"], strict=True)
    )
    if layer.layer.return_sequences:
        back = tape.take(back, (slice(None), slice(None, None, -1)))
        if mask is not None:
            there, back = there * mask[..., None], back * mask[..., None]
    if layer.merge_mode == "concat":
        return tape.join([there, back], axis=there.data.ndim - 1)
    return {"sum": there + back, "mul": there * back, "ave": (there + back) / 2}[layer.merge_mode]


def attention(layer, x, parts, training, mask=None):
    """Head by head; a row's weights are those of the steps it may see, and none if there is none."""
    m, steps, _ = x.data.shape
    seen = np.ones((m, steps, steps)) if mask is None else np.repeat(mask[:, None], steps, axis=1)
    if layer.use_causal_mask:
        seen = np.tril(seen)
    none = ~seen.any(axis=-1, keepdims=True)
    total = parts.get("b_output", 0)
    for head in range(layer.num_heads):

        def made(name, head=head):
            b = tape.take(parts[f"b_{name}"], head) if layer.use_bias else 0
            return x @ tape.take(parts[f"W_{name}"], (slice(None), head)) + b

        scores = made("query") @ tape.transpose(made("key"), (0, 2, 1)) / math.sqrt(layer.key_dim)
        top = np.where(seen, scores.data, -np.inf).max(axis=-1, keepdims=True)
        e = tape.where(seen, scores - np.where(none, 0, top), -np.inf).exp()
        weights = e / (e.sum(-1) + none)
        total = total + weights @ made("value") @ tape.take(parts["W_output"], head)
    return total


def residual(layer, x, parts, training, mask=None):
    return x + chain(layer.parts, x, parts["parts"], training, mask)


def chain(layers, a, parts, training, mask=None):
    """Layers one after the other, with their activations."""
    for layer, own in zip(layers, parts, strict=True):
        given = () if mask is None or not layer.takes_mask else (mask,)
        z = LAYERS[type(layer)](layer, a, own, training, *given)
        a = ACTIVATIONS[type(layer.activation)](layer.activation, z)
    return a


def values(layer) -> dict:
    """A layer's arrays on the tape, and those of its parts."""
    own = {name: Value(getattr(layer, name)) for name in layer.blocks}
    return own | ({"parts": [*map(values, layer.parts)]} if layer.parts else {})


LAYERS = {
    nn.Embedding: embedding,
    nn.PositionEmbedding: learned_positions,
    nn.SinePositionEncoding: sine_positions,
    nn.SimpleRNN: recurrent(simple_step, 1),
    nn.LSTM: recurrent(lstm_step, 2),
    nn.GRU: recurrent(gru_step, 1),
    nn.Bidirectional: both_ways,
    nn.MultiHeadAttention: attention,
    nn.Residual: residual,
    nn.Dense: dense,
    nn.Conv2D: convolution,
    nn.Conv1D: sequence_convolution,
    nn.Conv2DTranspose: transposed_convolution,
    nn.UpSampling2D: upsampling,
    nn.GlobalMaxPooling1D: global_max_pooling,
    nn.LayerNormalization: layer_normalization,
    nn.MaxPooling2D: max_pooling,
    nn.AveragePooling2D: average_pooling,
    nn.GlobalAveragePooling2D: global_average_pooling,
    nn.BatchNormalization: batch_normalization,
    nn.Dropout: dropout,
    nn.Activation: lambda layer, x, parts, training: x * 1,
    nn.Reshape: lambda layer, x, parts, training: tape.reshape(
        x, (len(x.data), *layer.target_shape)
    ),
    nn.Flatten: lambda layer, x, parts, training: tape.reshape(x, (len(x.data), -1)),
}


def signs(y: np.ndarray) -> np.ndarray:
    """Targets that say no as −1."""
    return np.where(y == 0, -1, y)


def binary_crossentropy(loss, y, prediction):
    y = (1 - loss.label_smoothing) * y + loss.label_smoothing / 2
    p = sigmoid(prediction) if loss.from_logits else prediction
    return mean(-(p.log() * y) - (1 - p).log() * (1 - y))


def crossentropy(loss, y, prediction):
    y = (1 - loss.label_smoothing) * y + loss.label_smoothing / y.shape[-1]
    p = softmax(prediction) if loss.from_logits else prediction / prediction.sum(axis=-1)
    return mean(-(p.log() * y).sum(axis=-1))


def of_labels(loss, y, prediction):
    return crossentropy(loss, np.eye(prediction.data.shape[-1])[y], prediction)


# For each loss, the number that it makes of targets and predictions.
LOSSES = {
    nn.MeanSquaredError: lambda loss, y, p: mean((p - y) * (p - y)),
    nn.MeanAbsoluteError: lambda loss, y, p: mean((p - y) * np.sign(p.data - y)),
    nn.Hinge: lambda loss, y, p: mean(tape.constant(0).maximum(1 - p * signs(y))),
    nn.PerceptronLoss: lambda loss, y, p: mean((p * -signs(y)).maximum(0)),
    nn.BinaryCrossentropy: binary_crossentropy,
    nn.CategoricalCrossentropy: crossentropy,
    nn.SparseCategoricalCrossentropy: of_labels,
}
CROSSENTROPIES = (nn.BinaryCrossentropy, nn.CategoricalCrossentropy)
