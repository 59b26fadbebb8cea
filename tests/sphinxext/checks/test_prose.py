"""Which numbers in prose look measured, where they stand, and what a list of others allows."""

import pytest
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from sphinx.errors import ConfigError

from groundup.sphinxext.checks import prose

EXTENSIONS = {"colon_fence", "dollarmath", "linkify", "substitution", "tasklist"}  # Jupyter Book's


@pytest.fixture(scope="module")
def parser():
    return create_md_parser(MdParserConfig(enable_extensions=EXTENSIONS), RendererHTML)


def found(parser, markdown: str, **listed) -> list[tuple[int, str]]:
    """The lines and the numbers that are typed on a page."""
    faults = prose.faults(parser, markdown, listed.get("listed", {}))
    return [(line, fault.partition(": ")[2].strip("'\"")) for line, fault in faults]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("An accuracy of 0.97.", "0.97"),
        ("It is .5 now", ".5"),
        ("It is −1.25, more", "1.25"),
        ("About 1,234.5 of it", "1,234.5"),
        ("A difference of 3.5e-4", "3.5e-4"),
        ("A difference of 1e-9 or so", "1e-9"),
        ("A difference of 9 × 10⁻¹²", "9 × 10⁻"),
        ("It reads 95 % of them", "95 %"),
        ("It reads 95% of them", "95%"),
        ("It reads 95\u202f% of them", "95 %"),
        ("It reads **95** *percent* of them", "95 percent"),
        ("Two percent are wrong", "Two percent"),
        ("by thirty-two per cent", "thirty-two per cent"),
        ("within half a percentage point", "half a percentage point"),
        ("3 percentage points better", "3 percentage points"),
        ("It took 3 seconds", "3 seconds"),
        ("It took 5 ms", "5 ms"),
        ("It took 12ms", "12ms"),
        ("It took 30 s on one core", "30 s"),
        ("After two minutes", "two minutes"),
        ("A two-minute run", "two-minute"),
        ("In half an hour", "half an hour"),
        ("two and a half hours", "two and a half hours"),
        ("It needs 300 MB", "300 MB"),
        ("It is 2.6 times faster", "2.6 times faster"),
        ("three times as fast", "three times as"),
        ("twice as fast", "twice as"),
        ("half as many errors", "half as"),
        ("a 3× speed-up", "3×"),
        ("a 3x speed-up", "3x"),
        ("a tenfold loss", "tenfold"),
        ("nine out of ten digits", "nine out of ten"),
        ("two thirds of them", "two thirds"),
        ("two-thirds of them", "two-thirds"),
        ("It reads <b>95</b> % of them", "95 %"),
        ("The accuracy is $0.97$.", "0.97"),
        ("It is $98\\,\\%$ here", "98 %"),
        ("# A title with 0.5", "0.5"),
        ("- a list\n  with 0.5", "0.5"),
        ("> a quote of 0.5", "0.5"),
        ("| a | b |\n| --- | --- |\n| c | 0.5 |", "0.5"),
        ("[a link with 0.5](page.md)", "0.5"),
        ("![a picture of 0.5](picture.png)", "0.5"),
        ("[^note]\n\n[^note]: with 0.5", "0.5"),
        ("```{note}\nIt is 0.5.\n```", "0.5"),
        (":::{note}\nIt is 0.5.\n:::", "0.5"),
        ("```{admonition} Of 0.5\nText.\n```", "0.5"),
        ("```{figure} a.png\n:alt: A line at 0.5\n\nA caption.\n```", "0.5"),
        ("```{figure} a.png\n---\nname: a\n---\nA caption with 0.5.\n```", "0.5"),
        ("```{figure} a.png\n:name: *a\n:caption: Of 0.5\n```", "0.5"),
        ("```{table} Errors\n| a |\n| --- |\n| 0.5 |\n```", "0.5"),
    ],
)
def test_what_looks_measured_is_found(parser, text, number):
    assert [what for _, what in found(parser, text)] == [number]


