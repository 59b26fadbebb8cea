"""How outputs of cells become parts of the page: figures in light and in dark; traces don't."""

import hashlib

from docutils import nodes
from myst_nb.core.render import MimeData, MimeRenderPlugin, NbElementRenderer

from groundup import trace


class Renderer(MimeRenderPlugin):
    """Figures with their words, in two forms of which the page shows one; traces, which it hides."""

    mime_priority_overrides = [("*", trace.MIME_TYPE, 1)]  # noqa: RUF012

    @staticmethod
    def handle_mime(
        renderer: NbElementRenderer, data: MimeData, inline: bool
    ) -> list[nodes.Element] | None:
        """The nodes for one output; None leaves it to MyST-NB."""
        if data.mime_type == trace.MIME_TYPE:
            return []
        if data.mime_type == "image/svg+xml":
            from groundup.figures.palette import dark  # only now: it takes Matplotlib

            return [
                _image(renderer, data, data.string, "only-light"),
                _image(renderer, data, dark(data.string), "only-dark"),
            ]
        return None


def _image(renderer: NbElementRenderer, data: MimeData, svg: str, scheme: str) -> nodes.image:
    content = svg.encode()
    name = f"{hashlib.sha256(content).hexdigest()[:16]}.svg"
    facts = data.output_metadata.get("image/svg+xml", {})
    image = nodes.image(
        uri=renderer.write_file([name], content, exists_ok=True), classes=["figure", scheme]
    )
    image.update_all_atts(
        {key: str(facts[key]) for key in ("alt", "width", "height") if key in facts}
    )
    image["loading"] = "lazy"
    return image
