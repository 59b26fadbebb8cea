"""Two pages by themselves: ``index.html`` leads to the book's first page, ``404.html`` back to it.

A server shows the second in the place of any page that is missing, in whatever folder; so it needs
no other file.
"""

from html import escape
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from groundup.sphinxext.pages import logo, site

PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
{head}<link rel="icon" href="data:,">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --pst-color-primary: light-dark({accents}); }}
body {{ max-width: 34rem; margin: 15vh auto; padding: 0 1.5rem; font: 1.1rem/1.6 Charter, Cambria, serif;
  color: light-dark({inks}); background: light-dark(#ffffff, #14181d); }}
a {{ color: var(--pst-color-primary); }}
svg {{ width: 4rem; }}
h1 {{ line-height: 1.15; }}
</style>
<main>
{mark}
<h1>{title}</h1>
{text}
</main>
</html>
"""


def find_address(app: Sphinx, config: Config) -> None:
    """Where nobody says where the site is published, take GitHub's pages of the repository."""
    host, _, path = config.html_theme_options.get("repository_url", "").partition("github.com/")
    if host and path.count("/") and not config.html_baseurl:
        owner, repository = path.rstrip("/").split("/")[:2]
        config.html_baseurl = f"https://{owner}.github.io/{repository}/"


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the pages; the first only unless the book's first page is there already."""
    if exception is not None or not site.is_built(app):
        return
    root, builder = app.config.root_doc, app.builder
    front, search = builder.get_target_uri(root), builder.get_target_uri("search")
    if Path(builder.get_outfilename(root)) != Path(app.outdir, "index.html"):
        head = f'<meta http-equiv="refresh" content="0; url={escape(front)}">\n'
        _write(
            app,
            "index",
            app.config.html_title,
            f'<a href="{escape(front)}">Read the book</a>',
            head,
        )
    _write(
        app,
        "404",
        "There is no such page",
        "<p>Perhaps it has moved. "
        f'<a href="{escape(site.address(app, front))}">The front page</a> lists every chapter, and '
        f'<a href="{escape(site.address(app, search))}">the search</a> finds words in all '
        "of them.</p>",
        '<meta name="robots" content="noindex">\n',
    )


def _write(app: Sphinx, name: str, title: str, text: str, head: str) -> None:
    page = PAGE.format(
        language=escape(app.config.language),
        head=head,
        title=escape(title),
        mark=logo.logo(),
        text=text,
        accents=", ".join(logo.ACCENTS),
        inks=", ".join(logo.INKS),
    )
    Path(app.outdir, f"{name}.html").write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Connect to the configuration and to the end of the build."""
    app.connect("config-inited", find_address)
    app.connect("build-finished", write, priority=3)
