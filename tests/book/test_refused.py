"""Books with all that the build refuses: each fault is said with its page and line, and hides no other.

One book has a page for each gate, with its faults; the pages of another can't be executed.
"""

from tests.book.chapter import FIGURE, number
from tests.book.small import Book, must_fail
from tests.book.test_claims import CELL as CLAIMS

IMPORTS = "from groundup import figures, page\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
SIGMOID = (
    "def mine(z):\n    z = floats(z)\n    with np.errstate(over='ignore', under='ignore'):\n"
    "        return 1 / (1 + np.exp(-z))"
)
ASKED = """
:::{{question}} {name}
Which is it?

{choices}
:::

"""
TWO = "- [x] Sun\n\n  It shines.\n- [ ] Rain\n\n  It falls.\n"
# Questions that are wrong in themselves, with what the build says of them.
WRONG = {
    "no-list": ("Only text.", "expected a list of choices at its end"),
    "after": (f"{TWO}\nMore text.", "expected a list of choices at its end"),
    "one": ("- [x] Sun\n\n  It shines.", "expected 2 to 4 choices, one of them with [x], got 1 and 1"),
    "none-right": (TWO.replace("[x]", "[ ]"), "expected 2 to 4 choices, one of them with [x], got 2 and"),
    "no-box": (TWO.replace("[ ] ", ""), "expected [ ] or [x], words, and a reply below them: 'Rain'"),
    "no-reply": (TWO.replace("  It falls.", ""), "expected [ ] or [x], words, and a reply below"),
}  # fmt: skip
# Answers that don't fit a question with two choices.
MISFITS = {
    "unanswered": ("", "expected one cell to say page.answer('unanswered', …), got 0"),
    "twice": ("{'Sun': True, 'Rain': False}", "expected one cell to say page.answer('twice', …), got 2"),
    "other": ("{'Sun': False, 'Rain': True}", "the text expects 'Sun', and the results say 'Rain'"),
    "unknown": ("{'Sun': True, 'Snow': False}", "expected 'Snow' to begin one of the choices"),
    "fewer": ("{'Sun': True}", "expected one condition for each of ['Sun', 'Rain'], got ['Sun']"),
    "a-number": ("1, 'count'", "it asks for a choice; the cell gave a number"),
    "late": ("{'Sun': True, 'Rain': False}", "it stands below the cell that answers it"),
}  # fmt: skip


def questions() -> tuple[str, list[str], str]:
    """What stands above the cells of a page with questions, the cells, and what stands below."""
    above = [ASKED.format(name=name, choices=wrong) for name, (wrong, _) in WRONG.items()]
    above += [ASKED.format(name=name, choices=TWO) for name in MISFITS if name != "late"]
    for name, tolerance in (("loose", "about 2"), ("chosen", "2"), ("chosen", "2")):
        above.append(
            f":::{{question}} {name}\n:tolerance: {tolerance}\n\nHow many?\n\nSo many.\n:::\n\n"
        )
    answers = [f"page.answer({name!r}, {right})" for name, (right, _) in MISFITS.items() if right]
    answers += [
        answers[0],
        "page.answer('chosen', {'Sun': True})",
        "page.answer('nobody-asks', 1, 'count')",
    ]
    cells = [
        "\n".join([IMPORTS, *answers]),
        ":tags: [raises-exception]\n\npage.answer('both', {'Sun': True, 'Rain': True})",
    ]
    return "\n".join(above), cells, ASKED.format(name="late", choices=TWO)


