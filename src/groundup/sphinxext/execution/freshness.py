"""A chapter's results are taken from the cache only if nothing that they stand on has changed.

jupyter-cache compares code cells and the kernel's description. So the digest of what else decides a
result goes into that description: the chapter's folder, the modules of ours that the chapter uses, the
versions of the libraries that these and the chapter use, its data's identity, settings, and what its
kernel told at its end: the files that it read, the folders that it listed (``groundup.recorder``).
"""

import dataclasses
import functools
import hashlib
import json
import locale
import os
import platform
import re
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import yaml
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from groundup import data, recorder
from groundup.runs import code, source_files, uses, versions
from groundup.sphinxext.execution import cells, files, sources

NOT_IN_CHAPTERS = "groundup.sphinxext"
KERNEL = ("IPython", "ipykernel")
STANDING = "groundup"  # where the digest goes, in the kernel's description
NOT_TRAINED = "not_trained"  # why a page's runs weren't all trained in the build that read it
# Libraries that readers know, and what they're imported as.
LISTED = {
    "keras": "keras",
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "scikit-learn": "sklearn",
    "tensorflow": "tensorflow",
}
VARIABLES = (
    "IPYTHONDIR",
    "KERAS_BACKEND",
    "MATPLOTLIBRC",
    "MKL_NUM_THREADS",
    "MPLCONFIGDIR",
    "NVIDIA_TF32_OVERRIDE",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "PYTHONCOERCECLOCALE",
    "PYTHONHASHSEED",
    "PYTHONIOENCODING",
    "PYTHONOPTIMIZE",
    "PYTHONSTARTUP",
    "PYTHONUTF8",
    "TF_DETERMINISTIC_OPS",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_NUM_INTEROP_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_XLA_FLAGS",
    "TZ",
    "XLA_FLAGS",
)
# What commands and the module locale go by.
LOCALE = (
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LC_MONETARY",
    "LC_NUMERIC",
    "LC_TIME",
)
# What Keras takes where nothing else is said, and writes into its file of settings.
KERAS_SETTINGS = {
    "floatx": "float32",
    "epsilon": 1e-07,
    "backend": "tensorflow",
    "image_data_format": "channels_last",
}
# Variables that say where things are or how they're made, not what they are.
PLACES = re.compile("GROUNDUP_.*|JPY_.*|KERAS_HOME")
# What is known of a chapter's reading before it has run: nothing.
UNTOLD = {
    "files": [],
    "folders": {},
    "kinds": {},
    "own": {},
    "data": [],
    "variables": [],
    "known": False,
}


@functools.cache
def _words_of(module: str) -> set[str]:
    return cells.words(source_files.tree(module))


@functools.cache
def _variables_of(module: str) -> set[str]:
    found = cells.variables(source_files.tree(module))
    if not _is_ours(module):
        return found
    # Ours goes through all only to hand them on.
    return {name for name in found if not PLACES.fullmatch(name) and not name.endswith("*")}


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "groundup"


def standing(
    used: cells.Uses,
    place: "Place",
    identity: "Identity",
    before: dict | None = None,
    told: dict | None = None,
) -> dict:
    """What the results of a chapter with these uses stand on.

    Args:
        used: what its cells use.
        place: where the chapter is.
        identity: what each data set is.
        before: its standing as it was, which is still its standing if nothing around it has changed.
        told: what its kernel told; by default what it had told before.

    Returns:
        Its uses, what its kernel ``told``, its facts, and ``around``: the digest of all that decides the
        facts, quick to find.
    """
    if told is None:
        told = before["told"] if before else UNTOLD
    known = before is not None and before["uses"] == used and before["told"] == told
    if known and _around(place, used, told, before["facts"], identity) == before["around"]:
        return before
    found = facts(used, place, identity, told)
    around = _around(place, used, told, found, identity)
    return {"uses": used, "told": told, "facts": found, "around": around}


