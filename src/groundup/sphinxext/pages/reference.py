"""The reference, made from docstrings: Sphinx's own extensions for that, and what they don't know."""

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from groundup.runs import uses
from groundup.sphinxext.pages.numbering import EQUATION

EXTENSIONS = ("sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode")


def add_links(app: Sphinx, what: str, name: str, thing, options, lines: list[str]) -> None:
    """Give a docstring the equations that it names, and the chapters that use what it describes."""
    fields = []
    if labels := list(dict.fromkeys(EQUATION.findall("\n".join(lines)))):
        fields += [f":Equations: :equations:`{' '.join(labels)}`"]
    if what in ("class", "exception", "function"):
        fields += [f":Used in: :used-in:`{name}`"]
    places = (place for place, line in enumerate(lines) if line.startswith(".. rubric::"))
    place = next(places, len(lines))  # before an example
    lines[place:place] = ["", *fields, ""]


def add_anchors(app: Sphinx, doctree: nodes.document) -> None:
    """Let every entry be found under its module's name and those of the packages that it is in.

    The pages of the source lead back to all entries of a module under one of these: the one under which
    its first entry is documented.
    """
    for signature in doctree.findall(addnodes.desc_signature):
        if signature.get("module") is None:
            continue
        name = f"{signature['module']}.{signature['fullname']}"
        defined = uses.exports([name]).get(name, name)
        prefix = defined.removesuffix(f".{signature['fullname']}")
        while "." in prefix:
            anchor = f"{prefix}.{signature['fullname']}"
            signature["ids"] += [anchor] * (anchor not in signature["ids"])
            prefix = prefix.rpartition(".")[0]


def let_go(app: Sphinx, doctree: nodes.document) -> None:
    """Let all nodes belong to their page.

    Those that reStructuredText inside Markdown made belong to a document of their own, which holds all
    that Sphinx knows; each page of the reference would be kept with that, a megabyte to read at every
    build.
    """
    for node in doctree.findall():
        node.document = doctree


def setup(app: Sphinx) -> None:
    """Set the extensions up, and follow them."""
    for extension in EXTENSIONS:
        app.setup_extension(extension)
    app.connect("autodoc-process-docstring", add_links, priority=600)  # after napoleon
    app.connect("doctree-read", add_anchors)
    app.connect("doctree-read", let_go)
