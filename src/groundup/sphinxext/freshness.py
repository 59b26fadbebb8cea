"""A chapter's results are taken from the cache only if nothing that they stand on has changed.

jupyter-cache compares code cells and the kernel's description. So the digest of what else decides a
result goes into that description: the modules of ours that the chapter uses, the versions of the
libraries that these and the chapter use, its data's identity, and settings.
"""

import ast
import dataclasses
import functools
import hashlib
import json
import os
import platform
import re
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import yaml
from IPython.core.inputtransformer2 import TransformerManager
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError

from groundup import data
from groundup.runs import code, uses, versions

NOT_IN_CHAPTERS = "groundup.sphinxext"
KERNEL = ("IPython", "ipykernel")
LISTED = ("keras", "matplotlib", "numpy", "scikit-learn", "tensorflow")
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
# Code that can do what isn't to be seen in it.
OPAQUE = frozenset({"__import__", "compile", "eval", "exec", "get_ipython"})


class NoKernel(SphinxError):
    """A page is to be executed, and there is no place for what its results stand on."""

    category = "No kernel"


@dataclasses.dataclass(frozen=True)
class Uses:
    """What the cells of a chapter take from elsewhere, as far as they say it themselves.

    Args:
        names: dotted names, see ``uses.references``; None if that can't be told, and all of ours counts.
        words: the names of data sets that stand in the cells.
    """

    names: tuple[str, ...] | None
    words: tuple[str, ...]


def used(cells: Iterable[str]) -> Uses:
    """What the source of some cells uses."""
    names: set[str] = set()
    words: set[str] = set()
    opaque = False
    for cell in cells:
        try:
            tree = ast.parse(TransformerManager().transform_cell(cell))
        except SyntaxError:
            opaque = True
            continue
        names |= uses.references(tree)
        words |= _words(tree)
        called = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        opaque |= bool(called & OPAQUE)
    return Uses(None if opaque else tuple(sorted(names)), tuple(sorted(words)))


@functools.cache
def _words_of(module: str) -> set[str]:
    return _words(uses.tree(module))


def _words(tree: ast.AST) -> set[str]:
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return strings & set(data.names())


def modules(used: Uses) -> set[str]:
    """The modules of ours that a chapter uses, directly or not."""
    whole = used.names is None
    found = uses.submodules("groundup") if whole else uses.closure(uses.modules(used.names))
    return {name for name in found if not name.startswith(NOT_IN_CHAPTERS)}


def facts(used: Uses, folder: Path, identity: "Identity") -> dict:
    """Everything but its own cells that a chapter's results stand on.

    Args:
        used: what its cells use.
        folder: where the chapter is, and its kernel runs.
        identity: what each data set is.
    """
    ours = modules(used)
    names = set(used.names or ()).union(*(uses.names(module) for module in ours))
    libraries = uses.libraries(names)
    local = {name: _local(folder, name) for name in sorted(libraries) if uses.spec(name) is None}
    return {
        "code": {name: code.source_digest(name) for name in sorted(ours)},
        "versions": {
            "python": platform.python_version(),
            **versions.installed({*libraries, *KERNEL}),
        },
        "files": {name: digest for name, digest in local.items() if digest},
        "data": {name: identity[name] for name in _data_sets(used, ours)},
        "variables": {name: os.environ.get(name) for name in VARIABLES},
    }


def digest(facts: dict) -> str:
    """The digest of what a chapter's results stand on."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _data_sets(used: Uses, ours: set[str]) -> list[str]:
    """The data sets of a chapter: those that it or a module names, or all, if it uses none by name."""
    if "groundup.data.catalogue" not in ours:
        return []
    others = [name for name in ours if not name.startswith("groundup.data.")]
    words = set(used.words).union(*map(_words_of, others))
    return sorted(words or data.names())


def _local(folder: Path, name: str) -> str | None:
    """The digest of all modules beside a chapter, if one of them has that name."""
    if not (folder / f"{name}.py").exists() and not (folder / name).is_dir():
        return None
    sources = [(str(path.relative_to(folder)), path.read_bytes()) for path in folder.rglob("*.py")]
    return hashlib.sha256(repr(sorted(sources)).encode()).hexdigest()


class Identity(dict):
    """What each data set is, found out when it's first asked for."""

    def __missing__(self, name: str) -> list[str]:
        self[name] = data.identity(name)
        return self[name]


def listed_versions() -> dict[str, str]:
    """The versions of Python and of the libraries that readers know."""
    return {
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in LISTED},
    }


def with_standing(text: str, standing: str, docname: str) -> str:
    """A page's source with the digest in the kernel's description in its front matter.

    Raises:
        NoKernel: it has no such description.
    """
    front_matter = re.match(r"---[ \t]*\r?\n.*?\n---[ \t]*\r?\n", text, flags=re.DOTALL)
    block = front_matter and re.search(
        r"^kernelspec:.*\n(?:[ \t]+.*\n)*", front_matter[0], flags=re.MULTILINE
    )
    if not block:
        raise NoKernel(
            f"{docname}: expected MyST Markdown with a kernelspec in its front matter: "
            "kernelspec: {name: python3, display_name: Python 3}"
        )
    kernel = yaml.safe_load(block[0])["kernelspec"] | {"groundup": standing}
    lines_left = "#\n" * (block[0].count("\n") - 1)  # so that warnings name the right lines
    start, end = block.span()
    return f"{text[:start]}kernelspec: {json.dumps(kernel)}\n{lines_left}{text[end:]}"


def outdated(app: Sphinx, env: BuildEnvironment, added, changed, removed) -> list[str]:
    """The pages with cells whose results stand on something that has changed since they were read."""
    env.groundup_identity = Identity()
    found = []
    for docname in env.found_docs:
        before = env.metadata[docname].get("stands_on")
        if before is not None:
            folder = Path(env.doc2path(docname)).parent
            if facts(before["uses"], folder, env.groundup_identity) != before["facts"]:
                found.append(docname)
    return found


def setup(app: Sphinx) -> None:
    """Connect to the finding of outdated pages."""
    app.connect("env-get-outdated", outdated)
