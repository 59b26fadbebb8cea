"""One style sheet for the site: the theme's, the extensions', the book's, without what no page uses."""

import hashlib
import itertools
import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from groundup.sphinxext.execution import files
from groundup.sphinxext.pages import live, site

NAME = "site.css"
# The theme's own, which its template loads itself; the book's come after all others.
FIRST = ("basic.css", "styles/pydata-sphinx-theme.css")
UNUSED = ("styles/theme.css", "togglebutton", "sphinx-thebe")
NOT_LOADED = {"bootstrap.js", "fontawesome.js"}
ICONS = "Font Awesome"  # the theme's pages have icons of their own
VARIABLE = re.compile(r"""(?<=[{;])(--[\w-]+):(?:"[^"]*"|'[^']*'|[^;{}"'])*;?""")
# Pages that every build writes, with the other pages' frame.
ALWAYS_WRITTEN = {"genindex.html", "search.html", "index.html", "404.html", "py-modindex.html"}


def note_sheets(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Keep the names of the style sheets that pages ask for, in their order."""
    names = [
        str(getattr(css, "filename", css)).removeprefix("_static/") for css in context["css_files"]
    ]
    app.groundup_sheets = [
        *FIRST,
        *(n for n in names if n not in FIRST and not any(part in n for part in UNUSED)),
    ]


def follow(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """A page to write, if the site has no sheet; or Sphinx copies none of its parts."""
    return [] if Path(app.outdir, "_static", NAME).exists() else [env.config.root_doc]


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the sheet, where anything that it's made from is newer."""
    if exception is not None or not site.is_built(app) or not hasattr(app, "groundup_sheets"):
        return
    static = Path(app.outdir, "_static")
    sheets = [static / name.partition("?")[0] for name in app.groundup_sheets]
    scripts = [
        path
        for path in static.rglob("*.js")
        if path.name not in NOT_LOADED and not path.stem.endswith(live.FETCHED[-1])
    ]
    pages = [p for p in Path(app.outdir).rglob("*.html") if "_static" not in p.parts]
    target = static / NAME
    parts = [*sheets, *scripts, *(page for page in pages if page.name not in ALWAYS_WRITTEN)]
    if target.exists() and files.changed(target) > max(map(files.changed, parts)):
        return
    used = words_of_pages(pages) | words_of_scripts(scripts)
    text = "".join(
        rebased(path.read_text(encoding="utf-8"), path.parent, static) for path in sheets
    )
    digest = hashlib.sha256("\n".join([text, *sorted(used)]).encode()).hexdigest()
    head = f"/* {digest} */"
    if target.exists() and target.read_text(encoding="utf-8").startswith(head):
        target.touch()
    else:
        target.write_text(head + shrunk(text, used), encoding="utf-8")


def words_of_pages(pages: Iterable[Path]) -> set[str]:
    """Every class that an element of these pages has."""
    return {
        word
        for page in pages
        for classes in set(re.findall(r'\bclass="([^"]*)"', page.read_text(encoding="utf-8")))
        for word in classes.split()
    }


def words_of_scripts(scripts: Iterable[Path]) -> set[str]:
    """Every word in a string of these scripts, for it may be a class that they give."""
    found = set()
    for script in scripts:
        for string in re.findall(r"""(["'`])(.*?)\1""", script.read_text(encoding="utf-8")):
            found.update(re.findall(r"[\w-]+", string[1]))
    return found


def rebased(css: str, folder: Path, to: Path) -> str:
    """A style sheet with its addresses as they are from another folder."""
    below = folder.relative_to(to).as_posix()

    def moved(match: re.Match) -> str:
        return f"url({posixpath.normpath(posixpath.join(below, match[1]))})"

    return re.sub(r"""url\(["']?(?!data:|#)([^"')]+)["']?\)""", moved, css)


def shrunk(css: str, used: set[str]) -> str:
    """A style sheet without rules for classes that aren't used and variables that nothing reads."""
    import tinycss2  # only now: most builds change no class

    kept = "".join(_kept(tinycss2.parse_stylesheet(css, True, True), used))
    before = None
    while kept != before:
        before, read = kept, {*re.findall(r"var\(\s*(--[\w-]+)", kept), *used}
        kept = VARIABLE.sub(lambda m, read=read: m[0] if m[1] in read else "", kept)
    return kept


def _kept(rules: list, used: set[str]) -> Iterator[str]:
    """The rules that apply to something."""
    import tinycss2

    for rule in rules:
        if rule.type == "qualified-rule":
            if selectors := [s for s in _selectors(rule.prelude) if _classes(s) <= used]:
                heads = ",".join(tinycss2.serialize(s).strip() for s in selectors)
                yield f"{heads}{{{_tight(rule.content)}}}"
        elif rule.type == "at-rule" and rule.content is not None:
            content = tinycss2.serialize(rule.content)
            if rule.lower_at_keyword in ("media", "supports", "container", "layer"):
                content = "".join(_kept(tinycss2.parse_rule_list(rule.content, True, True), used))
            else:
                content = _tight(rule.content)
                content = "" if ICONS in content else content
            if content:
                yield f"@{rule.at_keyword} {tinycss2.serialize(rule.prelude).strip()}{{{content}}}"


def _selectors(prelude: list) -> list[list]:
    """The parts of a rule's head between its commas."""
    parts = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _classes(selector: list) -> set[str]:
    """The classes that an element must have; those inside of ``:not(…)`` and its like don't count."""
    return {
        token.value
        for dot, token in itertools.pairwise(selector)
        if dot == "." and token.type == "ident"
    }


def _tight(tokens: list) -> str:
    """What stands in braces, without blanks that say nothing and without comments."""
    import tinycss2

    kept = tinycss2.serialize([token for token in tokens if token.type != "comment"])
    return re.sub(r"\s*([;{}])\s*", r"\1", re.sub(r"\s+", " ", kept)).strip()


def setup(app: Sphinx) -> None:
    """Connect to the making of pages and to the end, when all are there."""
    app.connect("env-updated", follow)
    app.connect("html-page-context", note_sheets, priority=900)
    app.connect("build-finished", write, priority=900)  # the theme has written its own
