"""A page as Markdown that any notebook shows: what it means there is what it meant on the page.

Where Markdown has no form for something, HTML stands around Markdown, which stays Markdown between
blank lines.
"""

import base64
import re
from collections.abc import Iterable
from itertools import groupby

from docutils import nodes
from sphinx import addnodes
from sphinx.environment.adapters.toctree import TocTree
from sphinx.locale import admonitionlabels

from groundup.sphinxext import folds, live
from groundup.sphinxext.markdown_line import UNSEEN, Line
from groundup.sphinxext.markdown_text import (
    SEPARATOR,
    characters,
    code_block,
    code_span,
    escaped,
    html_block,
    indented,
    marked,
    only_words,
    quoted,
    wrapped,
)

DEEPEST = 6  # headings
LISTS = (nodes.bullet_list, nodes.enumerated_list)
LIST_TYPES = {"loweralpha": "a", "upperalpha": "A", "lowerroman": "i", "upperroman": "I"}
# What has no look of its own: it is what's in it.
ROOMS = (
    nodes.container, nodes.compound, nodes.section, nodes.document, nodes.legend, nodes.figure,
    nodes.entry, nodes.list_item, nodes.definition, nodes.field_body, nodes.description,
    addnodes.glossary, addnodes.acks, addnodes.hlist, addnodes.hlistcol, addnodes.only,
    addnodes.start_of_file, addnodes.desc_content,
)  # fmt: skip
PARAGRAPHS = (nodes.paragraph, addnodes.centered)


