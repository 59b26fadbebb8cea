"""Numbers of equations in a line of text."""

import re

import pytest
from docutils import nodes

from groundup.sphinxext.pages import numbering


def line(text: str) -> nodes.paragraph:
    """A paragraph in which every ``[8.1]`` is a link to an equation, as Sphinx makes it."""
    found = nodes.paragraph()
    for part in re.split(r"(\[.*?\])", text):
        if part.startswith("["):
            found += nodes.reference("", f"({part[1:-1]})", refid="equation-a", internal=True)
        elif part:
            found += nodes.Text(part)
    return found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("by [8.1] and", "by (8.1) and"),
        ("so ([8.1]).", "so (8.1)."),
        ("so ([8.1], [7.2] and [18.3]).", "so (8.1, 7.2 and 18.3)."),
        ("so ([8.1]–[8.3]); ([8]) and [9]", "so (8.1–8.3); (8) and (9)"),
        ("so (see [8.1])", "so (see 8.1)"),
        ("so ([8.1] again)", "so (8.1 again)"),
        ("[8.1]", "(8.1)"),
    ],
)
def test_a_number_has_one_pair_of_parentheses(text, shown):
    paragraph = line(text)
    numbering.bare(None, nodes.container("", paragraph), "book/chapter")
    assert paragraph.astext() == shown


def test_another_link_keeps_its_parentheses():
    link = nodes.reference("", "(8)", refuri="https://example.org/#8")
    paragraph = nodes.paragraph("", "", nodes.Text("("), link, nodes.Text(")"))
    numbering.bare(None, nodes.container("", paragraph), "book/chapter")
    assert paragraph.astext() == "((8))"
