"""What pages show of one another: titles, their order, and numbers of equations and exercises.

Sphinx writes a page again when that page has changed. What stands on it of others is looked after here.
"""

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from groundup.sphinxext.pages import provenance


def show_anew(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """All pages, if the contents of the book are others than when the pages were written."""
    order = provenance.in_order(env, env.config.root_doc)
    now = {
        "titles": [(docname, env.titles[docname].astext()) for docname in order],
        "labels": sorted(env.get_domain("std").labels.items()),
        "equations": sorted(env.get_domain("math").equations.items()),
        "lists": [name for name in order if env.metadata[name].get("lists_equations")],
    }
    before, env.groundup_contents = getattr(env, "groundup_contents", now), now
    return sorted(env.found_docs) if before != now else []


def setup(app: Sphinx) -> None:
    """Connect to the end of reading."""
    app.connect("env-updated", show_anew)
