"""What a chapter asks of its readers, counted."""

import pytest
from docutils import nodes
from docutils.utils import new_document
from sphinx import addnodes

from groundup.sphinxext.checks import lengths
from groundup.sphinxext.pages import captions, folds, live, questions


def page(*parts: nodes.Node) -> nodes.document:
    document = new_document("book/chapter")
    document += parts
    return document


def said(*parts: str | nodes.Node) -> list[str]:
    """What stands in parentheses in a paragraph of these."""
    inline = (nodes.Text(part) if isinstance(part, str) else part for part in parts)
    return lengths.parentheses(page(nodes.paragraph("", "", *inline)))


def math(text="f(x) + g(y z)"):
    return nodes.math(text, text)


def link(text="the next chapter (and more of it)"):
    return nodes.reference("", text, refuri="chapter.html")


def to_be_resolved(kind: str, text="rosenblatt (and others)"):
    return addnodes.pending_xref("", nodes.inline("", text), reftype=kind)


@pytest.mark.parametrize(
    "parts",
    [
        ("No pair here.",),
        ("One word (briefly) or a number (20), (0, 1).",),
        ("Mathematics ", math(), " and ", nodes.literal("", "f(a or b)"), "."),
        ("Around it (", math(), ") and (", math("x (in a space)"), ", briefly)."),
        ("A citation (", to_be_resolved("cite"), ", ", to_be_resolved("cite"), ")."),
        (
            "An equation (see ",
            to_be_resolved("eq", "(8.1)"),
            ").",
        ),
        (
            "A link, ",
            link(),
            ", and one in a pair (",
            link(),
            ").",
        ),
        ("A list: a) the first, (b) the second.",),
        ("Never closed (it goes on.",),
        ("Never opened) it was.",),
    ],
)
def test_these_are_no_parentheses(parts):
    assert said(*parts) == []


def test_pairs_around_two_words_or_more():
    assert said("It was so (as we\nsaw), wasn't it (at all)?") == ["(as we saw)", "(at all)"]
    assert said("A pair (with one (the inner one) in it).") == [
        "(the inner one)", "(with one (the inner one) in it)",
    ]  # fmt: skip
    assert said("Two (", nodes.emphasis("", "very"), " short) words.") == ["(very short)"]
    assert said("Two (with ", nodes.literal("", "f(a, b)"), ") words.") == ["(with fa,b)"]
    (found,) = said("Words (about ", math(), ", and not ", link(), ") beside others.")
    assert found == "(about , and not )"


def test_prose_is_everything_said_in_words_and_nothing_put_out_or_folded():
    aside = "(as we saw)"
    block = nodes.literal_block(aside, aside)
    output = nodes.container("", nodes.paragraph("", aside), nb_element=folds.OUTPUT)
    fold = folds.fold("", folds.summary("", aside), nodes.paragraph("", aside))
    assert lengths.parentheses(folds.unfolded(page(block, output, fold))) == []
    image = nodes.image(alt=aside)
    shown = nodes.container(
        "", captions.captioned([image], [nodes.Text(aside)]), nb_element=folds.OUTPUT
    )
    title, item = nodes.title("", aside), nodes.list_item("", nodes.paragraph("", aside))
    assert lengths.parentheses(page(shown, title, nodes.bullet_list("", item))) == [aside] * 3


def cell(index: int, code: str, **attributes) -> nodes.container:
    block = nodes.container("", nodes.literal_block(code, code), nb_element=folds.CODE)
    out = nodes.container("", nodes.literal_block("", "1\n2"), nb_element=folds.OUTPUT)
    return nodes.container("", block, out, cell_index=index, **attributes)


def removed(index: int) -> nodes.container:
    """A cell of which only the output is left."""
    return nodes.container("", nb_element="cell_code", cell_index=index)


def listing(name: str, code: str) -> nodes.container:
    block = nodes.literal_block(code, code)
    return nodes.container("", nodes.paragraph("", name), block, shows=name)


def test_code_is_counted_where_it_is_shown_without_empty_lines():
    long = "\n".join(["x = 1", ""] * 20)
    code = {1: "from groundup import runs\n\nruns.fit(1)", 3: long, 4: long, 6: "a = 1\nb = 2"}
    doctree = page(
        cell(1, code[1]),
        cell(3, long, hide_mode="input"),
        cell(4, long, hide_mode="all"),
        cell(6, code[6], hide_mode="output"),
        removed(7),
        listing("groundup.nn.Dense", "class Dense:\n\n    pass"),
        listing("groundup.tape.Array", long * 4),
        folds.fold("", folds.summary("", "Why"), listing("groundup.nn.Adam", long)),
    )
    counts = lengths.count(doctree, code | {7: f"{long}\nruns.fit(2)"})
    values = {what: count.value for what, count in counts.items()}
    assert values["lines of code"] == 2 + 2 + 2 + 80
    assert values["longest cell"] == 2
    assert counts["longest cell"].named == ("cell 1: from groundup import runs",)
    assert values["longest listing"] == 2
    assert counts["lines about runs"].named == ("cell 1: runs.fit(1)",)
    assert len(doctree.children) == 8, "the page keeps what is folded"


@pytest.mark.parametrize(("shown", "most"), [(30, 12), (72, 12), (90, 15)])
def test_one_line_in_six_may_be_about_runs_or_twelve(shown, most):
    code = "\n".join(["x = 1"] * shown)
    count = lengths.count(page(cell(0, code)), {0: code})["lines about runs"]
    assert (count.value, count.most) == (0, most)


def test_minutes_are_the_heads_unrounded_whatever_the_data():
    words = nodes.paragraph("", "word " * 210)
    folded = folds.fold("", folds.summary("", "Why"), nodes.paragraph("", "word " * 999))
    stand_in = nodes.admonition("", nodes.paragraph("", "word " * 999), classes=["stand-in"])
    counts = lengths.count(page(words, folded, stand_in), {})
    assert counts["minutes"].value == 1.05


def test_what_there_must_be():
    figure = nodes.figure("", nodes.image(alt="A line."), nodes.caption("", "A line."))
    counts = lengths.count(
        page(
            questions.question(),
            questions.question(),
            live.live("", nodes.caption("", "What to see.")),
            nodes.container("", classes=["steps"]),
            *(nodes.admonition(classes=["exercise"]) for _ in range(6)),
            nodes.admonition(classes=["note"]),
            nodes.container(
                "", nodes.image(alt="In the light."), nodes.image(classes=["only-dark"])
            ),
            figure,
        ),
        {},
    )
    found = {what: (count.value, count.is_within) for what, count in counts.items()}
    assert found["questions"] == (2, False)
    assert found["live figures"] == (2, True)
    assert found["exercises"] == (6, False)
    assert found["figures without caption"] == (1, False)


def test_a_count_keeps_to_its_limits_up_to_them():
    assert lengths.Count(45, most=45).is_within
    assert not lengths.Count(45.01, most=45).is_within
    assert lengths.Count(3, least=3, most=5).is_within
    assert not lengths.Count(2, least=3, most=5).is_within
