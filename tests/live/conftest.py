"""A small book with live figures and a stepper."""

import pytest
from tests.book.small import ROOT, Book, must_pass

from groundup.sphinxext.pages import live

SOURCES = ROOT / "book" / "_assets" / "live"
SCRIPTS = {path.stem: path for path in sorted(SOURCES.glob("*.js"))}
FIGURES = live.figures(SCRIPTS)
STILLS = 4
CELL = f"""
from groundup import figures
stills = [figures.axes(height=2) for _ in range({STILLS})]
for power, ax in enumerate(stills):
    ax.plot([0, 1, 2], [0, 1, 2**power])
long = "Steeper, " + "with more words than the others, " * 5 + "and so higher."
captions = ["Flat.", "$y = x$.", long, "Steepest."]
figures.steps(stills, captions, [f"A line to {{2**n}}." for n in range(len(stills))])
"""
WORDS = "Words that a reader scrolls over to come to what stands below, line by line. " * 40


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the built pages: one with each figure and a stepper, far below; one without."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GROUNDUP_RUNS", str(tmp_path_factory.mktemp("runs")))
        patch.setenv("GROUNDUP_DATA", "stand-in")
        book = Book(tmp_path_factory.mktemp("book"))
        figures = "".join(
            f"## About {name}\n\n```{{live}} {name}\n:alt: What {name} shows first.\n\n"
            f"What to see in {name}, as $x$ says.\n```\n\n{WORDS}\n\n"
            for name in FIGURES
        )
        prose = f"{WORDS}\n\n{WORDS}\n\n{figures}## The end\n\nThe last words.\n\n{WORDS}\n"
        book.cells(
            "1 + 1", prose=f"{WORDS}\n\n{WORDS}\n\n```{{code-cell}} python3\n{CELL}\n```\n\n{prose}"
        )
        must_pass(book.build())
    return book.folder / "_build" / "html" / "book"
