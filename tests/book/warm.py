"""``jupyter-book`` from a process that has imported what it imports, which is most of a small build.

A command runs in a child of its own, forked before anything but imports has happened; so nothing of one
command is left for the next.
"""

import atexit
import functools
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

IMPORTS = """groundup.sphinxext jupyter_book.cli.main jupyter_book.sphinx myst_nb.sphinx_ext
myst_nb.ext.glue nbclient jupyter_client.asynchronous pydata_sphinx_theme sphinx_book_theme
sphinx_copybutton sphinx_external_toc sphinx_jupyterbook_latex sphinx_togglebutton sphinx_thebe
sphinxcontrib.bibtex sphinxcontrib.katex sphinx.builders.html sphinx.ext.viewcode sphinx.ext.autodoc
sphinx.ext.intersphinx sphinx.ext.mathjax sqlalchemy"""


def knows(environment: dict[str, str]) -> bool:
    """Whether Python itself begins as in these tests."""
    theirs, ours = (
        {name: value for name, value in variables.items() if name.startswith("PYTHON")}
        for variables in (environment, os.environ)
    )
    return theirs == ours


def run(command: list[str], timeout: float, **surroundings) -> int:
    """Run a command with this ``folder``, ``environment``, ``stdout`` and ``stderr``; its exit status."""
    process = started()
    limit = threading.Timer(timeout, os.killpg, (process.pid, signal.SIGKILL))  # with its child
    limit.start()
    try:
        print(json.dumps({"command": command} | surroundings), file=process.stdin, flush=True)
        said = process.stdout.readline()
    finally:
        limit.cancel()
    if not said:
        started.cache_clear()
        raise subprocess.TimeoutExpired(command, timeout)
    return int(said)


@functools.cache
def started() -> subprocess.Popen:
    """The process; it ends when its input does, with the tests at the latest."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, __file__], stdin=pipe, stdout=pipe, text=True, start_new_session=True
    )
    atexit.register(process.__exit__, None, None, None)
    return process


def serve() -> None:
    """Import, and then run what is asked for, one after the other."""
    for name in IMPORTS.split():
        importlib.import_module(name)
    assert threading.active_count() == 1, "a thread isn't forked"
    for line in sys.stdin:
        if not (child := os.fork()):
            return become(**json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def become(command, folder, environment, stdout, stderr) -> None:
    """Be the process that was asked for."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for descriptor, path in enumerate((os.devnull, stdout, stderr)):
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, descriptor)
        os.close(file)
    tempfile.tempdir = None  # asked for anew, by the new environment
    sys.argv, sys.path[0] = command, str(Path(command[0]).parent)
    runpy.run_path(command[0], run_name="__main__")


if __name__ == "__main__":
    serve()
