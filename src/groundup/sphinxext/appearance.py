"""A page besides its text: templates, scripts that don't block, sized pictures, the mark."""

import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from groundup.sphinxext import logo

TEMPLATES = Path(__file__).parent / "templates"

# What Jupyter Book loads for things that no page has: tabs, and admonitions that open on a click.
UNUSED = ("togglebutton", "design-tabs", "sphinx-thebe")


def add_templates(app: Sphinx, config: Config) -> None:
    """Let our templates go before the theme's."""
    config.templates_path.insert(0, str(TEMPLATES))


def adapt(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Let a page's scripts wait until it's read, and leave out those that it doesn't need."""
    context["logo"] = logo.logo()
    lead = app.env.metadata.get(pagename, {}).get("lead")
    context["description"] = lead or f"{context.get('title') or pagename}. {context['docstitle']}."
    context["script_files"] = scripts = [
        script
        for script in context["script_files"]
        if getattr(script, "filename", None)  # what else there is are settings of those left out
        and not any(name in str(script.filename) for name in UNUSED)
    ]
    for script in scripts:
        script.attributes.setdefault("defer", "defer")


def write_favicon(app: Sphinx, exception: Exception | None) -> None:
    """Write the mark as a file."""
    if exception is None and app.builder.format == "html":
        path = Path(app.outdir, "_static", "favicon.svg")
        path.write_text(logo.favicon(), encoding="utf-8")


def visit_image(writer, node: nodes.image) -> None:
    """A picture says its sides in a way that holds its place until it's there."""
    type(writer).visit_image(writer, node)
    writer.body[-1] = re.sub(
        r'style="width: (\d+)px; height: (\d+)px;"', r'width="\1" height="\2"', writer.body[-1]
    )


def depart_image(writer, node: nodes.image) -> None:
    """As ever."""
    type(writer).depart_image(writer, node)


def setup(app: Sphinx) -> None:
    """Connect to the making of pages, after the themes."""
    app.add_node(nodes.image, override=True, html=(visit_image, depart_image))
    app.connect("config-inited", add_templates)
    app.connect("html-page-context", adapt, priority=900)
    app.connect("build-finished", write_favicon, priority=3)