def _around(place: "Place", used: cells.Uses, told: dict, found: dict, identity: "Identity") -> str:
    tops = _tops(found["code"]) | {"groundup"}
    return digest({
        "places": {top: source_files.places(top) for top in found["imports"]},
        "sources": {top: code.files_digest(top) for top in tops},
        "files": _beside(place, used, told)[0],
        "libraries": versions.listing(),
        "python": platform.python_version(),
        "encoding": locale.getencoding(),
        "data": {name: identity[name] for name in found["data"]},
        "variables": {name: recorder.variable(name) for name in found["variables"]},
        "settings": _settings(found["versions"]),
        "read": {name: files.state(place.path(name)) for name in _read(used, place, told)},
        "listed": _listed(place, told),
    })  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a chapter is.

    Args:
        book: the folder of the book.
        folder: the folder that its kernel runs in.
    """

    book: Path
    folder: Path

    def name(self, path: str | Path) -> str:
        """A path as every copy of the book calls it."""
        return files.name(path, self.book)

    def path(self, name: str) -> Path:
        """Where what has that name is here."""
        return self.book / Path(name).expanduser()


def facts(used: cells.Uses, place: Place, identity: "Identity", told: dict) -> dict:
    """Everything but its own cells that a chapter's results stand on.

    Args:
        used: what its cells use.
        place: where the chapter is.
        identity: what each data set is.
        told: what its kernel told, names without content.
    """
    read = _read(used, place, told)
    beside, used = _beside(place, used, told)
    for name in read:
        if name.endswith(".py"):  # code of the chapter's, wherever it found it
            used = cells.together(
                used, _uses_of(str(place.path(name)), files.digest(place.path(name)))
            )
    roots = uses.modules(used.names)
    if used.opaque:
        roots |= source_files.submodules("groundup")
    roots = {name for name in roots if not name.startswith(NOT_IN_CHAPTERS)}
    ours = uses.closure(roots)
    names = used.names.union(*map(uses.names, ours))
    found = versions.installed({*uses.libraries(names), *KERNEL})
    variables = {*VARIABLES, *used.variables.union(*map(_variables_of, ours))}
    variables |= {*told["variables"]}
    if used.opaque or "locale" in _tops(names):
        variables |= {*LOCALE}
    return {
        "folder": place.name(place.folder),
        "code": code.sources(roots, used.names),
        "versions": {"python": platform.python_version(), **found},
        "files": beside,
        "read": {name: files.digest(place.path(name)) for name in read} | _listed(place, told),
        "data": {name: identity[name] for name in sorted({*_data_sets(used, ours), *told["data"]})},
        "variables": {name: recorder.variable(name) for name in sorted(variables)},
        "encoding": locale.getencoding(),
        "settings": _settings(found),
        "imports": {
            top: bool(source_files.places(top))
            for top in sorted(_tops(names) - source_files.STANDARD)
        },
    }


def _tops(names: Iterable[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def _settings(found: dict[str, str]) -> str | None:
    """What Keras's file of settings says, where a chapter uses Keras."""
    if "keras" not in found:
        return None
    path = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "keras.json"
    try:
        said = KERAS_SETTINGS | json.loads(path.read_bytes())
    except (OSError, TypeError, ValueError):
        return None
    if os.environ.get("KERAS_BACKEND"):  # it goes before
        said["backend"] = KERAS_SETTINGS["backend"]
    return None if said == KERAS_SETTINGS else json.dumps(said, sort_keys=True)


def _beside(place: Place, used: cells.Uses, told: dict) -> tuple[dict[str, str], cells.Uses]:
    """All modules in a chapter's folder, if it uses one, with their digests, and what all of them use.

    Those that it writes itself are in its cells.
    """
    folder, tops = place.folder, _tops(used.names)
    if not any((folder / f"{top}.py").is_file() or (folder / top).is_dir() for top in tops):
        return {}, used
    found, every = {}, used
    for path in sorted(folder.rglob("*.py")):
        if place.name(path) not in told["own"] and (content := files.digest(path)):
            found[path.relative_to(folder).as_posix()] = content
            every = cells.together(every, _uses_of(str(path), content))
    return found, every


@functools.cache
def _uses_of(path: str, content: str | None) -> cells.Uses:
    """What a file of code uses; ``content`` is its digest."""
    try:
        return cells.use([Path(path).read_text(encoding="utf-8", errors="replace")])
    except OSError:
        return cells.Uses()


def _read(used: cells.Uses, place: Place, told: dict) -> list[str]:
    """The files that a chapter read, and those that its cells name, which something else may read for it.

    Only when it has run it's known which of the latter it writes itself.
    """
    found = set(told["files"])
    if told["known"]:
        beside = {entry.name for entry in os.scandir(place.folder)}
        for text in used.strings:
            if text in beside or os.sep in text or "/" in text:
                path = place.folder / text
                name = place.name(path)
                if name not in told["own"] and os.path.isfile(path):
                    found.add(name)
    return sorted(found)


