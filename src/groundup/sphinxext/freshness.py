"""A chapter's results are taken from the cache only if nothing that they stand on has changed.

jupyter-cache compares code cells and the kernel's description. So the digest of what else decides a
result (our own code, the installed versions, original data or stand-ins) goes into that description.
"""

import hashlib
import importlib.metadata
import json
import os
import pkgutil
import platform
import re

import yaml
from myst_nb.core.read import create_nb_reader
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError

import groundup
from groundup import data
from groundup.runs import code

LIBRARIES = ("keras", "matplotlib", "numpy", "scikit-learn", "tensorflow")
NOT_IN_CHAPTERS = "groundup.sphinxext"
VARIABLES = (
    "KERAS_BACKEND",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TF_DETERMINISTIC_OPS",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_NUM_INTEROP_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
)


class NoKernel(SphinxError):
    """A page is to be executed, and there is no place for what its results stand on."""

    category = "No kernel"


def versions() -> dict[str, str]:
    """The versions of Python and of the libraries that results depend on."""
    return {
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in LIBRARIES},
    }


def standing(identity: dict[str, list[str]]) -> str:
    """The digest of everything but its own cells that a chapter's results stand on.

    Args:
        identity: what each data set is, original or stand-in.
    """
    modules = [
        module.name
        for module in pkgutil.walk_packages(groundup.__path__, "groundup.")
        if not module.name.startswith(NOT_IN_CHAPTERS)
    ]
    facts = {
        "code": {name: code.source_digest(name) for name in ["groundup", *modules]},
        "versions": versions(),
        "data": identity,
        "variables": {name: os.environ.get(name) for name in VARIABLES},
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def note_standing(app: Sphinx, docname: str, source: list[str]) -> None:
    """Write the digest into the kernel's description in the page's front matter.

    Raises:
        NoKernel: the page will be executed and has no such description.
    """
    env, text = app.env, source[0]
    if create_nb_reader(env.doc2path(docname), env.myst_config, env.mystnb_config, text) is None:
        return
    front_matter = re.match(r"---[ \t]*\r?\n.*?\n---[ \t]*\r?\n", text, flags=re.DOTALL)
    block = front_matter and re.search(
        r"^kernelspec:.*\n(?:[ \t]+.*\n)*", front_matter[0], flags=re.MULTILINE
    )
    if not block:
        raise NoKernel(
            f"{docname}: expected MyST Markdown with a kernelspec in its front matter: "
            "kernelspec: {name: python3, display_name: Python 3}"
        )
    kernel = yaml.safe_load(block[0])["kernelspec"] | {"groundup": env.groundup_standing}
    lines_left = "#\n" * (block[0].count("\n") - 1)  # so that warnings name the right lines
    start, end = block.span()
    source[0] = f"{text[:start]}kernelspec: {json.dumps(kernel)}\n{lines_left}{text[end:]}"


def outdated(app: Sphinx, env: BuildEnvironment, added, changed, removed) -> list[str]:
    """All pages with cells, if what they stand on has changed since the last build."""
    before = getattr(env, "groundup_standing", None)
    env.groundup_identity = data.identity()
    env.groundup_standing = standing(env.groundup_identity)
    if before == env.groundup_standing:
        return []
    return [name for name in env.found_docs if "kernelspec" in env.metadata[name]]


def setup(app: Sphinx) -> None:
    """Connect to the reading of pages."""
    app.connect("env-get-outdated", outdated)
    app.connect("source-read", note_standing)
