"""Every figure has a caption that everybody reads, but for those of chapters without limits."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from groundup.sphinxext.pages import numbering

logger = logging.getLogger(__name__)


class figure_with_caption(nodes.container):  # noqa: N801
    """A picture, in both of its forms, and its caption; docutils' own takes one picture and a number."""


class figure_caption(nodes.paragraph):  # noqa: N801
    """What stands below a picture."""


def captioned(images: list[nodes.image], caption: list[nodes.Node]) -> figure_with_caption:
    """Pictures of which the page shows one, with their caption.

    They are by themselves, for the theme hides a caption that is beside one that it hides.
    """
    return figure_with_caption("", nodes.container("", *images), figure_caption("", "", *caption))


def bare(doctree: nodes.document) -> list[nodes.image]:
    """The pictures without a caption, each in one of its forms."""
    return [
        image
        for image in doctree.findall(nodes.image)
        if "only-dark" not in image["classes"]
        and not _in_a_sentence(image)
        and not _has_caption(image.parent)
    ]


def require(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of every picture without a caption."""
    docname = app.env.docname
    if docname in app.config.groundup_without_limits or numbering.is_draft(docname):
        return
    for image in bare(doctree):
        logger.warning(
            "a figure without a caption: expected figures.show(figure, caption, words), or a "
            "{figure} with a caption; got the words alone: %r", image.get("alt", ""), location=image,
        )  # fmt: skip


def _in_a_sentence(image: nodes.image) -> bool:
    return isinstance(image.parent, nodes.paragraph) and len(image.parent) > 1


def _has_caption(around: nodes.Element) -> bool:
    return isinstance(around.parent, figure_with_caption) or (
        isinstance(around, nodes.figure) and any(isinstance(c, nodes.caption) for c in around)
    )


def _opening(tag: str, name: str):
    def visit(writer: HTML5Translator, node: nodes.Element) -> None:
        writer.body.append(writer.starttag(node, tag, "", CLASS=name))

    return visit


def _closing(tag: str):
    def depart(writer: HTML5Translator, node: nodes.Element) -> None:
        writer.body.append(f"</{tag}>\n")

    return depart


def setup(app: Sphinx) -> None:
    """Add the parts of a figure, and connect to the end of reading a page."""
    app.add_node(figure_with_caption, html=(_opening("figure", "captioned"), _closing("figure")))
    app.add_node(figure_caption, html=(_opening("figcaption", ""), _closing("figcaption")))
    app.connect("doctree-read", require)
