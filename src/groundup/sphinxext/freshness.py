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
    "NVIDIA_TF32_OVERRIDE",
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
        names: dotted names, see ``uses.references``.
        words: the names of data sets that stand in the cells.
        opaque: whether they can use more than is to be seen, so that all of ours counts.
    """

    names: frozenset[str]
    words: frozenset[str]
    opaque: bool


def cells_use(cells: Iterable[str]) -> Uses:
    """What the source of a chapter's cells uses."""
    whole, opaque = ast.Module([], []), False
    for cell in cells:
        try:
            whole.body += ast.parse(TransformerManager().transform_cell(cell)).body
        except SyntaxError:
            opaque = True
    called = {node.id for node in ast.walk(whole) if isinstance(node, ast.Name)}
    opaque |= bool(called & OPAQUE) or uses.imports_by_computed_name(whole)
    try:
        names = uses.references(whole)
    except ImportError:  # relative imports, which a notebook can't have
        names, opaque = frozenset(), True
    return Uses(names, frozenset(_words(whole)), opaque)


@functools.cache
def _words_of(module: str) -> set[str]:
    return _words(uses.tree(module))


def _words(tree: ast.AST) -> set[str]:
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return strings & set(data.names())


def standing(used: Uses, folder: Path, identity: "Identity", before: dict | None) -> dict:
    """What the results of a chapter with these uses stand on.

    Args:
        used: what its cells use.
        folder: where the chapter is.
        identity: what each data set is.
        before: its standing as it was, which is still its standing if nothing around it has changed.

    Returns:
        Its uses, its facts, and ``around``: the digest of all that decides the facts, quick to find.
    """
    known = before is not None and before["uses"] == used
    if known and _around(folder, used, before["facts"], identity) == before["around"]:
        return before
    found = facts(used, folder, identity)
    return {"uses": used, "facts": found, "around": _around(folder, used, found, identity)}


def _around(folder: Path, used: Uses, found: dict, identity: "Identity") -> str:
    tops = _tops(found["code"]) | {"groundup"}
    return digest({
        "places": {top: uses.places(top) for top in found["imports"]},
        "sources": {top: code.files_digest(top) for top in tops},
        "files": _beside(folder, used)[0],
        "libraries": versions.listing(),
        "python": platform.python_version(),
        "data": {name: identity[name] for name in found["data"]},
        "variables": _variables(),
    })  # fmt: skip


def facts(used: Uses, folder: Path, identity: "Identity") -> dict:
    """Everything but its own cells that a chapter's results stand on.

    Args:
        used: what its cells use.
        folder: where the chapter is, and its kernel runs.
        identity: what each data set is.
    """
    beside, used = _beside(folder, used)
    roots = uses.modules(used.names)
    if used.opaque:
        roots |= uses.submodules("groundup")
    roots = {name for name in roots if not name.startswith(NOT_IN_CHAPTERS)}
    ours = uses.closure(roots)
    names = used.names.union(*map(uses.names, ours))
    return {
        "code": code.sources(roots, used.names),
        "versions": {
            "python": platform.python_version(),
            **versions.installed({*uses.libraries(names), *KERNEL}),
        },
        "files": beside,
        "data": {name: identity[name] for name in _data_sets(used, ours)},
        "variables": _variables(),
        "imports": {top: bool(uses.places(top)) for top in sorted(_tops(names) - uses.STANDARD)},
    }


def _tops(names: Iterable[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def _variables() -> dict[str, str | None]:
    return {name: os.environ.get(name) for name in VARIABLES}


def _beside(folder: Path, used: Uses) -> tuple[dict[str, str], Uses]:
    """All modules in a chapter's folder, if it uses one, with their digests, and what all of them use."""
    tops = _tops(used.names)
    if not any((folder / f"{top}.py").is_file() or (folder / top).is_dir() for top in tops):
        return {}, used
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*.py")
        if path.is_file()
    }
    digests = {name: hashlib.sha256(source).hexdigest() for name, source in sorted(files.items())}
    every = Uses(frozenset(), frozenset(), False)
    for source in files.values():
        every = _together(every, cells_use([source.decode(errors="replace")]))
    return digests, _together(used, every)


def _together(one: Uses, other: Uses) -> Uses:
    return Uses(one.names | other.names, one.words | other.words, one.opaque or other.opaque)


def _data_sets(used: Uses, ours: set[str]) -> list[str]:
    """The data sets of a chapter: those that it or a module names, or all, if it uses none by name."""
    if "groundup.data.catalogue" not in ours:
        return []
    others = [name for name in ours if not name.startswith("groundup.data.")]
    return sorted(used.words.union(*map(_words_of, others)) or data.names())


def forget() -> None:
    """Forget what was read of modules, which may have changed since."""
    code.forget()
    versions.forget()
    _words_of.cache_clear()


def digest(facts: dict) -> str:
    """The digest of what a chapter's results stand on."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


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


def kernelspec(text: str) -> re.Match | None:
    """Where the front matter of a page's source describes its kernel; None if it doesn't."""
    front_matter = re.match(r"---[ \t]*\r?\n.*?\n---[ \t]*\r?\n", text, flags=re.DOTALL)
    return front_matter and re.search(
        r"^kernelspec:.*\n(?:[ \t]+.*\n)*", front_matter[0], flags=re.MULTILINE
    )


def with_standing(text: str, standing: dict, docname: str) -> str:
    """A page's source with the digest of its facts in the kernel's description in its front matter.

    Raises:
        NoKernel: it has no such description.
    """
    block = kernelspec(text)
    if not block:
        raise NoKernel(
            f"{docname}: expected MyST Markdown with a kernelspec in its front matter: "
            "kernelspec: {name: python3, display_name: Python 3}"
        )
    kernel = (yaml.safe_load(block[0])["kernelspec"] or {}) | {
        "groundup": digest(standing["facts"])
    }
    lines_left = "#\n" * (block[0].count("\n") - 1)  # so that warnings name the right lines
    start, end = block.span()
    return f"{text[:start]}kernelspec: {json.dumps(kernel)}\n{lines_left}{text[end:]}"


def outdated(app: Sphinx, env: BuildEnvironment, added, changed, removed) -> list[str]:
    """The pages with cells whose results stand on something that has changed since they were read."""
    env.groundup_identity = Identity()
    app.groundup_same = []
    found = []
    for docname in env.found_docs:
        if before := env.metadata[docname].get("stands_on"):
            folder = Path(env.doc2path(docname)).parent
            now = standing(before["uses"], folder, env.groundup_identity, before)
            if now["facts"] != before["facts"]:
                found.append(docname)
            elif now is not before:  # other surroundings, the same facts
                env.metadata[docname]["stands_on"] = now
                app.groundup_same.append(docname)
    return found


def keep(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages whose surroundings alone changed: Sphinx keeps what it knows only if it writes a page."""
    return app.groundup_same


def setup(app: Sphinx) -> None:
    """Connect to the finding of outdated pages and the end of reading."""
    app.connect("env-get-outdated", outdated)
    app.connect("env-updated", keep)
