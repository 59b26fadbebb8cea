"""What stands above a chapter, and the list of chapters on the front page.

How long it takes to read, what it builds on, its data, when it was executed, where its notebook is.
"""

import datetime
import re
from collections.abc import Iterator
from html import escape

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from groundup.sphinxext.pages import folds, notebooks, numbering, provenance, site

logger = logging.getLogger(__name__)

# How much is read in a minute.
WORDS, LINES_OF_CODE, EQUATIONS = 200, 20, 4
STEP = 5  # minutes: nobody knows it better
LEAD = 160  # characters of a page's description, as search engines show it


class chapter_list(nodes.General, nodes.Element):  # noqa: N801
    """Where the chapters go, once all pages have been read; those of a path, if it has ``names``."""


class ChaptersDirective(SphinxDirective):
    """``chapters`` lists the book's chapters, part by part, each with the question that it opens with.

    Lines name chapters, as links do, that make a path: these are listed alone, with the time they take.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Leave the place to be filled; a name without a page is complained about."""
        self.env.metadata[self.env.docname]["lists_chapters"] = True
        names = [self.env.relfn2path(line.strip())[0] for line in self.content if line.strip()]
        names = [name.removesuffix(".md") for name in names]
        for name in names:
            if name not in self.env.found_docs:
                place = (self.env.docname, self.lineno)
                logger.warning(
                    "a path leads to %s, which is no page of this book", name, location=place
                )
        return [chapter_list("", names=[name for name in names if name in self.env.found_docs])]


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Keep a page's first sentences, and how long it takes to read."""
    facts = app.env.metadata[app.env.docname]
    opening = next((_prose(p) for p in doctree.findall(nodes.paragraph) if _is_text(p)), "")
    facts["opening"] = _question(opening)
    facts["lead"] = _lead(opening)
    facts["minutes"] = max(STEP, STEP * round(minutes(folds.unfolded(doctree)) / STEP))


def _is_text(paragraph: nodes.paragraph) -> bool:
    return isinstance(paragraph.parent, nodes.section | nodes.document) and bool(paragraph.astext())


def _prose(node: nodes.Element) -> str:
    return " ".join(node.astext().split())


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.?!])\s+(?=[A-Z])", text)


def _question(text: str) -> str:
    """What a chapter asks at its beginning: up to the first question mark, or the first sentence."""
    sentences = _sentences(text)
    asked = next((i for i, sentence in enumerate(sentences) if sentence.endswith("?")), 0)
    return " ".join(sentences[: asked + 1])


def _lead(text: str) -> str:
    """As many of the first sentences as a description holds, or the beginning of the first."""
    lead = ""
    for sentence in _sentences(text):
        if len(lead) + len(sentence) >= LEAD:
            break
        lead = f"{lead} {sentence}".strip()
    return lead or f"{text[: LEAD - 1].rpartition(' ')[0]}…" * bool(text)


def minutes(page: nodes.document) -> float:
    """How long it takes to read what is unfolded of a page, code and equations too."""
    blocks = list(page.findall(nodes.literal_block))
    equations = sum(1 for _ in page.findall(nodes.math_block))
    code = sum(block.astext().count("\n") + 1 for block in blocks)
    return _words(page) / WORDS + code / LINES_OF_CODE + equations / EQUATIONS


def _words(page: nodes.document) -> int:
    """How many words are read: those of pictures' alternative text aren't, nor what HTML is made of."""
    apart = (nodes.literal_block, nodes.math_block, nodes.comment, nodes.raw)
    texts = [text for text in page.findall(nodes.Text) if not isinstance(text.parent, apart)]
    texts += [
        re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", raw.astext(), flags=re.DOTALL)
        for raw in page.findall(nodes.raw)
        if "html" in raw.get("format", "").split()
    ]
    return sum(len(text.split()) for text in texts)


def parts(env: BuildEnvironment) -> Iterator[tuple[str, list[str]]]:
    """The parts of the book and their pages, in the order of the contents."""
    for tree in env.tocs[env.config.root_doc].findall(addnodes.toctree):
        yield tree.get("caption") or "", [name for _, name in tree["entries"]]