def _listed(place: Place, told: dict) -> dict[str, str]:
    """The folders that a chapter listed, with digests of what is in them but its own."""
    kinds = told["kinds"]
    return {
        f"{name}/": files.listing(place.path(name), frozenset(own), kinds[name])
        for name, own in told["folders"].items()
    }


def condensed(report: dict, place: Place, facts: dict, data: Iterable[str]) -> dict:
    """What is to be kept of what a kernel told: names, whose content the next build compares.

    Args:
        report: what it told.
        place: where its chapter is.
        facts: its facts without what it told.
        data: the data sets that it loaded.
    """
    followed = set()
    for module in facts["code"]:  # compared by their syntax
        found = source_files.spec(module)
        followed |= {found.origin} if found else set()
    own = {place.name(path): files.digest(path) for path in sorted(report["own"])}
    folders, kinds = {}, {}
    for path, kind in report["listed"].items():
        inside = (os.path.basename(p) for p in report["own"] if os.path.dirname(p) == path)
        folders[place.name(path)] = sorted(inside)
        kinds[place.name(path)] = kind
    return {
        "files": sorted(place.name(path) for path in report["read"] if path not in followed),
        "folders": folders,
        "kinds": kinds,
        "own": {name: held for name, held in own.items() if not name.startswith(("/", "~"))},
        "data": sorted(data),
        "variables": report["asked"],
        "known": True,
    }


def named(used: cells.Uses, place: Place) -> dict[str, str | None]:
    """The files that a chapter's cells name, each with the digest of what it holds."""
    paths = {place.name(place.folder / text) for text in used.strings}
    return {name: files.digest(place.path(name)) for name in sorted(paths)}


def other_python(report: dict, facts: dict) -> list[str]:
    """In what a kernel is another Python than the build, which tells what all chapters ran with."""
    expected = {"Python": sys.prefix, "version": platform.python_version()}
    found = {"Python": report["prefix"], "version": report["python"]}
    for name, module in LISTED.items():
        if module in report["versions"]:
            expected[name] = metadata.version(name)
            found[name] = report["versions"][module]
    for name, value in report["variables"].items():
        if not PLACES.fullmatch(name):
            expected[name], found[name] = facts["variables"][name], value
    return [
        f"{name} {found[name]} where the build has {expected[name]}"
        for name in expected
        if found[name] != expected[name]
    ]


def _data_sets(used: cells.Uses, ours: set[str]) -> list[str]:
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
    _variables_of.cache_clear()


def digest(facts: dict) -> str:
    """The digest of what a chapter's results stand on."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


class Identity(dict):
    """What each data set is, found out when it's first asked for.

    Args:
        stand_ins: whether it's that of a chapter that is to be executed on stand-ins, whatever there is.
    """

    def __init__(self, *, stand_ins: bool = False):
        super().__init__()
        self.stand_ins = stand_ins

    def __missing__(self, name: str) -> list[str]:
        self[name] = data.identity(name, stand_in=self.stand_ins)
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
        Unreadable: it has no such description.
    """
    block = kernelspec(text)
    if not block:
        raise sources.Unreadable(
            f"{docname}: expected MyST Markdown with a kernelspec in its front matter: "
            "kernelspec: {name: python3, display_name: Python 3}"
        )
    kernel = (yaml.safe_load(block[0])["kernelspec"] or {}) | {STANDING: digest(standing["facts"])}
    lines_left = "#\n" * (block[0].count("\n") - 1)  # so that warnings name the right lines
    start, end = block.span()
    return f"{text[:start]}kernelspec: {json.dumps(kernel)}\n{lines_left}{text[end:]}"


def outdated(app: Sphinx, env: BuildEnvironment, added, changed, removed) -> list[str]:
    """The pages with cells whose results stand on something that has changed since they were read."""
    env.groundup_identity = Identity()
    app.groundup_same = []
    return stale(app, env, env.found_docs)


def stale(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str]) -> list[str]:
    """Those of these pages whose results stand on something that has changed since they were read.

    Also those that were left over when they were read: they are tried again.
    """
    found = []
    for docname in docnames:
        if before := env.metadata[docname].get("stands_on"):
            place = Place(Path(env.srcdir), Path(env.doc2path(docname)).parent)
            now = standing(before["uses"], place, env.groundup_identity, before)
            if now["facts"] != before["facts"] or NOT_TRAINED in env.metadata[docname]:
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
