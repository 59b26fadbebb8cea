"""Models in files: arrays as safetensors, all else as JSON in the file's header; nothing that is code."""

import json
import os
from pathlib import Path

import numpy as np

from groundup.nn import random
from groundup.nn.config import Configured, class_name, described

FORMAT = "groundup.nn model 1"


def save(model, filepath: str | os.PathLike) -> None:
    """Write a built model; see ``Sequential.save``."""
    from safetensors.numpy import save as to_bytes  # takes a while to import

    arrays = {f"model/{block.name}": block.values for block in model.blocks()}
    about = {
        "input_shape": model.input_shape,
        "layers": [described(layer) for layer in model.layers],
        "compiled": None,
    }
    if model.optimizer is not None:
        about["compiled"] = {
            "optimizer": described(model.optimizer),
            "loss": described(model.loss),
            "metrics": [described(metric) for metric in model.metrics.values()],
        }
        arrays |= {f"optimizer/{name}": v for name, v in model.optimizer.variables.items()}
    arrays = {name: np.array(array, order="C") for name, array in arrays.items()}
    content = to_bytes(arrays, {"format": FORMAT, "model": json.dumps(about)})
    path = Path(filepath)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)  # at once, so that what was there is never lost half-way
    finally:
        part.unlink(missing_ok=True)


def load_model(filepath: str | os.PathLike):
    """Read a model that ``Sequential.save`` wrote, compiled as it was, its optimizer where it was.

    Layers, losses and the like of your own are found by their names: define them first.

    Args:
        filepath: the file.

    Returns:
        The ``Sequential``.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it's no such file, or something in it isn't known by its name.
    """
    from safetensors import SafetensorError, safe_open

    from groundup.nn.layer import Input
    from groundup.nn.model import Sequential

    Path(filepath).open("rb").close()  # says it better than safetensors
    try:
        with safe_open(filepath, framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{filepath} is damaged or no model: {error}") from None
    if metadata.get("format") != FORMAT:
        raise ValueError(
            f"{filepath} isn't a model of this engine: expected the format {FORMAT!r}, "
            f"got {metadata.get('format')!r}"
        )
    about = json.loads(metadata["model"])
    chance = random.generator.bit_generator.state  # initial values are drawn, and then replaced
    model = Sequential([Input(about["input_shape"]), *map(made, about["layers"])])
    random.generator.bit_generator.state = chance
    blocks = list(model.blocks())
    model = model.astype(arrays[f"model/{blocks[0].name}"].dtype)
    model.set_weights([arrays[f"model/{block.name}"] for block in blocks])
    if about["compiled"]:
        optimizer, loss = (made(about["compiled"][part]) for part in ("optimizer", "loss"))
        model.compile(optimizer, loss, metrics=[made(m) for m in about["compiled"]["metrics"]])
        model.optimizer.variables = {
            name.partition("/")[2]: value
            for name, value in arrays.items()
            if name.startswith("optimizer/")
        }
    return model


def made(description: list) -> Configured:
    """The part that was described so.

    Raises:
        ValueError: no class has that name.
    """
    name, config = description
    classes = {class_name(cls): cls for cls in _subclasses(Configured)}
    if name not in classes:
        raise ValueError(f"no class {name!r} is known; define it before loading the model")
    arguments = {
        argument: made(value) if _is_description(value) else value
        for argument, value in config.items()
    }
    return classes[name].with_config(arguments)


def _is_description(value) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[1], dict)


def _subclasses(cls: type) -> list[type]:
    direct = cls.__subclasses__()
    return direct + [inner for sub in direct for inner in _subclasses(sub)]
