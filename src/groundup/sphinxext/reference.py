"""The reference, made from docstrings: Sphinx's own extensions for that, and what they don't know."""

from sphinx.application import Sphinx

from groundup.sphinxext.listing import EQUATION

EXTENSIONS = ("sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode")


def add_links(app: Sphinx, what: str, name: str, thing, options, lines: list[str]) -> None:
    """End a docstring with the equations that it names, and the chapters that use what it describes."""
    fields = []
    if labels := list(dict.fromkeys(EQUATION.findall("\n".join(lines)))):
        fields += [f":Equations: :equations:`{' '.join(labels)}`"]
    if what in ("class", "exception", "function"):
        fields += [f":Used in: :used-in:`{name}`"]
    places = (place for place, line in enumerate(lines) if line.startswith(".. rubric::"))
    place = next(places, len(lines))  # before an example
    lines[place:place] = ["", *fields, ""]


def setup(app: Sphinx) -> None:
    """Set the extensions up, and follow them."""
    for extension in EXTENSIONS:
        app.setup_extension(extension)
    app.connect("autodoc-process-docstring", add_links, priority=600)  # after napoleon