# Each chapter's text above its cells, the cells, and the text below.
CHAPTERS = {
    "fails": ("", ["a = 1", "raise ZeroDivisionError('on purpose')"], ""),
    "untrue": ("", [f'{IMPORTS}page.claim("One is two.", 1 == 2)'], ""),
    "unheard": (
        "",
        [
            f"{IMPORTS}import threading\n"
            'said = threading.Thread(target=page.claim, args=("Two is one.", 2 == 1))\n'
            "said.start()\nsaid.join()",
            "%%capture\na = 1",
            ":tags: [raises-exception]\n\npage.claim('One is three.', 1 == 3)",
            "from IPython.display import HTML\nHTML('<img src=\"x.png\">')",
        ],
        "It is {glue:text}`never-glued`.\n\n"
        "```{eval-rst}\n.. parsed-literal::\n\n   10\\ :sup:`3`\n```\n",
    ),
    "svg": ("", [f"from IPython.display import SVG\nSVG('{SVG}')"], ""),
    "png": ("", ["import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"], ""),
    "captions": (
        "",
        [
            f"{FIGURE}figures.show(ax, 'A line from 1 to 2.')",
            f"{FIGURE}figures.show(ax, 'It rises to 0.97.', 'A line from 1 to 2.')",
        ],
        "![A picture.](_assets/picture.svg)\n",
    ),
    "repeats": (
        "",
        ["import numpy as np\nfrom groundup.nn.arrays import floats", SIGMOID],
        f"```{{listing}} groundup.nn.Dense.foward\n```\n\n```python\n{SIGMOID}\n```\n",
    ),
    "claims": (
        "",
        [f"{CLAIMS}\npage.glue('typed', 5, 'count')"],
        "It {claim}`noise | stands it worse`.\n\nIt {claim}`faster | trains five times as fast`, "
        "{claim}`never | never`,\n{claim}`faster` it, always.\n\n"
        "{claim}`faster | by {share} faster`",
    ),
    "questions": questions(),
}
NUMBERS = {"fails": 3, "untrue": 3, "questions": "eight"}
# What stands on a page without cells.
PLAIN = {
    "link": "A link to [nowhere](nowhere.md).",
    "formula": "$$\n\\frac{1}{2\n$$",
    "empty": "![](_assets/picture.png)",
    "typed": "Text.\nThe accuracy is 0.97 after\n{math}`n` epochs.",
    "counts": "There are {counted}`stars` stars.",
    "merged": "<<<<<<< HEAD\n\n```{include} part.txt\n```",
}
NO_CELLS = "---\nkernelspec: {name: python3}\n---\n\n# A page\n\n```{code-cell}\na = 1\n```\n"
WORDLESS = "WARNING: a picture without words"
ALONE = (
    "WARNING: a figure without a caption: expected figures.show(figure, caption, words), or a {figure} "
    "with a caption; got the words alone: "
)
AGAIN = "mine repeats groundup.nn.activations.sigmoid: import it, or show it with {listing}"
# What the build says of each page, and words of the line at which it says so.
SAID = {
    "fails": [
        ("", "WARNING: cell 2: ZeroDivisionError: on purpose"),
        (None, "ERROR: book/fails: cell 2 failed after"),
    ],
    "untrue": [
        ("", "WARNING: cell 1: ClaimError: this doesn't hold any more: One is two."),
        ("", "WARNING: book/fails is chapter 3 already"),
        (None, "ERROR: book/untrue: cell 1 failed after"),
    ],
    "unheard": [
        ("", "WARNING: cell 1: this doesn't hold any more: Two is one."),
        ("", "WARNING: cell 2: %%capture hides"),
        ("", "WARNING: cell 3: ClaimError: this doesn't hold any more: One is three."),
        ("", "WARNING: cell 4: a picture without words in HTML"),
        ("never-glued", "WARNING: No key 'never-glued'"),
        (None, "WARNING: book/unheard:"),
        (None, "nothing says how superscript looks in a notebook: '3'"),
    ],
    "svg": [(":", WORDLESS)],
    "png": [(":", WORDLESS)],
    "captions": [
        (None, f"{ALONE}'A line from 1 to 2.'"),
        ("![A picture.]", f"{ALONE}'A picture.'"),
        ("It rises", "WARNING: a typed number: '0.97'"),
    ],
    "repeats": [
        ("{listing}", "ERROR: no function, method or class of groundup is called "
         "groundup.nn.Dense.foward where it is defined; did you mean "
         "groundup.nn.layers.dense.Dense.forward"),
        ("", f"WARNING: cell 2: {AGAIN}"),
        ("```python\n", f"WARNING: {AGAIN}"),
    ],
    "claims": [
        ("stands it worse", "WARNING: the claim 'noise' says 'stands it worse', but 'worse' isn't so "
         "(compared: on average 94.50"),
        ("five times", "WARNING: the claim 'faster' says 'trains five times as fast', but 'five times as "
         "fast' isn't so"),
        ("five times", "WARNING: no cell makes the claim 'never'; it makes: noise, faster, crosses"),
        (None, "expected {claim}`name | words`, got 'faster'"),
        (None, "a word about results that no claim holds: 'always': put it into a {claim}"),
        ("", "WARNING: the claim 'crosses' has no words: expected {claim}`crosses | words` in the text"),
        (None, "the number 'share' is glued and never pasted: paste it, {glue:text}`share`, or"),
        (None, "the number 'typed' is glued and never pasted"),
        (None, "{share} is none of the comparison's numbers: ['difference', 'first', 'ratio', 'second']"),
    ],
    "questions": [
        *((None, f"question {name!r}: {said}") for name, (_, said) in (WRONG | MISFITS).items()),
        (None, "question 'loose': expected a tolerance such as 2 or 10%, got 'about 2'"),
        (None, "question 'chosen': it has a tolerance and asks for a number; the cell says which choice"),
        (None, "question 'chosen': another one on this page has its name"),
        (None, "page.answer('nobody-asks', …) answers no {question} of this page"),
        (None, "ClaimError: question 'both' expected exactly one of its choices to hold, got ['Sun',"),
        ("", "WARNING: expected a number, chapter: 8, in the front matter, got 'eight'"),
    ],
    "link": [("nowhere", "WARNING: 'myst' cross-reference target not found: 'nowhere.md'")],
    "formula": [("$$", "WARNING: KaTeX can't read")],
    "empty": [(":", WORDLESS)],
    "typed": [
        ("0.97", "WARNING: a typed number: '0.97': glue what was measured (page.glue in a cell, "
         "{glue:text} here; in a caption, format the value), or list it in book/typed_numbers.yml"),
    ],
    "counts": [(None, "unknown count 'stars'; expected one of: chapters, claims")],
    "merged": [
        ("<<<<<<<", "WARNING: a merge never ended"),
        (None, "part.txt:2: WARNING: a merge never ended"),
    ],
    "no_cells": [
        ("", "WARNING: it has a kernelspec, but its cells aren't executed: expected "
         "'file_format: mystnb' in its front matter too"),
    ],
}  # fmt: skip


