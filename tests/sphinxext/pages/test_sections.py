"""What a browser is told of a section before it has laid it out."""

from docutils import nodes
from docutils.utils import new_document

from groundup.sphinxext.pages import folds, sections


def test_each_section_below_the_title_knows_how_long_it_takes_to_read():
    page = new_document("book/chapter")
    page += nodes.section()
    page[0] += [nodes.title("", "Title"), nodes.paragraph("", "word " * 100)]
    for minutes in (1, 2):
        inner = nodes.section("", nodes.paragraph("", "word " * 100 * minutes))
        derived = folds.fold("", folds.summary("", "Why"), nodes.paragraph("", "word " * 100))
        page[0] += nodes.section("", nodes.paragraph("", "word " * 100 * minutes), inner, derived)
    sections.measure(None, page)
    assert [part.get("minutes") for part in page.findall(nodes.section)] == [None, 1, None, 2, None]
