"""Every figure has a caption that everybody reads; the old chapters without are listed."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

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


def require(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of every picture without a caption, and of a page that is listed and needn't be."""
    docname = app.env.docname
    pictures = [
        image
        for image in doctree.findall(nodes.image)
        if "only-dark" not in image["classes"] and not _in_a_sentence(image)
    ]
    bare = [i for i in pictures if not _has_caption(i.parent)]
    if docname not in app.config.groundup_without_captions:
        for image in bare:
            logger.warning(
                "a figure without a caption: expected figures.show(figure, caption, words), or a "
                "{figure} with a caption; got the words alone: %r", image.get("alt", ""), location=image,
            )  # fmt: skip
    elif pictures and not bare:
        logger.warning(
            "every figure has a caption now: remove the page from groundup_without_captions",
            location=docname,
        )


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
    """Add the parts of a figure and the list, and connect to the end of reading a page."""
    app.add_config_value("groundup_without_captions", [], "env")
    app.add_node(figure_with_caption, html=(_opening("figure", "captioned"), _closing("figure")))
    app.add_node(figure_caption, html=(_opening("figcaption", ""), _closing("figcaption")))
    app.connect("doctree-read", require)
