"""Nothing that is wrong with a page leaves the build with exit status 0, the first time or later."""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError
from sphinx.util import logging

logger = logging.getLogger(__name__)


class Warned(SphinxError):
    """The build said something was wrong, so the book isn't right."""

    category = "The book isn't right"


def require_words(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of every picture without words."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            logger.warning(
                "a picture without words: expected alt text that says what it shows "
                "(figures.show(figure, caption, words), or ![words](file))",
                location=image,
            )


def fail_on_warnings(app: Sphinx, exception: Exception | None) -> None:
    """Fail if there were warnings.

    A failed build leaves no environment behind, so the next one reads every page again and finds the
    same faults.
    """
    if exception is None and app._warncount:
        raise Warned(f"the warnings above ({app._warncount}) count as errors")
    if exception is None:
        _mark(app).unlink(missing_ok=True)


def _mark(app: Sphinx) -> Path:
    return Path(app.doctreedir) / "unfinished"


def outdated(app: Sphinx, env: BuildEnvironment, added, changed, removed) -> list[str]:
    """All pages, if the last build didn't get to its end.

    One that was killed says nothing of what it had found; so a mark is left until this one has passed.
    """
    was_unfinished = _mark(app).exists()
    _mark(app).parent.mkdir(parents=True, exist_ok=True)
    _mark(app).touch()
    return sorted(env.found_docs) if was_unfinished else []


def setup(app: Sphinx) -> None:
    """Connect to the end of reading and of the build."""
    app.connect("env-get-outdated", outdated)
    app.connect("doctree-read", require_words)
    app.connect("build-finished", fail_on_warnings, priority=1)
