"""The line at a page's end that says how many of its statements were checked."""

import pytest

from groundup.sphinxext.pages import statements


@pytest.mark.parametrize(
    ("checked", "unchecked", "line"),
    [
        (21, 0, "21 statements on this page were checked in this build"),
        (1, 0, "1 statement on this page was checked in this build"),
        (2, 3, "2 statements on this page were checked in this build, 3 need the original data"),
        (2, 1, "2 statements on this page were checked in this build, 1 needs the original data"),
        (0, 1, "1 statement on this page needs the original data"),
        (0, 4, "4 statements on this page need the original data"),
    ],
)
def test_the_line_counts_what_was_checked(checked, unchecked, line):
    assert statements.says(checked, unchecked) == line
