"""The weights of a network that a chapter trained, for the live figure that runs it."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from groundup.page import transformers

FOLDER = Path("..", "_assets", "live")  # as a chapter sees it
MOST = 1_500_000  # bytes
ON_STAND_IN = "trained on a stand-in"
ACTIVATIONS = {"linear", "relu", "sigmoid", "softmax", "tanh"}
# What does nothing once a network is trained, or nothing to numbers that lie one after the other.
LEFT_OUT = {"Dropout", "Flatten", "InputLayer", "SpatialDropout2D"}


def weights(name: str, model, data=None) -> None:
    """Write a trained network to where the live figure of that name fetches it.

    The file ``NAME.weights.js`` lies beside the figure's script. It says what the layers are, and has
    their weights and biases as numbers of 16 bits. The build writes it, and nobody commits it. Where the
    folder isn't there, as for a notebook by itself, nothing is written.

    Args:
        name: the figure's.
        model: of Keras, where pictures go through ``Conv2D``, ``MaxPooling2D``, ``Flatten``, ``Dense``
            and dropout, one after the other; ``BatchNormalization`` becomes a part of the layer before.
            Or of the engine, where symbols go through ``Embedding``, ``LSTM``, dropout, and a ``Dense``
            with softmax, or through a small GPT.
        data: the data set that it was trained on; of a stand-in the figure says so.

    Raises:
        ValueError: the figure can't run it, or the file would be larger than 1.5 MB.
    """
    if transformers.is_one(model):
        layers = list(transformers.layers(model))
    elif type(model).__module__.startswith("groundup."):
        layers = list(_of_symbols(model))
    else:
        layers = list(_layers(model))
    arrays = [np.ravel(array) for _, *both in layers for array in both]
    with np.errstate(over="ignore"):
        numbers = np.concatenate(arrays).astype("<f2")
    if not np.isfinite(numbers).all():
        raise ValueError(f"the weights of {name} expected numbers that 16 bits can hold")
    facts = {
        "layers": [told for told, *_ in layers],
        "note": ON_STAND_IN if data is not None and data.is_stand_in else "",
    }
    text = base64.b64encode(numbers.tobytes()).decode()
    script = f'groundup.live.weights("{name}", {json.dumps(facts)},\n"{text}");\n'
    if len(script) > MOST:
        raise ValueError(
            f"the weights of {name} expected to take {MOST:,} bytes, got {len(script):,}"
        )
    if FOLDER.is_dir():
        (FOLDER / f"{name}.weights.js").write_text(script, encoding="ascii")


def _of_symbols(model) -> Iterator[tuple]:
    """The layers of a network of the engine that reads symbols, each with its arrays."""
    kinds = [type(layer).__name__ for layer in model.layers]
    if [kind for kind in kinds if kind != "Dropout"] != ["Embedding", "LSTM", "Dense"]:
        raise ValueError(f"a live figure expected a network that it can run, got {kinds}")
    for layer in model.layers:
        match type(layer).__name__:
            case "Embedding":
                yield {"embedding": [*layer.W.shape]}, layer.W
            case "LSTM" if not layer.go_backwards and layer.use_bias and layer.return_sequences:
                yield {"lstm": [len(layer.W), layer.units]}, layer.W, layer.U, layer.b
            case "Dense" if type(layer.activation).__name__ == "Softmax" and layer.use_bias:
                yield {"dense": [*layer.W.shape]}, layer.W, layer.b
            case "Dropout":
                pass
            case _:
                raise ValueError(f"a live figure expected a network that it can run, got {layer}")


def _layers(model) -> Iterator[tuple]:
    """What the figure does, one after the other, each with the weights and biases that it takes."""
    shape, waiting = model.input_shape[1:], None
    for layer in model.layers:
        match type(layer).__name__:
            case "Conv2D" if _is_plain(layer):
                following = _sum(layer, layer.kernel.shape, layer.padding == "same")
            case "Dense" if layer.kernel.shape[0] == np.prod(shape):
                # A convolution whose filters are as large as what they look at.
                following = _sum(layer, (*shape, layer.units))
            case "MaxPooling2D" if _is_square(layer):
                following = ({"pool": layer.pool_size[0]},)
            case "BatchNormalization" if _is_bare(waiting):
                told, W, b = waiting
                scale, shift = _as_scale_and_shift(layer)
                waiting = told, W * scale, b * scale + shift
                continue
            case "Activation" | "ReLU" if _is_bare(waiting):
                waiting[0]["activation"] = _activation(layer)
                continue
            case kind if kind in LEFT_OUT:
                continue
            case _:
                raise ValueError(f"a live figure expected a network that it can run, got {layer}")
        if waiting:
            yield waiting
        waiting = following
        shape = layer.output.shape[1:] if len(layer.output.shape) == 4 else (1, 1, layer.units)
    if waiting:
        yield waiting


def _sum(layer, shape: tuple[int, ...], same: bool = False) -> tuple:
    W = np.array(layer.kernel)
    b = np.array(layer.bias) if layer.use_bias else np.zeros(shape[-1])
    return {"shape": [*shape], "same": same, "activation": _activation(layer)}, W, b


def _is_plain(layer) -> bool:
    return layer.strides == layer.dilation_rate == (1, 1) and layer.groups == 1


def _is_square(layer) -> bool:
    across, down = layer.pool_size
    return across == down and layer.strides == layer.pool_size and layer.padding == "valid"


def _is_bare(layer: tuple | None) -> bool:
    """Whether it's a weighted sum to which nothing has been done."""
    return layer is not None and layer[0].get("activation") == "linear"


def _activation(layer) -> str:
    name = "relu" if type(layer).__name__ == "ReLU" else layer.activation.__name__
    if name not in ACTIVATIONS or (name == "relu" and getattr(layer, "negative_slope", 0)):
        raise ValueError(
            f"a live figure expected an activation of {sorted(ACTIVATIONS)}, got {layer}"
        )
    return name


def _as_scale_and_shift(layer) -> tuple[np.ndarray, np.ndarray]:
    """What batch normalization does after training, to each channel."""
    scale = 1 / np.sqrt(np.array(layer.moving_variance) + layer.epsilon)
    if layer.scale:
        scale = scale * np.array(layer.gamma)
    shift = np.array(layer.beta) if layer.center else 0
    return scale, shift - np.array(layer.moving_mean) * scale