class Markdown(Line):
    """A page's nodes as Markdown that any notebook shows.

    Args:
        app: the build; where nobody says the site's address, links inside of the book are only words.
        docname: the page.

    Raises:
        NoMarkdown: a node is of a kind that isn't known here; says which, and where.
    """

    def block(self, node: nodes.Node) -> str:
        """A block."""
        match node.tagname:  # sphinx-design's
            case "sd_tab_label" | "dropdown_title":
                return self.strong(node)
            case "dropdown_main":
                return quoted(self.aside(node))
            case "aside_main":
                return self.blocks(node)
            case "PassthroughTextElement":
                return only_words(self.line(node))
            case "sd_tab_input":
                return ""
        match node:
            case nodes.title():
                words = " ".join(f"{self.number(node)}{self.line(node)}".split())
                words = re.sub("(#+)$", r"\\\1", words)  # at a heading's end they aren't shown
                return f"{'#' * min(node.get('depth', 1), DEEPEST)} {words}"
            case nodes.caption():
                return self.caption(node)
            case nodes.rubric() | nodes.subtitle():
                return self.strong(node)
            case nodes.math_block():
                return f"$$\n{self.formula(node)}\n$$"
            case nodes.literal_block() | nodes.doctest_block():
                if sense := next(node.findall(_has_sense), None):
                    raise self.unknown(sense)
                return code_block(node.astext(), node.get("language", ""))
            case nodes.bullet_list():
                return "\n".join(indented("- ", self.blocks(item)) for item in node.children)
            case nodes.enumerated_list():
                return self.enumerated(node)
            case nodes.definition_list() | nodes.field_list() | nodes.option_list():
                return wrapped("dl", *(part for item in node for part in self.defined(item)))
            case addnodes.desc():
                return wrapped("dl", *map(self.described, node.children))
            case nodes.footnote() | nodes.citation():
                label, *rest = node.children
                return self.beginning(f"\\[{self.line(label)}\\] ", rest)
            case addnodes.versionmodified():
                return quoted(self.blocks(node))
            case addnodes.productionlist():
                return code_block("\n".join(f"{p['tokenname']} ::= {p.astext()}" for p in node))
            case nodes.Admonition() | nodes.topic() | nodes.sidebar():
                return quoted(self.aside(node))
            case nodes.block_quote():
                return quoted(self.blocks(node))
            case nodes.table():
                return self.table(node)
            case nodes.line_block():
                return only_words("<br>\n".join(self.verses(node)))
            case nodes.attribution():
                return only_words(f"—{self.line(node)}")
            case live.live():
                return self.still(node)
            case folds.fold():
                return self.fold(node)
            case nodes.transition():
                return "---"
            case nodes.raw():
                return html_block(self.html(node))
            case addnodes.toctree():
                found = TocTree(self.app.env).resolve(self.docname, self.app.builder, node)
                return "" if found is None else self.blocks(found)
        if isinstance(node, UNSEEN):
            return ""
        if isinstance(node, PARAGRAPHS):
            return only_words(self.line(node))
        if isinstance(node, ROOMS):
            return self.blocks(node)
        if isinstance(node, nodes.Inline | nodes.Text):
            return only_words(self.line([node]))
        raise self.unknown(node)

    def still(self, node: live.live) -> str:
        """A live figure's first picture, its caption, and where it moves, if that is known."""
        picture = base64.b64encode(live.standing_alone(node["picture"]).encode()).decode()
        shown = f"![{escaped(node['words'])}](data:image/svg+xml;base64,{picture})"
        place = self.address(f"#{node['ids'][0]}")
        caption = self.line(node[0]) + (
            f" [On its page]({place}) the figure moves." if place else ""
        )
        return f"{shown}\n\n{only_words(caption)}"

    def fold(self, node: folds.fold) -> str:
        """What is folded: an answer stays so; the claims of a page stand below its cells already."""
        line, *below = node.children
        match node["classes"]:
            case ["checked"]:
                return ""
            case ["answer"]:
                return wrapped(
                    "details", f"<summary>{self.line(line)}</summary>", self.blocks(below)
                )
        return "\n\n".join([self.strong(line), self.blocks(below)])

    def blocks(self, parts: Iterable[nodes.Node]) -> str:
        """Blocks, one below the other; what stands in one line stays in it."""
        children = parts.children if isinstance(parts, nodes.Element) else parts
        found, before = [], None
        for is_line, group in groupby(children, _is_line):
            together = list(group)
            for part in [together] if is_line else together:
                text = only_words(self.line(part)) if is_line else self.block(part)
                kind = next((kind for kind in LISTS if isinstance(part, kind)), None)
                if text and kind and kind is before:  # it would go on with the one before
                    text = f"{SEPARATOR}\n\n{text}"
                if text:
                    found.append(text)
                    before = kind
        return "\n\n".join(found)

    def beginning(self, words: str, parts: list[nodes.Node]) -> str:
        """Blocks with words before them, in the first one's line if it is a paragraph."""
        if parts and isinstance(parts[0], nodes.paragraph):
            first, *rest = parts
            return "\n\n".join(
                filter(None, [only_words(words + self.line(first)), self.blocks(rest)])
            )
        return "\n\n".join(filter(None, [words.strip(), self.blocks(parts)]))

    def strong(self, node: Iterable[nodes.Node]) -> str:
        """A line that stands out."""
        return marked("**", "strong", " ".join(self.line(node).split()), alone=True)

    def aside(self, node: nodes.Element) -> str:
        """What stands beside the text: its title, and what it says."""
        label = str(admonitionlabels.get(node.tagname, ""))
        titles = [part for part in node.children if isinstance(part, nodes.title | nodes.subtitle)]
        rest = [part for part in node.children if part not in titles]
        heads = [self.strong([nodes.Text(label)]), *map(self.strong, titles)]
        return "\n\n".join(filter(None, [*heads, self.blocks(rest)]))

    def caption(self, node: nodes.Element) -> str:
        """What a picture, a table or code is called, with its number."""
        return only_words(f"{self.number(node)}{self.line(node)}")

    def enumerated(self, node: nodes.enumerated_list) -> str:
        """A list with numbers or letters, from where it starts."""
        start, kind = node.get("start", 1), node.get("enumtype", "arabic")
        if kind in LIST_TYPES:
            items = (wrapped("li", self.blocks(item)) for item in node.children)
            return wrapped("ol", *items, attributes=f' type="{LIST_TYPES[kind]}" start="{start}"')
        return "\n".join(
            indented(f"{number}. ", self.blocks(item))
            for number, item in enumerate(node.children, start)
        )

    def defined(self, item: nodes.Element) -> Iterable[str]:
        """The parts of an item of a list of definitions, fields or options."""
        for part in item.children:
            match part:
                case nodes.classifier():
                    yield wrapped("dd", marked("*", "em", self.line(part), alone=True))
                case nodes.term():
                    yield wrapped("dt", only_words(self.line(part)))
                case nodes.field_name():
                    yield wrapped("dt", only_words(f"{self.line(part)}:"))
                case nodes.option_group():
                    options = (
                        f"<kbd>{characters(option.astext())}</kbd>" for option in part.children
                    )
                    yield wrapped("dt", ", ".join(options))
                case _:
                    yield wrapped("dd", self.block(part))

    def described(self, part: nodes.Element) -> str:
        """A signature, or what is said of it."""
        if isinstance(part, addnodes.desc_signature):
            words = (p.astext() for p in part.children if not isinstance(p, nodes.reference))
            return wrapped("dt", code_span("".join(words)))
        return wrapped("dd", self.block(part))

    def verses(self, node: nodes.line_block, depth: int = 0) -> Iterable[str]:
        """The lines of a block in which they don't flow."""
        for child in node.children:
            if isinstance(child, nodes.line_block):
                yield from self.verses(child, depth + 1)
            else:
                yield "&emsp;" * depth + " ".join(self.line(child).split())

    def number(self, node: nodes.Element) -> str:
        """The number of a title or a caption, as the page has it."""
        at = node.parent
        if isinstance(at, nodes.section):
            known = self.app.env.toc_secnumbers.get(self.docname, {})
            found = known.get(f"#{at['ids'][0]}") or known.get("")
            number = ".".join(map(str, found or ()))
            return f"{number}{self.app.config.html_secnumber_suffix}" if number else ""
        if not isinstance(at, nodes.figure | nodes.table | nodes.container) or not at["ids"]:
            return ""
        kind = self.app.env.get_domain("std").get_enumerable_node_type(at)
        known = self.app.env.toc_fignumbers.get(self.docname, {}).get(kind, {})
        if at["ids"][0] not in known:
            return ""
        number = ".".join(map(str, known[at["ids"][0]]))
        return f"{escaped(self.app.config.numfig_format[kind] % number)} "

    def table(self, node: nodes.table) -> str:
        """A table with its title; Markdown's own form has one head and a line in each cell."""
        titles = [self.caption(part) for part in node.children if isinstance(part, nodes.title)]
        parts = [part for group in node.children for part in group.children]
        heads = [row for part in parts if isinstance(part, nodes.thead) for row in part.children]
        rows = [row for part in parts if isinstance(part, nodes.tbody) for row in part.children]
        stubs = [part.get("stub") for part in parts if isinstance(part, nodes.colspec)]
        if len(heads) == 1 and not any(stubs) and all(map(_is_simple, heads + rows)):
            lines = [
                [self.blocks(entry).replace("\n", " ") for entry in row] for row in heads + rows
            ]
            lines.insert(1, ["---"] * len(lines[0]))
            return "\n\n".join([*titles, "\n".join(f"| {' | '.join(line)} |" for line in lines)])
        groups = [
            wrapped(tag, *(self.row(row, stubs, tag == "thead") for row in group))
            for tag, group in (("thead", heads), ("tbody", rows))
            if group
        ]
        return "\n\n".join([*titles, wrapped("table", *groups)])

    def row(self, row: nodes.row, stubs: list, is_head: bool) -> str:
        """A row of a table in HTML."""
        cells = []
        for entry, stub in zip(row.children, [*stubs, *[None] * len(row)], strict=False):
            spans = ("rowspan", entry.get("morerows", 0)), ("colspan", entry.get("morecols", 0))
            said = "".join(f' {name}="{more + 1}"' for name, more in spans if more)
            tag = "th" if is_head or stub else "td"
            cells.append(wrapped(tag, self.blocks(entry), attributes=said))
        return wrapped("tr", *cells)


def _is_line(node: nodes.Node) -> bool:
    """Whether a node among blocks stands in a line."""
    is_block = isinstance(node, (nodes.raw, *UNSEEN, addnodes.desc_signature))
    return isinstance(node, nodes.Inline | nodes.Text) and not is_block


def _has_sense(node: nodes.Node) -> bool:
    """Whether a node in code means more than its characters."""
    return isinstance(
        node,
        nodes.superscript | nodes.subscript | nodes.math | nodes.footnote_reference | nodes.image,
    )


def _is_simple(row: nodes.row) -> bool:
    """Whether Markdown's own tables can hold a row."""
    for entry in row.children:
        one = len(entry) == 0 or (len(entry) == 1 and isinstance(entry[0], nodes.paragraph))
        if not one or "morerows" in entry or "morecols" in entry:
            return False
        for part in entry.findall(nodes.Element):
            bar = isinstance(part, nodes.math | nodes.literal | nodes.raw) and "|" in part.astext()
            if bar or isinstance(part, nodes.math_block):
                return False
    return True