def place(source: str, page: str, words: str | None, message: str) -> str:
    """A message after its page and the line that has these words; without words, of the whole page."""
    if words is None:
        return message
    line = source[: source.index(words)].count("\n") + 1 if words.strip(":") else ""
    return f"book/{page}.md{':' * bool(words)}{line}: {message}"


def test_what_is_wrong_with_a_page_fails_every_build(tmp_path):
    book = Book(tmp_path)
    for name, (above, cells, prose) in CHAPTERS.items():
        book.cells(*cells, above=above, prose=prose, page=name)
    for name, of_chapter in NUMBERS.items():
        number(book, of_chapter, name)
    for name, text in PLAIN.items():
        book.write(name, f"# A page\n\n{text}\n")
    book.write("no_cells", NO_CELLS)
    book.contents(*SAID)
    book.write("index", "# A small book\n")
    pages = book.folder / "book"
    (pages / "part.txt").write_text("One.\n>>>>>>> branch\n")
    (pages / "_assets" / "picture.png").write_bytes(b"")
    (pages / "_assets" / "picture.svg").write_text(SVG)
    expected = [
        place((pages / f"{page}.md").read_text(), page, *one)
        for page, faults in SAID.items()
        for one in faults
    ]
    for said in must_fail(book):
        assert [one for one in expected if one not in said] == []


def test_pages_that_cannot_be_executed_are_all_named(tmp_path):
    book = Book(tmp_path)
    book.cells("a = 1")
    mode = book.folder / "book" / "chapter.md"
    modes = ("inline", "force", "auto")
    for name in modes:
        options = f"mystnb:\n  execution_mode: {name}\nkernelspec:"
        book.write(name, mode.read_text().replace("kernelspec:", options))
    book.write("none", "---\nfile_format: mystnb\n---\n\n# A page\n\n```{code-cell}\na = 1\n```\n")
    mode.write_bytes("# Größe\n".encode("latin-1"))
    (book.folder / "book" / "note.ipynb").write_text("")
    book.contents("chapter", "none", "note", *modes)
    outputs = must_fail(
        book,
        "book/chapter: line 1: expected UTF-8",
        "book/note: line 1: Notebook does not",
        "book/none: expected MyST Markdown with a kernelspec in its front matter",
        *(f"book/{n}: expected execution_mode 'cache' or 'off', got '{n}'" for n in modes),
    )
    assert not [said for said in outputs if "threw an exception" in said]