@pytest.mark.parametrize(
    "text",
    [
        "Ten classes, 28 by 28 pixels, 784 features, 60,000 digits, five epochs, in 1998.",
        "Maps of 26 × 26 × 32 numbers, or 28×28, or 3 x 3, or 3 × $n$.",
        "Train it five times. Three times after that. The second of three.",
        "The twenty-fifth epoch, one after the other, a third network, the 1990s.",
        "Version 1.4.0 of it. See 3.",
        "`0.5` and ``95 %``",
        "$\\eta = 0.1$ and $0.1 x$ and $28 \\times 28$",
        "$$\nx = 0.5\n$$",
        "$$\nx = 0.5\n$$ (label-0.5)",
        "It is {glue:text}`accuracy-0.5`.",
        "It took {glue:text}`three` seconds.",
        "{ref}`0.5 <page>` and {eq}`equation-0.5`",
        "[a link](page-0.5.md) and <https://arxiv.org/abs/1412.6980>, https://doi.org/10.1000/0.5",
        "![a picture](picture-0.5.png)",
        "<!-- 0.5 -->",
        "A word <span data-x='0.5'>here</span>.",
        "% 0.5",
        "(label-0.5)=\n# A title",
        "---\nversion: 0.5\n---\n\nText.",
        "    0.5",
        "```\n0.5\n```",
        "```python\nx = 0.5\n```",
        "```{code-cell} python3\nx = 0.5  # 95 %\n```",
        "```{code-cell} python3\n---\ntags: [a]\n---\nx = 0.5\n```",
        "```{literalinclude} code-0.5.py\n:lines: 1-2\n```",
        "```{math}\n:label: a\nx = 0.5\n```",
        "```{raw} html\n0.5\n```",
        "```{figure} picture-0.5.png\n:width: 0.5\n:alt: A line\n\nA caption.\n```",
        "````{note}\n```python\n0.5\n```\n````",
    ],
)
def test_what_counts_or_is_no_prose_is_passed(parser, text):
    assert found(parser, text) == []


def test_lines_are_those_of_the_page(parser):
    page = """\
---
title: A page
---

# A page

A paragraph with `code
of two lines` and with 0.1, and
on its third line 0.2; it takes 95
percent.

| a | b |
| --- | --- |
| c | d |
| e | 0.3 |

- one
- two

  ````{admonition} Title of 0.4
  :class: note

  Inside.

  ```{tip}
  - Deeper, and at last
    0.5
  ```
  ````

:::::{note}
---
class: note
---

::::{exercise}
0.6
::::
:::::

```{note}
In the first line 0.7
```

And 0.8.
"""
    lines = page.split("\n")
    hits = found(parser, page)
    assert len(hits) == 9
    for line, number in hits:
        assert number.split()[0] in lines[line - 1]


def test_what_is_listed_may_be_typed_where_it_is_listed(parser):
    page = "We take a rate of\n**0.1** for it. The loss is 0.1."
    listed = {"a rate of 0.1 for it": "a setting"}
    assert found(parser, page, listed=listed) == [(2, "0.1")]


@pytest.mark.parametrize(
    ("page", "times"),
    [
        ("We take 0.2.", 0),
        ("There is text and a rate, but no number.", 0),
        ("A rate of 0.1, and a rate of 0.1.", 2),
        ("It is `a rate of 0.1` only in code.", 0),
    ],
)
def test_an_entry_of_the_list_stands_for_one_place(parser, page, times):
    words = "text and a rate" if "text" in page else "rate of 0.1"
    said = [fault for line, fault in prose.faults(parser, page, {words: "a setting"}) if not line]
    assert said == [
        f"{words!r} was expected once on the page, around a number, but is there {times} times"
    ]


def test_no_list_allows_nothing(tmp_path):
    assert prose.read_list(tmp_path / "typed_numbers.yml") == {}


def test_a_list_gives_every_number_its_reason(tmp_path):
    path = tmp_path / "typed_numbers.yml"
    path.write_text("# a remark\nbook/a:\n  a rate of 0.1: a setting\n")
    assert prose.read_list(path) == {"book/a": {"a rate of 0.1": "a setting"}}
    path.write_text("# only a remark\n")
    assert prose.read_list(path) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- book/a", "expected 'page:"),
        ("book/a: a rate of 0.1", "expected 'page:"),
        ("book/a:\n  a rate of 0.1:", "expected 'page:"),
        ("book/a:\n  0.1: a setting", "expected 'page:"),
        ("book/a: {", "while parsing"),
    ],
)
def test_another_kind_of_list_is_refused(tmp_path, text, said):
    path = tmp_path / "typed_numbers.yml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said) as error:
        prose.read_list(path)
    assert str(path) in str(error.value)


def cell(*lines: str, options: str = "") -> str:
    return "# A title\n\n```{code-cell} python3\n" + options + "\n".join(lines) + "\n```\n"


SAID = [
    ('figures.show(ax, "It reaches 0.97.", "Words.")', "0.97"),
    ('figures.show(ax, "A caption.", "It ends at 95 %.")', "95 %"),
    ('figures.show(ax, caption="It is 0.5.", words="Words.")', "0.5"),
    ('figures.show(ax, f"{name} reaches 0.97 after {epochs} epochs.", "Words.")', "0.97"),
    ('figures.show(ax, "A caption.", "Of all, " + f"{share} or 0.5.")', "0.5"),
    ('figures.show(ax, "A caption.", "At 0.5." if small else "At one.")', "0.5"),
    ('page.table({"a": ["0.5"]}, "Accuracy above 0.97")', "0.97"),
]


