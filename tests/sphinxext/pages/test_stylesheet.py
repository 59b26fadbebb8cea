"""The site's style sheet, and the colours that it shares with figures and the mark."""

from pathlib import Path

import pytest

from groundup.figures import palette
from groundup.sphinxext.pages import logo
from groundup.sphinxext.pages.stylesheet import rebased, shrunk, words_of_pages, words_of_scripts

BOOK = Path(__file__).parents[3] / "book" / "_assets" / "book.css"


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        ("p { color: red }", "p{color: red}"),
        (".used, .not { color: red }", ".used{color: red}"),
        (".used .not { color: red }", ""),
        (".used:not(.not) { color: red }", ".used:not(.not){color: red}"),
        ("@media print { .not { color: red } }", ""),
        ("@media print { .used { color: red } }", "@media print{.used{color: red}}"),
        ("p { --a: 1; --b: 2; top: var(--a) }", "p{--a: 1;top: var(--a)}"),
        ("p { --a: var(--b); --b: 2 }", "p{}"),
        ("p { --in-a-script: 2; --b: 2 }", "p{--in-a-script: 2;}"),
        ("p { --a: url('data:x;y}z'); top: 1px }", "p{top: 1px}"),
        ("@font-face { font-family: 'Font Awesome 6 Free' }", ""),
        (
            "@media print { p { font: x 'Font Awesome' } .not {} }",
            '@media print{p{font: x "Font Awesome"}}',
        ),
        ("@font-face { font-family: KaTeX_Main }", "@font-face {font-family: KaTeX_Main}"),
        ("@import 'other.css'; /* said */ p { /* what */ top: 1px }", "p{top: 1px}"),
    ],
)
def test_only_what_is_used_is_kept(css, kept):
    assert shrunk(css, {"used", "--in-a-script"}) == kept


def test_addresses_are_those_from_the_sheet(tmp_path):
    css = "a { b: url(fonts/x.woff2) url('../y.svg') url(data:z) }"
    found = rebased(css, tmp_path / "katex", tmp_path)
    assert found == "a { b: url(katex/fonts/x.woff2) url(y.svg) url(data:z) }"


def test_classes_come_from_pages_and_from_scripts(tmp_path):
    page, script = tmp_path / "page.html", tmp_path / "script.js"
    page.write_text('<p class="one two">class="three"</p>')
    script.write_text("e.classList.add('four'); five; f('var(--six)')")
    assert words_of_pages([page]) == {"one", "two", "three"}
    assert words_of_scripts([script]) == {"four", "var", "--six"}


def test_one_palette():
    assert (palette.LIGHT["ink"], palette.DARK["ink"]) == logo.INKS
    assert (palette.LIGHT["series 0"], palette.DARK["series 0"]) == logo.ACCENTS
    css = BOOK.read_text()
    for colours in (palette.LIGHT, palette.DARK):
        for name in ("ink", "muted", "grid", "series 0"):
            assert colours[name] in css, name
