"""Models out of files."""

import json
import os
from pathlib import Path

from groundup.nn import random
from groundup.nn.config import Configured, class_name
from groundup.nn.layers.layer import Input
from groundup.nn.model import Sequential
from groundup.nn.saving import FORMAT


def load_model(filepath: str | os.PathLike) -> Sequential:
    """Read a model that ``Sequential.save`` wrote, compiled as it was, its optimizer where it was.

    Layers, losses and the like of your own are found by their names: define them first.

    Args:
        filepath: the file.

    Returns:
        The model.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it's no such file, or something in it isn't known by its name.
    """
    from safetensors import SafetensorError, safe_open  # takes a while to import

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
    return classes[name].with_config({argument: _made(value) for argument, value in config.items()})


def _made(value):
    """An argument, in which what was described is made again."""
    if _is_description(value):
        return made(value)
    return [*map(_made, value)] if isinstance(value, list) else value


def _is_description(value) -> bool:
    return isinstance(value, list) and [*map(type, value)] == [str, dict]


def _subclasses(cls: type) -> list[type]:
    direct = cls.__subclasses__()
    return direct + [inner for sub in direct for inner in _subclasses(sub)]
