"""How outputs of cells become parts of the page: figures in light and in dark; traces don't."""

import dataclasses
import hashlib

from docutils import nodes
from myst_nb.core.render import MimeData, MimeRenderPlugin, NbElementRenderer

from groundup import trace
from groundup.sphinxext import captions, live

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
            return (
                [captions.captioned(images, _inline(renderer, data, caption))]
                if caption
                else images
            )
        if data.mime_type == "text/html" and (stills := _facts(data, "text/html").get("steps")):
            return [_steps(renderer, data, stills)]
        return None


def _steps(renderer: NbElementRenderer, data: MimeData, facts: list[dict]) -> nodes.container:
    """The stills of a run, with their captions; a script lets readers step through them."""
    from groundup.figures.stepper import pictures

    stills = []
    for svg, of_still in zip(pictures(data.string), facts, strict=True):
        said = of_still.pop("caption")
        picture = dataclasses.replace(
            data,
            mime_type="image/svg+xml",
            content=svg,
            output_metadata={"image/svg+xml": of_still},
        )
        images = Renderer.handle_mime(renderer, picture, inline=False)
        caption = nodes.caption("", "", *_inline(renderer, data, said))
        stills.append(live.still("", *images, caption))
    return nodes.container("", *stills, classes=["steps"])


def _inline(renderer: NbElementRenderer, data: MimeData, text: str) -> list[nodes.Node]:
    """A caption's Markdown."""
    said = dataclasses.replace(
        data,
        mime_type="text/markdown",
        content=text,
        cell_metadata={"mystnb": {"markdown_format": "myst"}},
    )
    return renderer.render_markdown_inline(said)


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
