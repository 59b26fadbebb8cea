"""A key says what TensorFlow took of the environment; where that can't be told, there is no run."""

import os
import subprocess
import sys

import pytest
import tensorflow as tf  # noqa: F401  (only what is imported has taken anything)

from groundup.runs import flags

NAMES = ("TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS")


@pytest.mark.parametrize("name", [*NAMES, "TF_CUDNN_DETERMINISTIC", "ONEDNN_MAX_CPU_ISA"])
def test_a_variable_that_is_set_after_the_import_is_refused(name, monkeypatch):
    before = flags.taken(NAMES)
    monkeypatch.setenv(name, "0")
    with pytest.raises(RuntimeError, match=f"{name} is '0' and was nothing when TensorFlow"):
        flags.taken(NAMES)
    monkeypatch.setitem(flags._imported, name, "0")
    assert flags.taken(NAMES) == before | {name: "0"}
    monkeypatch.delenv(name)
    with pytest.raises(RuntimeError, match=f"{name} is nothing and was '0'"):
        flags.taken(NAMES)


def test_what_decides_no_number_is_no_flag(monkeypatch):
    before = flags.taken(NAMES)
    for name in ("TF_CPP_MIN_LOG_LEVEL", "TF_CLI_CONFIG_FILE"):
        monkeypatch.setenv(name, "4")
    assert flags.taken(NAMES) == before


def test_another_backend_than_keras_computes_with_is_refused(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with pytest.raises(RuntimeError, match="KERAS_BACKEND is 'torch'"):
        flags.taken(NAMES)


def test_what_is_set_before_the_import_is_taken():
    """Whichever module executes it; a copy of another library's that is called so isn't TensorFlow."""
    program = (
        "import os; from groundup.runs import flags; os.environ['XLA_FLAGS'] = '--set'; import keras; "
        "print(flags.taken(('XLA_FLAGS',)), flags._imported['XLA_FLAGS'])"
    )
    environment = {n: v for n, v in os.environ.items() if n != "XLA_FLAGS"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment
    )
    assert done.stdout.strip() == "{'XLA_FLAGS': '--set'} --set", done.stderr
