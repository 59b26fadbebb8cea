"""What stands in a line of a page, as Markdown that any notebook shows."""

import re
from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from groundup.sphinxext.pages import site
from groundup.sphinxext.pages.markdown_text import (
    characters,
    code_span,
    element,
    escaped,
    formula,
    html_inline,
    joined,
    marked,
)

# What readers don't see on a page either.
UNSEEN = (
    nodes.comment, nodes.substitution_definition, nodes.pending, nodes.meta, nodes.system_message,
    nodes.colspec, addnodes.index, addnodes.highlightlang, addnodes.tabular_col_spec,
)  # fmt: skip
# Parts of a line that are what's in them.
PLAIN = (
    nodes.inline, nodes.generated, nodes.problematic, nodes.target, nodes.term, nodes.reference,
    addnodes.pending_xref,
)  # fmt: skip


CODE_TAG = re.compile("<(/?)(?:code|kbd|pre)\\b", re.IGNORECASE)


class NoMarkdown(ValueError):
    """A page has something that a notebook can't say."""


class Line:
    """The parts of lines as Markdown.

    Args:
        app: the build; where nobody says the site's address, links inside of the book are only words.
        docname: the page.

    Raises:
        NoMarkdown: a node is of a kind that isn't known here; says which, and where.
    """

    def __init__(self, app: Sphinx, docname: str):
        self.app, self.docname = app, docname

    def line(self, node: Iterable[nodes.Node]) -> str:
        """What stands in a line."""
        parts, is_code = [], False
        for part in node.children if isinstance(node, nodes.Element) else node:
            parts.append(self.code(part) if is_code else self.inline(part))
            if isinstance(part, nodes.raw) and (found := CODE_TAG.match(parts[-1])):
                is_code = not found[1]
        return joined(parts)

    def code(self, node: nodes.Node) -> str:
        """A part of a line where it is code or a key, in HTML alone."""
        match node:
            case nodes.Text():
                return characters(node.astext())
            case nodes.raw():
                return html_inline(self.html(node))
            case nodes.literal():
                tag = "kbd" if "kbd" in node["classes"] else "code"
            case nodes.emphasis():
                tag = "em"
            case nodes.strong():
                tag = "strong"
            case nodes.superscript():
                tag = "sup"
            case nodes.subscript():
                tag = "sub"
            case _:
                raise self.unknown(node)
        return f"<{tag}>{''.join(map(self.code, node.children))}</{tag}>"

    def inline(self, node: nodes.Node) -> str:
        """A part of a line."""
        match node.tagname:  # sphinx-design's
            case "sd_line_break":
                return "<br>"
            case "fontawesome":
                return ""
            case "PassthroughTextElement":
                return self.line(node)
        match node:
            case nodes.Text():
                return escaped(node.astext())
            case nodes.math():
                return f"${formula(node.astext())}$"
            case nodes.math_block():
                return f"$${' '.join(self.formula(node).split())}$$"
            case nodes.literal() | addnodes.desc_inline():
                is_plain = all(isinstance(part, nodes.Text) for part in node.children)
                if is_plain and "kbd" not in node["classes"]:
                    return code_span(node.astext())
                return self.code(node)
            case nodes.emphasis() | nodes.title_reference() | addnodes.manpage():
                return marked("*", "em", self.line(node), _stands_alone(node))
            case nodes.strong():
                return marked("**", "strong", self.line(node), _stands_alone(node))
            case nodes.superscript():
                return element("sup", self.line(node))
            case nodes.subscript():
                return element("sub", self.line(node))
            case nodes.footnote_reference():  # in brackets: no exponent
                return f"<sup>\\[{self.line(node)}\\]</sup>"
            case nodes.citation_reference():
                return f"\\[{self.line(node)}\\]"
            case nodes.abbreviation() | nodes.acronym():
                title = escape(node.get("explanation", ""))
                return element("abbr", self.line(node), f' title="{title}"')
            case nodes.image():
                words = "" if "only-dark" in node["classes"] else node.get("alt", "").strip()
                return marked("*", "em", escaped(words), _stands_alone(node))
            case nodes.reference() if node.get("refuri") or "filename" in node:
                return self.link(node)
            case nodes.raw():
                return html_inline(self.html(node))
        if isinstance(node, UNSEEN):
            return ""
        if isinstance(node, PLAIN):
            return self.line(node)
        raise self.unknown(node)

    def formula(self, node: nodes.math_block) -> str:
        """A displayed formula with its number."""
        tag = f" \\tag{{{node['number']}}}" if node.get("number") else ""
        return f"{formula(node.astext(), lines=True)}{tag}"

    def html(self, node: nodes.raw) -> str:
        """HTML of a page, but for controls; its links inside of the book are treated as all others."""
        if "html" not in node.get("format", "").split() or "control" in node["classes"]:
            return ""

        def whole(found: re.Match) -> str:
            name, mark, to = found.groups()
            if re.match(r"[a-z][a-z0-9+.-]*:|#|//", to, re.IGNORECASE):
                return found[0]
            to = self.address(to)
            return f" {name}={mark}{to}{mark}" if to else ""

        return re.sub(r"""\s(href|src)=(["'])(.*?)\2""", whole, node.astext())

    def address(self, to: str) -> str:
        """Where a place in the site, seen from this page, is on the web, if anybody knows."""
        known = self.app is not None and self.app.config.html_baseurl
        return site.address(self.app, to, self.docname) if known else ""

    def link(self, node: nodes.reference) -> str:
        """A link; inside of the book only where it's known where that is."""
        words, to = self.line(node), node.get("refuri", "")
        if "filename" in node:
            to = self.address(
                site.path_to(self.app, self.docname, f"_downloads/{node['filename']}")
            )
        elif node.get("internal"):
            to = self.address(to)
        if not to:
            return words
        to = re.sub(r"[\s<>\\$]", lambda found: quote(found[0]), to)
        return f"[{words}](<{to}>)" if re.search(r"[()]", to) else f"[{words}]({to})"

    def unknown(self, node: nodes.Node) -> NoMarkdown:
        """The complaint about a node that can't be said."""
        where = next((at.line for at in _with_parents(node) if at.line), "")
        return NoMarkdown(
            f"{self.docname}:{where}: nothing says how {type(node).__name__} looks in a notebook: "
            f"{node.astext()!r}; teach groundup.sphinxext.pages.markdown, or write it in another way"
        )


def _with_parents(node: nodes.Node | None) -> Iterable[nodes.Node]:
    while node is not None:
        yield node
        node = node.parent


def _stands_alone(node: nodes.Node) -> bool:
    """Whether there is space on both sides of a part of a line."""
    if node.parent is None:
        return True
    edge = "x" if isinstance(node.parent, nodes.Inline) else " "
    siblings = [edge, *(_in_line(sibling) for sibling in node.parent.children), edge]
    at = node.parent.index(node) + 1
    return siblings[at - 1][-1:].isspace() and siblings[at + 1][:1].isspace()


def _in_line(node: nodes.Node) -> str:
    """The text of a part of a line; what is none is as far away as space is."""
    return node.astext() if isinstance(node, nodes.Inline | nodes.Text) else " "