@pytest.mark.parametrize(("line", "number"), SAID)
@pytest.mark.parametrize("options", ["", ":tags: [remove-input]\n", "---\ntags: [a]\n---\n"])
def test_a_caption_and_words_are_prose(parser, line, number, options):
    where = 5 + options.count("\n")
    assert found(parser, cell("ax = 0.25", line, options=options)) == [(where, number)]


@pytest.mark.parametrize(
    "line",
    [
        'figures.show(ax, f"It reaches {best:.2f} after {epochs} epochs.", f"{best:.1%} {a[0.5]}")',
        'figures.show(draw(0.5, "0.5"), "A caption.", "Words.")',
        'figures.show(ax, f"{number(0.5, \'percent\')} of them are read.", "Words.")',
        'page.table({"rate": ["0.5"]}, "Accuracy by rate")',
        'print("0.97")',
        "figures.show(ax, (",
    ],
)
def test_a_value_that_a_caption_formats_is_not_typed(parser, line):
    assert found(parser, cell(line)) == []


def test_the_words_that_a_variable_holds_are_read_where_the_cell_makes_them(parser):
    lines = (
        "told = []",
        "for rate in rates:",
        '    told.append(f"With {rate}: 0.25.")',
        'words = "It is 0.5. "',
        'words += "; ".join(told)',
        'figures.show(ax, "A caption.", words)',
        'unsaid = "0.75"',
    )
    assert sorted(found(parser, cell(*lines))) == [(6, "0.25"), (7, "0.5")]
    assert list(prose.faults(parser, cell(*lines), {}, cells=False)) == []


def test_a_number_in_a_caption_can_be_listed(parser):
    page = cell('figures.show(ax, "A rate of 0.5 is too large.", "Words.")')
    assert found(parser, page, listed={"rate of 0.5": "a setting"}) == []


def test_a_choice_is_a_guess_and_a_reply_is_prose(parser):
    choices = "- [ ] About 50 %\n\n  No, 0.25.\n- [x] About 90 %\n\n  Yes.\n"
    asked = f":::{{question}} at-0.5\nIs it 0.75?\n\n{choices}:::\n"
    assert found(parser, asked) == [(2, "0.75"), (6, "0.25")]
    assert [number for _, number in found(parser, choices)] == ["50 %", "0.25", "90 %"]


def test_what_is_said_of_the_originals_or_folded_is_prose(parser):
    assert found(parser, "So {originals}``it is 0.5, not {glue:text}`a-0.25`.``") == [(1, "0.5")]
    folded = ":::{derivation} Of 0.5\nIt is 0.25.\n:::\n"
    assert found(parser, folded) == [(1, "0.5"), (2, "0.25")]
    assert found(parser, "```{margin}\nIt is 0.25.\n```\n") == [(2, "0.25")]


def about_results(parser, markdown: str, **options) -> list[tuple[int, str]]:
    """The lines and the words about results that no claim holds."""
    said = prose.faults(parser, markdown, options.pop("listed", {}), **options)
    return [
        (line, fault.split(": ")[1].strip("'")) for line, fault in said if "word about" in fault
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It reads {glue:text}`a`, and is better.", ["better"]),
        ("So it {claim}`a | is better`, and always cheaper.", ["always", "cheaper"]),
        ("{glue:text}`a` of four, a third of them.", ["four", "a third"]),
        ("{originals}``More of {glue:text}`a`.``", ["More"]),
        ("```{note}\nIt falls to {glue:text}`a`.\n```", ["falls"]),
        ("It reads {glue:text}`a`, {claim}`b | which is {ratio} times better`.", []),
        ("Wider is better, as a rule. No number is told here.", []),
        ("See {eq}`a`: more of them.", []),
        (cell('figures.show(ax, f"It falls to {loss:.2f}.", "Words.")'), ["falls"]),
        (cell('figures.show(ax, f"It {page.say(\'falls\', drop)} to {a}.", "Words.")'), []),
        (cell('figures.show(ax, page.say("falls twice as fast", drop), "Words.")'), []),
    ],
)
def test_where_results_are_told_words_about_them_stand_in_claims(parser, text, found):
    assert [what for _, what in about_results(parser, text)] == found
    assert about_results(parser, text, words=False) == []


def test_a_word_about_results_is_a_typed_number_only_once(parser):
    text = "It is {glue:text}`a`, twice as fast.\nIt takes five\nseconds, always."
    faults = list(prose.faults(parser, text, {}))
    assert faults == [
        (1, "a typed number: 'twice as'"),
        (2, "a typed number: 'five seconds'"),
        (3, "a word about results that no claim holds: 'always'"),
    ]


def test_a_word_about_results_can_be_listed(parser):
    text = "It is {glue:text}`a`. The larger\nnetwork has more of it."
    assert about_results(parser, text) == [(1, "larger"), (2, "more")]
    assert about_results(parser, text, listed={"The larger network": "its name"}) == [(2, "more")]
