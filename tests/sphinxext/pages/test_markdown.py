"""Text in a notebook means what it means on its page."""

import html
import inspect
import re

import pytest
from docutils import nodes
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from sphinx import addnodes

from groundup.sphinxext.pages.markdown import Markdown
from groundup.sphinxext.pages.markdown_line import UNSEEN, NoMarkdown

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
WRITER = Markdown(None, "book/chapter")


def words(markdown: str) -> str:
    """What readers read of Markdown."""
    rendered = re.sub("<[^>]*>", "", PARSER.render(markdown))
    return " ".join(html.unescape(rendered).split())


MARKS = [*list("\\`*_$<>[]()~|&;#+-=.:!0a \n"), "&amp;", "<b>", "1986.", "---", "```", "http://"]
TEXTS = st.lists(st.sampled_from(MARKS), min_size=1).map("".join).filter(str.strip)


@pytest.mark.parametrize(
    "text",
    ["<b>bold</b>", "1986. Then", "3) Then", "# no title", "- no item", "+ no item", "> said", "a\n---",
     "a\n===", "    indented", "&amp; and &lt;", "[a](b)", "![a](b)", "a | b\n--|--\n1 | 2", "~~gone~~",
     "```\ncode", "*a* _b_ $c$", "a  \nb", "a\\", "<!-- no -->", "[^1]: note", "-", "1.", "* * *"],
)  # fmt: skip
def test_a_paragraph_is_its_words(text):
    markdown = WRITER.block(nodes.paragraph("", "", nodes.Text(text)))
    assert re.fullmatch(r"<p>(?:[^<]|</?span>)*</p>", PARSER.render(markdown).strip())
    assert words(markdown) == " ".join(text.split())


@given(TEXTS)
def test_any_text_keeps_its_words(text):
    expected = " ".join(text.split())
    for node in (nodes.paragraph("", "", nodes.Text(text)), nodes.title("", "", nodes.Text(text))):
        assert words(WRITER.block(node)) == expected
    cell = nodes.entry("", nodes.paragraph("", "", nodes.Text(text)))
    head, body = (
        nodes.thead("", nodes.row("", cell)),
        nodes.tbody("", nodes.row("", cell.deepcopy())),
    )
    table = nodes.table("", nodes.tgroup("", head, body))
    assert words(WRITER.block(table)) == f"{expected} {expected}"


@given(TEXTS)
def test_any_code_keeps_its_characters(text):
    block = WRITER.block(nodes.literal_block(text, text))
    (token,) = PARSER.parse(block)
    assert token.content.rstrip("\n") == text.rstrip("\n")
    literal = nodes.literal("", text.strip())
    paragraph = nodes.paragraph("", "", nodes.Text("See "), literal)
    assert words(WRITER.block(paragraph)) == " ".join(f"See {text}".split())


def test_an_address_may_have_brackets():
    link = nodes.reference("", "here", refuri="https://example.org/a_(b)")
    assert '<a href="https://example.org/a_(b)">here</a>' in PARSER.render(WRITER.inline(link))


# Kinds that consist of parts, or of none.
COMPOSED = {
    nodes.bullet_list, nodes.citation, nodes.definition_list, nodes.enumerated_list, nodes.field_list,
    nodes.footnote, nodes.image, nodes.line_block, nodes.option_list, nodes.table, nodes.transition,
    addnodes.productionlist, addnodes.toctree,
}  # fmt: skip
KINDS = [
    kind
    for module in (nodes, addnodes)
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, nodes.Element)
    and not issubclass(kind, nodes.document | nodes.system_message)
    and kind not in COMPOSED
]
NEEDED = {
    nodes.pending: {"transform": None},
    nodes.raw: {"format": "html"},
    addnodes.desc_inline: {"domain": "py"},
}


def made(kind: type[nodes.Element]) -> nodes.Element:
    node = kind(**NEEDED.get(kind, {}))
    node.append(nodes.Text("words"))
    return node


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("write", [WRITER.block, WRITER.inline])
def test_no_kind_of_node_loses_its_words_silently(kind, write):
    try:
        said = write(made(kind))
    except NoMarkdown as complaint:
        said = str(complaint)
    assert ("words" in said) == (kind not in UNSEEN)


MARKED = [
    lambda text: nodes.emphasis("", "", nodes.Text(text)),
    lambda text: nodes.strong("", "", nodes.Text(text)),
    lambda text: nodes.literal("", "", nodes.Text(text)),
    lambda text: nodes.superscript("", "", nodes.Text(text)),
    lambda text: nodes.strong("", "", nodes.Text("a"), nodes.emphasis("", "", nodes.Text(text))),
    lambda text: nodes.reference("", "", nodes.Text(text), refuri="https://example.org"),
    nodes.Text,
]
TAGS = {
    nodes.emphasis: "em",
    nodes.strong: "strong",
    nodes.literal: "code",
    nodes.superscript: "sup",
}
SIDE_BY_SIDE = st.lists(
    st.tuples(
        st.sampled_from(MARKED), st.sampled_from(["a", "(a)", "*", "a.", "!", "1", "_", "a b"])
    ),
    min_size=1,
)


@given(SIDE_BY_SIDE)
def test_parts_of_a_line_keep_their_looks_side_by_side(parts):
    paragraph = nodes.paragraph("", "", *(make(text) for make, text in parts))
    rendered = PARSER.render(WRITER.block(paragraph))
    assert words(WRITER.block(paragraph)) == " ".join(paragraph.astext().split())
    for kind, tag in TAGS.items():
        expected = [node.astext() for node in paragraph.findall(kind)]
        inside = re.findall(f"<{tag}>(.*?)</{tag}>", rendered)
        assert [html.unescape(re.sub("<[^>]*>", "", text)) for text in inside] == expected


def test_lists_side_by_side_stay_two():
    def numbered(start):
        item = nodes.list_item("", nodes.paragraph("", "", nodes.Text("words")))
        return nodes.enumerated_list("", item, item.deepcopy(), start=start)

    markdown = WRITER.blocks([numbered(3), nodes.comment(), numbered(1), numbered(7)])
    assert re.findall("<ol.*?>", PARSER.render(markdown)) == [
        '<ol start="3">',
        "<ol>",
        '<ol start="7">',
    ]
