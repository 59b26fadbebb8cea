"""How outputs of cells become parts of the page: figures in light and in dark; traces don't."""

import hashlib

from docutils import nodes
from myst_nb.core.render import MimeData, MimeRenderPlugin, NbElementRenderer

from groundup import trace
from groundup.sphinxext import captions

# Outputs that only a notebook shows where they are: a page has them below the figure and at its end.
SHOWN_ELSEWHERE = {"caption", "claims"}


class Renderer(MimeRenderPlugin):
    """Figures with their words, in two forms of which the page shows one; traces, which it hides."""

    mime_priority_overrides = [("*", trace.MIME_TYPE, 1)]  # noqa: RUF012

    @staticmethod
    def handle_mime(
        renderer: NbElementRenderer, data: MimeData, inline: bool
    ) -> list[nodes.Element] | None:
        """The nodes for one output; None leaves it to MyST-NB."""
        if data.mime_type == trace.MIME_TYPE or SHOWN_ELSEWHERE & _facts(data, "text/html").keys():
            return []
        if data.mime_type == "image/svg+xml":
            from groundup.figures.palette import dark  # only now: it takes Matplotlib

            images = [
                _image(renderer, data, data.string, "only-light"),
                _image(renderer, data, dark(data.string), "only-dark"),
            ]
            caption = _facts(data, "image/svg+xml").get("caption")
            return [captions.captioned(images, caption)] if caption else images
        return None


def _facts(data: MimeData, form: str) -> dict:
    """What an output's metadata says of one of its forms."""
    return data.output_metadata.get(form, {})


def _image(renderer: NbElementRenderer, data: MimeData, svg: str, scheme: str) -> nodes.image:
    content = svg.encode()
    name = f"{hashlib.sha256(content).hexdigest()[:16]}.svg"
    facts = _facts(data, "image/svg+xml")
    image = nodes.image(
        uri=renderer.write_file([name], content, exists_ok=True), classes=["figure", scheme]
    )
    image.update_all_atts(
        {key: str(facts[key]) for key in ("alt", "width", "height") if key in facts}
    )
    image["loading"] = "lazy"
    return image
