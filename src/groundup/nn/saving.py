"""Models into files: arrays as safetensors, all else as JSON in its header; nothing that is code."""

import json
import os
from pathlib import Path

import numpy as np

from groundup.nn.config import described

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
