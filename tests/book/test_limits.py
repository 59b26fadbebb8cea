"""A chapter beyond its limits fails the build, unless it's one of those from before."""

import re

import yaml
from tests.book import chapter
from tests.book.small import HEAD, ROOT, Book, must_fail, must_pass

FROM_BEFORE = {
    "book/convolution/digits",
}


def test_the_list_of_exceptions_does_not_grow():
    config = yaml.safe_load((ROOT / "_config.yml").read_text())["sphinx"]["config"]
    listed = config["groundup_without_limits"]
    assert set(listed) <= FROM_BEFORE
    assert all((ROOT / f"{page}.md").exists() for page in listed)


def draft(book: Book) -> None:
    """Add to a book a page that has a chapter's number and no captions, and is a draft."""
    folder = book.folder / "book" / "drafts"
    folder.mkdir()
    cell = (
        f"```{{code-cell}} python3\n{chapter.FIGURE}figures.show(ax, 'A line from 1 to 2.')\n```\n"
    )
    (folder / "next.md").write_text(f"{HEAD}# Next\n\n{cell}")
    chapter.number(book, 9, "drafts/next")
    with (book.folder / "_toc.yml").open("a") as toc:
        toc.write("  - file: book/drafts/next\n")


def test_a_chapter_beyond_its_limits_is_refused_unless_it_is_listed(tmp_path, monkeypatch):
    monkeypatch.setenv("GROUNDUP_DRAFTS", "1")
    book = Book(tmp_path)
    names = "\n".join(f"page.glue('n{n}', {n}, 'count')" for n in range(13))
    told = ", ".join(f"{{glue:text}}`n{n}`" for n in range(13))
    book.cells(
        f"from groundup import figures, page\n{names}",
        f"{chapter.FIGURE}figures.show(ax, 'A line from 1 to 2.')",
        prose=f"{told} (a dull list). {'(An aside here.) ' * 11}\n",
    )
    chapter.number(book, 8)
    book.write("index", "# A small book\n\n[](chapter.md)\n\n```{limits}\n```\n")
    draft(book)
    must_fail(
        book,
        "book/chapter.md: WARNING: lines about runs: expected at most 12, got 13 (one in 6 of those "
        "shown, or 12); they call runs or page, or only build what is handed to these:\n"
        "  cell 1: page.glue('n0', 0, 'count')\n  cell 1: page.glue('n1', 1, 'count')",
        "parentheses: expected at most 10, got 12 around two words or more:\n"
        "  (a dull list)\n  (An aside here.)",
        "questions: expected at least 3, got 0",
        "live figures: expected at least 1, got 0",
        "exercises: expected 3 to 5, got 0",
        "a figure without a caption: expected figures.show(figure, caption, words)",
        "the warnings above (6) count as errors",
    )
    book.without_limits("book/chapter")
    must_pass(book.build())
    (table,) = re.findall("<table.*?</table>", book.html("index"), re.DOTALL)
    head, limits, *rows = [
        [
            re.sub("<.*?>", "", entry).strip()
            for entry in re.findall("<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        for row in re.findall("<tr.*?</tr>", table, re.DOTALL)
    ]
    assert [dict(zip(head, row, strict=True)) for row in [limits, *rows]] == [
        {
            "chapter": "expected",
            "minutes": "at most 45",
            "lines of code": "any",
            "lines about runs": "one in 6, or 12",
            "longest cell": "at most 15",
            "longest listing": "at most 40",
            "parentheses": "at most 10",
            "questions": "at least 3",
            "live figures": "at least 1",
            "exercises": "3 to 5",
            "figures without caption": "none",
        },
        {
            "chapter": "A chapter",
            "minutes": rows[0][1],
            "lines of code": "18",
            "lines about runs": "13\u202f✗",
            "longest cell": "14",
            "longest listing": "0",
            "parentheses": "12\u202f✗",
            "questions": "0\u202f✗",
            "live figures": "0\u202f✗",
            "exercises": "0\u202f✗",
            "figures without caption": "1\u202f✗",
        },
    ]
    assert 1 < float(rows[0][1]) < 3
