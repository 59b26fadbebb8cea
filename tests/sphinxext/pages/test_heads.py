"""What stands above a chapter."""

import pytest
from docutils import nodes
from docutils.utils import new_document

from groundup.sphinxext.pages import folds, heads


@pytest.mark.parametrize(("folded", "minutes"), [(True, 10), (False, 30.6)])
def test_what_is_folded_takes_no_time_to_read(folded, minutes):
    page = new_document("book/chapter")
    page += nodes.paragraph("", "word " * 2000)
    below = folds.fold("", folds.summary("", "Why")) if folded else nodes.container()
    below += nodes.paragraph("", "word " * 2000)
    below += [nodes.math_block("", "y = x") for _ in range(40)]
    page += below
    assert heads.minutes(folds.unfolded(page)) == minutes
    assert len(page.astext().split()) > 4000, "the page keeps it"
