"""A page besides its text: templates, scripts that don't block, sized pictures, the mark."""

import re
from html import escape, unescape
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from groundup.sphinxext.pages import logo, site

TEMPLATES = Path(__file__).parent / "templates"

# What Jupyter Book loads for things that no page has: tabs, and admonitions that open on a click.
UNUSED = ("togglebutton", "design-tabs", "sphinx-thebe")

# What Sphinx, docutils and MyST-NB write that a browser or a screen reader takes amiss.
MENDED = (
    # A picture is to hold its place until it's there.
    (r'(<img [^>]*)style="width: (\d+)px; height: (\d+)px;"', r'\1width="\2" height="\3"'),
    # The name of a thing that opens is what is written on it.
    (r'<summary aria-label="Toggle hidden content">', "<summary>"),
    # Roles for lists, on what is none.
    (r' role="doc-biblioentry"', ""),
    (r'<div role="list" class="citation-list">', '<div class="citation-list">'),
    # Headings that say nothing.
    (r'<p class="sidebar-title"></p>\n', ""),
    (r'<th class="head"><p></p></th>', '<td class="head"></td>'),
    # Parameters line by line, as a list of descriptions without what they describe.
    (
        r'<dl>\s*((?:<dd><em class="sig-param">.*</dd>\s*)+)</dl>',
        lambda m: re.sub("<(/?)dd>", r"<\1span>", f'<span class="sig-lines">{m[1]}</span>'),
    ),
)


def add_templates(app: Sphinx, config: Config) -> None:
    """Let our templates go before the theme's."""
    config.templates_path.insert(0, str(TEMPLATES))


def adapt(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Let a page's scripts wait until it's read, and leave out those that it doesn't need."""
    context["logo"] = logo.logo()
    if app.config.html_baseurl:
        context["pageurl"] = site.address(app, app.builder.get_target_uri(pagename))
    lead = app.env.metadata.get(pagename, {}).get("lead")
    if pagename in app.env.titles:  # a formula's HTML says it three times
        context["title"] = escape(app.env.titles[pagename].astext())
    title = unescape(context.get("title") or pagename)
    context["description"] = lead or f"{title}. {context['docstitle']}."
    context["script_files"] = scripts = [
        script
        for script in context["script_files"]
        if getattr(script, "filename", None)  # what else there is are settings of those left out
        and not any(name in str(script.filename) for name in UNUSED)
    ]
    for script in scripts:
        script.attributes.setdefault("defer", "defer")
    for wrong, right in MENDED if "body" in context else ():
        context["body"] = re.sub(wrong, right, context["body"])


def write_favicon(app: Sphinx, exception: Exception | None) -> None:
    """Write the mark as a file."""
    if exception is None and site.is_built(app):
        path = Path(app.outdir, "_static", "favicon.svg")
        path.write_text(logo.favicon(), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Connect to the making of pages, after the themes."""
    app.connect("config-inited", add_templates)
    app.connect("html-page-context", adapt, priority=900)
    app.connect("build-finished", write_favicon, priority=3)
