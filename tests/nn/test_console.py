"""What is printed where the console lacks characters."""

import io
import os
import subprocess
import sys

import pytest

from groundup.nn import console

PROGRAM = """
import numpy as np
from groundup import nn
from groundup.exercises.checking import Result
model = nn.Sequential([nn.Input((4,)), nn.Dense(3), nn.Dense(1)])
model.compile("sgd", "mse")
model.summary()
x = np.ones((5, 4))
print(nn.gradient_check(model, x, x[:, 0]))
model.fit(x, x[:, 0], epochs=1, callbacks=[nn.ProgbarLogger()])
print(Result("a.b", None), Result("a.b", "\\u03c3(z) \\u2212 1"))
"""


@pytest.mark.parametrize(
    "settings",
    [
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp437"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["cp1252", "ascii", "cp437", "C"],
)
def test_the_engine_prints_on_every_console(settings):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=os.environ | settings, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert b"worst" in done.stdout
    assert b"right" in done.stdout


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-8", "──→ σ …"), ("ascii", "---> ? ..."), ("cp1252", "---> ? …")],
)
def test_what_an_encoding_lacks_is_plain_and_nothing_else(monkeypatch, encoding, expected):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert console.printable("──→ σ …") == expected


def test_without_a_console_nothing_is_replaced(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert console.printable("─ → σ …") == "─ → σ …"