def builds_on(app: Sphinx, doctree: nodes.document, docname: str) -> list[str]:
    """The earlier chapters that a chapter refers to."""
    chapters = list(provenance.pages(app.env))
    earlier = chapters[: chapters.index(docname)]
    targets = {
        reference["refuri"].partition("#")[0]
        for reference in doctree.findall(nodes.reference)
        if reference.get("internal") and "refuri" in reference
    }
    return [name for name in earlier if app.builder.get_relative_uri(docname, name) in targets]


def add_head(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the facts below a chapter's title."""
    facts = provenance.pages(app.env).get(docname)
    title = next(doctree.findall(nodes.title), None)
    if facts is None or title is None or not site.is_built(app):
        return
    needed = [_link(app, docname, name) for name in builds_on(app, doctree, docname)]
    day = datetime.datetime.fromisoformat(facts["executed"])
    origins = set(facts["data"].values())
    data = "stand-in data" if "stand-in" in origins else "original data" if origins else ""
    number = numbering.chapter(app.env, docname)
    items = [
        f"Chapter {number}" if number else "",
        f"{app.env.metadata[docname]['minutes']} min to read",
        f"builds on {', '.join(needed)}" if needed else "",
        data,
        f'executed <time datetime="{day.date()}">{day.day} {day:%B %Y}</time>',
        *notebooks.links(app, docname),
    ]
    listed = "".join(f"<li>{item}</li>" for item in items if item)
    html = f'<ul class="facts" role="list">{listed}</ul>'
    title.parent.insert(title.parent.index(title) + 1, nodes.raw("", html, format="html"))


def _link(app: Sphinx, docname: str, name: str) -> str:
    uri = app.builder.get_relative_uri(docname, name)
    return f'<a href="{uri}">{escape(app.env.titles[name].astext())}</a>'


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the chapters where the directive stands."""
    known = provenance.pages(app.env)
    for place in list(doctree.findall(chapter_list)):
        if names := place["names"]:
            place.replace_self(nodes.raw("", _path(app, docname, names), format="html"))
            continue
        html = ""
        for caption, names in parts(app.env):
            chapters = [name for name in names if name in known]
            if chapters:
                rows = "".join(_row(app, docname, name) for name in chapters)
                html += f'<h3>{escape(caption)}</h3><ol class="chapters" role="list">{rows}</ol>'
        place.replace_self(nodes.raw("", html, format="html"))


def _path(app: Sphinx, docname: str, names: list[str]) -> str:
    """The chapters of a path, and how long they take together."""
    rows = "".join(f"<li>{_link(app, docname, name)}</li>" for name in names)
    hours, rest = divmod(sum(app.env.metadata[name]["minutes"] for name in names), 60)
    time = f"{hours} h {rest} min" if hours and rest else f"{hours} h" if hours else f"{rest} min"
    return f'<p class="minutes">{time}</p><ol>{rows}</ol>'


def _row(app: Sphinx, docname: str, name: str) -> str:
    facts = app.env.metadata[name]
    return (
        f"<li>{_link(app, docname, name)} "
        f'<span class="minutes">{facts["minutes"]} min</span>'
        f"<p>{escape(facts['opening'])}</p></li>"
    )


def show_anew(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages that list the chapters, if what they say of them is another now."""
    now = {
        name: (env.metadata[name].get("opening"), env.metadata[name].get("minutes"))
        for name in provenance.pages(env)
    }
    before, env.groundup_heads = getattr(env, "groundup_heads", now), now
    if now == before:
        return []
    return [name for name in env.found_docs if env.metadata[name].get("lists_chapters")]


def setup(app: Sphinx) -> None:
    """Add the directive and connect to the reading and writing of pages."""
    app.add_node(chapter_list)
    app.add_directive("chapters", ChaptersDirective)
    app.connect("doctree-read", note)
    app.connect("doctree-resolved", add_head, priority=950)  # notebooks are without it
    app.connect("doctree-resolved", fill)
    app.connect("env-updated", show_anew)
