"""What a chapter says to its readers, and how: captions, questions, proof that stays out of the way."""

import re

import nbformat
import pytest
import yaml
from tests.book import chapter as whole
from tests.book.small import ROOT, Book


@pytest.fixture(scope="module")
def chapter(tmp_path_factory) -> Book:
    """The small book with that chapter, built once."""
    return whole.built(tmp_path_factory.mktemp("reading"))


@pytest.fixture(scope="module")
def taken(chapter) -> list:
    """The cells of its notebook."""
    path = chapter.folder / "_build" / "html" / "notebooks" / "book" / "chapter.ipynb"
    return nbformat.read(path, as_version=4).cells


@pytest.fixture(scope="module")
def markdown(taken) -> str:
    return "\n\n".join(cell.source for cell in taken if cell.cell_type == "markdown")


def forms(book: Book) -> list[str]:
    return re.findall('<div class="question".*?</details>', book.html(), re.DOTALL)


def test_a_caption_stands_below_its_figure_once(chapter):
    (figure,) = re.findall("<figure.*?</figure>", chapter.html(), re.DOTALL)
    assert figure.count("<img") == figure.count('alt="A line from 1 to 2."') == 2
    assert "<figcaption>The line goes &lt;up to 2.0.</figcaption>" in figure
    assert chapter.html().count("The line goes &lt;up to 2.0.") == 1


def test_a_notebook_has_captions_and_claims_below_their_cells(taken):
    shown = [
        output.data["text/html"]
        for cell in taken
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    ]
    assert shown[0] == "<p>The line goes &lt;up to 2.0.</p>"
    assert [html.count("<li") for html in shown[1:]] == [1, 2]


def test_the_claims_of_a_page_are_one_line_at_its_end(chapter):
    html = chapter.html()
    end = html[html.index("It was so.") :]
    (fold,) = re.findall('<details class="checked">.*?</details>', end, re.DOTALL)
    summary = "2 statements on this page were checked in this build, 1 needs the original data"
    assert f"<summary>{summary}</summary>" in fold
    said = [re.sub("<.*?>", "", item) for item in re.findall("<li.*?</li>", fold, re.DOTALL)]
    assert said == [
        "✓ One is &lt;one&gt;.",
        "○ It is good. (not checked on stand-in data)",
        "✓ Two is more than one (seeds 0, 1).",
    ]
    assert html.count("It is good.") == 1
    (facts,) = chapter.status().values()
    assert facts["claims"] == [
        {"text": "One is <one>.", "state": "holds"},
        {"text": "It is good.", "state": "not checked on stand-in data"},
        {"text": "Two is more than one (seeds 0, 1).", "state": "holds"},
    ]


def test_a_question_asks_in_the_authors_order_and_hides_what_is_right(chapter):
    most, *_ = forms(chapter)
    plain, folded = most.split("<details")
    assert re.findall('value="(.)".*?<span>(.*?)</span>', plain) == [
        ("0", "Noise on every pixel"), ("1", "A few chosen pixels"), ("2", "About 50%"),
    ]  # fmt: skip
    assert 'data-right="1"' in plain
    assert "checked" not in plain
    assert folded.count("✓") == 1
    assert (
        "<li><p>✓ <strong>A few chosen pixels</strong></p>\n<p>All of them push one way.</p>"
        in folded
    )
    assert "isn't checked" not in folded


def test_on_stand_ins_the_answer_is_theirs_and_not_checked(chapter):
    _, least, share = forms(chapter)
    assert 'data-right="0"' in least, "the text expects the other"
    assert 'data-value="94.28"' in share
    assert 'data-shown="94.3%"' in share
    assert float(re.search('data-tolerance="(.*?)"', share)[1]) == pytest.approx(4.714)
    for form in (least, share):
        assert "comes from stand-in data; it isn't checked" in form
    (facts,) = chapter.status().values()
    assert facts["questions"] == [
        {"name": "most", "state": "holds"},
        {"name": "least", "state": "not checked on stand-in data"},
        {"name": "share", "state": "not checked on stand-in data"},
    ]


def test_a_notebook_folds_answers_and_shows_derivations_and_margins(markdown):
    assert (
        "**Your guess**\n\nWhich of these **falls** most?\n\n- Noise on every pixel\n- A few"
        in markdown
    )
    answers = re.findall(
        "<details>\n\n<summary>The answer</summary>\n\n(.*?)\n\n</details>", markdown, re.DOTALL
    )
    assert len(answers) == 3
    assert answers[0].startswith("- **Noise on every pixel**\n\n  Noise cancels")
    assert "- ✓ **A few chosen pixels**" in answers[0]
    assert (
        "<strong>Why it *is* so</strong>\n\nFirst this, then\n\n$$\ny = w x + b \\tag{8.1}\n$$"
        in markdown
    )
    assert "\n> A caveat in the margin, with $x$.\n" in markdown
    assert "statements on this page" not in markdown


def test_a_derivation_folds_with_its_equation_inside(chapter):
    (fold,) = re.findall('<details class="derivation">.*?</details>', chapter.html(), re.DOTALL)
    assert fold.count("<summary>Why it <em>is</em> so</summary>") == 1
    assert 'id="equation-line"' in fold


def test_equations_are_numbered_by_chapter_wherever_they_are_named(chapter):
    text = re.sub("<.*?>", "", chapter.html())
    assert "It was (8.1),\n(8.1, 8.2 and 8.1), and (see 8.2)." in text
    assert '<span class="eqno">(8.1)<' in chapter.html()
    assert "<li>Chapter 8</li>" in chapter.html()
    assert "y = w * x + b  # (8.1)" in text  # in code
    front = re.sub("<.*?>", "", chapter.html("index"))
    assert "See (8.1)." in front
    assert "Equation (8.2), other" in front


def test_stand_ins_mark_what_is_said_of_the_originals(chapter):
    text = re.sub("<.*?>", "", chapter.html())
    assert "Dropout reads 94.28%. [original data only] It was" in text
    assert "A paragraph about the originals. [original data only]" in text
    assert "come from the stand-in; the sentences were written for the original" in text


def test_every_chapter_of_the_book_has_its_number():
    aside = {"drafts", "reference"}  # pages of the reference that compute something aren't chapters
    paths = (path for path in (ROOT / "book").rglob("*.md") if aside.isdisjoint(path.parts))
    chapters = [path.read_text() for path in paths]
    heads = [
        yaml.safe_load(text.split("---\n")[1]) for text in chapters if text.startswith("---\n")
    ]
    numbers = [head.get("chapter") for head in heads if "kernelspec" in head]
    assert len(numbers) >= 9
    assert all(isinstance(number, int) for number in numbers), numbers
    assert len(set(numbers)) == len(numbers)
