"""Text in a notebook means what it means on its page."""

import html
import re

import pytest
from docutils import nodes
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from groundup.sphinxext.markdown import Markdown

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
