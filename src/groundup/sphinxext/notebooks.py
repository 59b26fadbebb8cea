"""Each chapter's notebook, to take along."""

from sphinx.application import Sphinx


def links(app: Sphinx, docname: str) -> list[str]:
    """Where a chapter's notebook is and where it can be opened, as HTML."""
    return []


def setup(app: Sphinx) -> None:
    """Nothing yet."""
