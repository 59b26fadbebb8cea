"""The variables of the environment that decide how TensorFlow computes: it reads them once, early on.

So what counts is what they were when it was imported. A process that has imported it before this module
can only be asked what they were at its start.
"""

import os
import sys
from pathlib import Path

# How those begin that turn ways of computing on and off; others begin with TF_ that aren't TensorFlow's.
KINDS = (
    "DNNL_", "ONEDNN_", "TF_CUDNN_", "TF_DETERMINISTIC_", "TF_DISABLE_", "TF_ENABLE_", "TF_ONEDNN_",
    "TF_USE_", "TF_XLA_", "XLA_",
)  # fmt: skip


def taken(names: tuple[str, ...]) -> dict[str, str | None]:
    """What TensorFlow and Keras took of these variables, or will take; and of others of their kinds.

    Args:
        names: those to be told whether they are set or not.

    Raises:
        RuntimeError: one is another now than it was when the library was imported.
    """
    found = {name: os.environ.get(name) for name in names}
    found |= {n: value for n, value in sorted(os.environ.items()) if n.startswith(KINDS)}
    if "tensorflow" in sys.modules:
        before = {name for name in _imported if name.startswith(KINDS)}
        for name in sorted((before | found.keys()) - {"KERAS_BACKEND"}):
            if os.environ.get(name) != _imported.get(name):
                raise RuntimeError(
                    f"{name} is {_said(os.environ.get(name))} and was {_said(_imported.get(name))} when "
                    "TensorFlow was imported, or Python started: TensorFlow reads it only then; expected "
                    "it to be set before Python starts, or after groundup.runs and before TensorFlow is "
                    "imported"
                )
    named = os.environ.get("KERAS_BACKEND")
    if named and "keras" in sys.modules and named != sys.modules["keras"].backend.backend():
        raise RuntimeError(
            f"KERAS_BACKEND is {named!r}, and Keras computes with "
            f"{sys.modules['keras'].backend.backend()}; expected it to be set before Keras is imported"
        )
    return found


def _said(value: str | None) -> str:
    return "nothing" if value is None else repr(value)


def _at_start() -> dict[str, str]:
    """The environment that the process was started with, where the system tells it."""
    try:
        entries = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return dict(os.environ)
    return dict(os.fsdecode(entry).split("=", 1) for entry in entries if b"=" in entry)


def _hear(event: str, arguments: tuple) -> None:
    """An audit hook: keep the environment in which TensorFlow's own module is executed."""
    if event == "exec" and (module := sys.modules.get("tensorflow")) is not None:
        file = getattr(getattr(module, "__spec__", None), "origin", None)
        if file is not None and getattr(arguments[0], "co_filename", None) == file:
            _imported.clear()
            _imported.update(os.environ)


_imported: dict[str, str] = _at_start()
sys.addaudithook(_hear)
