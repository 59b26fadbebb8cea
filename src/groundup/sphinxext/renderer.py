"""How outputs of cells become parts of the page: figures in light and in dark; traces don't."""

import dataclasses
import hashlib

from docutils import nodes
from myst_nb.core.render import MimeData, MimeRenderPlugin, NbElementRenderer

from groundup import trace
from groundup.sphinxext import live


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
        facts = data.output_metadata.get("text/html", {}).get("steps")
        if data.mime_type == "text/html" and facts:
            return [_steps(renderer, data, facts)]
        return None


def _steps(renderer: NbElementRenderer, data: MimeData, facts: list[dict]) -> nodes.container:
    """The stills of a run, with their captions; a script lets readers step through them."""
    from groundup.figures.stepper import pictures

    stills = []
    for svg, of_still in zip(pictures(data.string), facts, strict=True):
        picture = dataclasses.replace(
            data,
            mime_type="image/svg+xml",
            content=svg,
            output_metadata={"image/svg+xml": of_still},
        )
        text = dataclasses.replace(
            data,
            mime_type="text/markdown",
            content=of_still["caption"],
            cell_metadata={"mystnb": {"markdown_format": "myst"}},
        )
        images = Renderer.handle_mime(renderer, picture, inline=False)
        caption = nodes.caption("", "", *renderer.render_markdown_inline(text))
        stills.append(live.still("", *images, caption))
    return nodes.container("", *stills, classes=["steps"])


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
