"""Prose about a library that needn't be installed: it stands on the page only where that is so."""

from importlib import metadata

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

KEPT = "asks_for"


class WithDirective(SphinxDirective):
    """``with`` holds what a page says where the library that it names is installed."""

    has_content = True
    required_arguments = 1
    stands_where = True

    def run(self) -> list[nodes.Node]:
        """What it holds, or nothing."""
        self.assert_has_content()
        library = self.arguments[0]
        found = _installed(library)
        self.env.metadata[self.env.docname].setdefault(KEPT, {})[library] = found
        if (found is not None) != self.stands_where:
            return []
        block = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, block)
        return block.children


class WithoutDirective(WithDirective):
    """``without`` holds what it says where that isn't."""

    stands_where = False


def outdated(app: Sphinx, env: BuildEnvironment, added, changed, removed) -> list[str]:
    """The pages for which a library has come, gone or changed since they were read."""
    return [
        docname
        for docname in env.found_docs & env.metadata.keys()
        for library, before in env.metadata[docname].get(KEPT, {}).items()
        if _installed(library) != before
    ]


def _installed(library: str) -> str | None:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None


def setup(app: Sphinx) -> None:
    """Add the directives, and connect to the choice of the pages that are read."""
    app.add_directive("with", WithDirective)
    app.add_directive("without", WithoutDirective)
    app.connect("env-get-outdated", outdated)
