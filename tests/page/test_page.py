"""What a chapter says to its page."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from groundup import page, trace
from groundup.page import claims, numbers, tables


@pytest.fixture
def shown(monkeypatch):
    """What was displayed."""
    calls = []

    def display(content, **options):
        calls.append((content, options))

    for module in (claims, numbers, tables):
        monkeypatch.setattr(module, "display", display)
    monkeypatch.setattr(claims, "_of_cell", {})
    return calls


@pytest.mark.parametrize(
    ("value", "kind", "digits", "text"),
    [
        (60000, "count", None, "60,000"),
        (1.7999, "decimal", None, "1.800"),
        (-0.125, "decimal", 2, "−0.12"),
        (0.92284, "percent", None, "92.28%"),
        (1, "percent", 0, "100%"),
        (0.0035, "points", None, "0.35 percentage points"),
        (0.01, "points", 0, "1 percentage point"),
        (-0.01, "points", 0, "−1 percentage point"),
        (0.01, "points", None, "1.00 percentage points"),
        (1.26, "ratio", None, "1.3\u202f×"),
        (8.44, "seconds", None, "8.4\u202fs"),
        (249.7, "seconds", None, "4\u202fmin 10\u202fs"),
        (9.4e-12, "scientific", None, "9\u202f×\u202f10⁻¹²"),
        (-2.34e5, "scientific", 1, "−2.3\u202f×\u202f10⁵"),
    ],
)
def test_numbers_are_written_one_way(value, kind, digits, text):
    assert page.number(value, kind, digits) == text


def test_an_unknown_kind_of_number_is_refused():
    with pytest.raises(
        ValueError, match=r"unknown kind of number 'per mille'; expected one of .*percent"
    ):
        page.number(1, "per mille")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="expected a finite number"):
        page.number(value, "percent")


@pytest.mark.parametrize("holds", [(x for x in []), float("nan"), "no", 1])
def test_a_claim_takes_true_or_false_only(shown, holds):
    with pytest.raises(TypeError, match="expected True or False"):
        page.claim("Something counts as true.", holds)


def test_glued_numbers_go_to_the_text_and_not_to_the_page(shown):
    page.glue("accuracy", 0.5, "percent")
    page.glue("name", "thirteen")
    for (content, options), (name, text) in zip(
        shown, [("accuracy", "50.00%"), ("name", "thirteen")], strict=True
    ):
        assert content == {"application/papermill.record/text/plain": repr(text)}
        assert options["metadata"]["scrapbook"]["name"] == name


def test_a_table_names_its_rows_columns_and_itself(shown):
    page.table({"epoch": [1, 2], "loss < 1": ["0.5", "0.4"]}, caption="Losses")
    html = shown[0][0].data
    assert "<caption>Losses</caption>" in html
    assert '<th scope="col">loss &lt; 1</th>' in html
    assert '<tr><th scope="row">2</th><td>0.4</td></tr>' in html


def test_a_table_needs_columns_of_one_length(shown):
    with pytest.raises(ValueError, match=r"one length, got \{'a': 1, 'b': 2\}"):
        page.table({"a": [1], "b": [1, 2]}, caption="Uneven")


class Data:
    def __init__(self, is_stand_in):
        self.is_stand_in = is_stand_in


def test_a_claim_that_holds_is_shown(shown):
    page.claim("Water is wet.", True)
    assert "holds" in shown[0][0].data
    assert "Water is wet." in shown[0][0].data


@pytest.mark.parametrize("needs", [None, Data(False)])
def test_a_claim_that_does_not_hold_fails(shown, needs):
    with pytest.raises(page.ClaimError, match="this doesn't hold any more: Water is dry"):
        page.claim("Water is dry.", False, needs=needs)
    assert not shown


@pytest.mark.parametrize("holds", [True, False])
def test_a_claim_about_originals_is_not_checked_on_stand_ins(shown, holds):
    page.claim("The accuracy is high.", holds, needs=Data(True))
    assert "not checked on stand-in data" in shown[0][0].data


class Cell:
    """What is executed, by its count."""

    def __init__(self, execution_count):
        self.execution_count = execution_count


def test_the_claims_of_a_cell_are_one_list(shown, monkeypatch):
    monkeypatch.setattr(trace, "leave", lambda kind, **facts: None)
    for cell, text in [(1, "Water is wet."), (1, "Fire < hot."), (2, "Ice is cold.")]:
        monkeypatch.setattr(claims, "get_ipython", lambda cell=cell: Cell(cell))
        page.claim(text, True)
    places = [(options["display_id"], options["update"]) for _, options in shown]
    assert places == [("claims-1", False), ("claims-1", True), ("claims-2", False)]
    first, both, other = (content.data for content, _ in shown)
    assert both.startswith('<ul class="claims" role="list"><li class="claim">')
    assert [html.count("<li ") for html in (first, both, other)] == [1, 2, 1]
    assert both.index("Water is wet.") < both.index("Fire &lt; hot.")


def test_a_claim_leaves_its_text_and_its_state(shown, monkeypatch):
    left = []
    monkeypatch.setattr(trace, "leave", lambda kind, **facts: left.append((kind, facts)))
    page.claim("Water is wet.", True)
    page.claim("It rains.", True, needs=Data(True))
    with pytest.raises(page.ClaimError):
        page.claim("Water is dry.", False)
    assert left == [
        ("claim", {"text": "Water is wet.", "state": "holds"}),
        ("claim", {"text": "It rains.", "state": "not checked on stand-in data"}),
        ("claim", {"text": "Water is dry.", "state": "doesn't hold any more"}),
    ]


@pytest.mark.parametrize(
    ("a", "b", "holds"),
    [
        ([3, 4, 5], [0.9, 1, 1.1], True),  # the difference is 3, the larger spread 1
        ([3, 4, 5], [1.9, 2, 2.1], False),  # exactly twice the spread isn't more
        ([3.9, 4, 4.1], [1, 2, 3], False),  # the spread of either counts
        ([1, 1, 1], [3, 4, 5], False),  # smaller
        ([3, 4, 5], 1.9, True),  # a bound has no spread
        ([3, 4, 5], 2, False),
        ([1, 1, 1], [1, 1, 1], False),
        ([float("nan"), 4, 5], 1, False),
    ],
)
def test_larger_is_larger_by_more_than_twice_the_spread(a, b, holds):
    assert bool(page.larger(a, b, seeds=range(3))) is holds


def test_the_spread_is_that_of_a_sample():
    assert page.larger([0, 2], 0, seeds=[0, 1]).spread == pytest.approx(2**0.5)


@pytest.mark.parametrize("seeds", [[], [0], [0, 0]])
def test_one_seed_says_nothing_about_chance(seeds):
    with pytest.raises(ValueError, match="expected at least two different seeds, got"):
        page.larger([1.0] * len(seeds), 0, seeds=seeds)


@pytest.mark.parametrize(("a", "b"), [([1, 2], 0), ([1, 2, 3], [1, 2]), ([[1, 2, 3]], 0), (1, 0)])
def test_every_seed_has_one_result(a, b):
    with pytest.raises(
        ValueError, match=r"one result for each of the seeds \(0, 1, 2\), got shape"
    ):
        page.larger(a, b, seeds=range(3))


def test_a_claim_over_seeds_names_them(shown):
    page.claim("Two is more than one.", page.larger([2, 2], [1, 1], seeds=(3, 7)))
    assert "Two is more than one (seeds 3, 7)." in shown[0][0].data


def test_a_claim_over_seeds_that_fails_says_by_how_much(shown):
    message = r"than one \(seeds 0, 1\). \(the difference is 1, the spread 1.414\)"
    with pytest.raises(page.ClaimError, match=message):
        page.claim("Two is more than one.", page.larger([1, 3], 1, seeds=range(2)))


@pytest.mark.parametrize(
    ("value", "kind", "digits", "text"),
    [
        (-0.0, "decimal", None, "0.000"),
        (-1e-9, "decimal", 3, "−0.000000001"),
        (0.9996, "decimal", None, "0.9996"),
        (1.0004, "decimal", None, "1.000"),
        (1 - 2**-53, "decimal", None, "1.000"),
        (0.999999, "percent", None, "99.9999%"),
        (0.9996, "percent", 1, "99.96%"),
        (0.00001, "percent", None, "0.001%"),
        (1, "percent", 0, "100%"),
        (0, "percent", None, "0.00%"),
        (0.3, "count", None, "0.3"),
        (2.7, "count", None, "3"),
        (12345678901234567891, "count", None, "12,345,678,901,234,567,891"),
        (10**400, "count", None, f"{10**400:,d}"),
        (np.int8(-7), "count", None, "−7"),
        (np.uint64(2**64 - 1), "count", None, "18,446,744,073,709,551,615"),
        (np.float16(0.5), "percent", None, "50.00%"),
        (np.array(0.5), "percent", None, "50.00%"),
        (Fraction(1, 3), "percent", None, "33.33%"),
        (Decimal("0.125"), "decimal", None, "0.125"),
        (3, "decimal", None, "3.000"),
        (1e-320, "scientific", None, "1\u202f×\u202f10⁻³²⁰"),
        (1e300, "scientific", 1, "1.0\u202f×\u202f10³⁰⁰"),
        (-0.0, "seconds", None, "0.0\u202fs"),
    ],
)
def test_numbers_at_their_edges_say_what_they_are(value, kind, digits, text):
    assert page.number(value, kind, digits) == text


@pytest.mark.parametrize("kind", ["count", "decimal", "percent", "points", "ratio", "seconds"])
@pytest.mark.parametrize("value", [True, np.bool_(False), 1j, "0.5", None, np.ma.masked, [1.0]])
def test_what_is_no_number_is_not_written(value, kind):
    with pytest.raises(TypeError, match="expected a number"):
        page.number(value, kind)


@pytest.mark.parametrize(
    ("value", "kind", "digits"),
    [(1e300, "decimal", None), (1e-320, "decimal", None), (np.inf, "count", None),
     (np.float32("nan"), "percent", None), (0.5, "percent", -1), (0.5, "percent", 2.0),
     (0.5, "percent", 40)],
)  # fmt: skip
def test_what_cannot_be_written_so_is_refused(value, kind, digits):
    with pytest.raises(ValueError, match="expected"):
        page.number(value, kind, digits)


def test_a_number_that_is_pasted_has_a_kind(shown):
    with pytest.raises(TypeError, match="expected a kind for the number"):
        page.glue("share", 0.1)
    assert not shown


@pytest.mark.parametrize("cells", [[], [None], [float("nan")], [np.float32("inf")], [np.ma.masked]])
def test_a_table_has_something_to_say(cells):
    with pytest.raises(ValueError, match="a table expected text or whole numbers in 'x'"):
        page.table({"x": cells}, caption="Nothing")


def test_results_that_are_masked_are_not_compared():
    with pytest.raises(ValueError, match="some are masked"):
        page.larger(np.ma.masked_array([1, 2], mask=[0, 1]), 0, seeds=(0, 1))


@pytest.fixture
def left(monkeypatch):
    """The facts of the traces that were left."""
    calls = []
    monkeypatch.setattr(trace, "leave", lambda kind, **facts: calls.append((kind, facts)))
    return calls


def test_an_answer_says_which_choice_holds(left):
    more = page.larger([2, 2], 1, seeds=range(2))
    page.answer("most", {"Sun": False, "Rain": more, "Snow": np.bool_(False)})
    facts = {"question": "most", "state": "holds", "choices": ["Sun", "Rain", "Snow"]}
    assert left == [("answer", facts | {"holding": ["Rain"]})]


@pytest.mark.parametrize(
    ("right", "got"), [((False, False), "none"), ((True, True), r"\['Sun', 'Rain'\]")]
)
def test_exactly_one_choice_must_hold_on_the_originals(left, right, got):
    choices = dict(zip(("Sun", "Rain"), right, strict=True))
    with pytest.raises(
        page.ClaimError, match=f"expected exactly one of its choices to hold, got {got}"
    ):
        page.answer("most", choices, needs=Data(False))
    page.answer("most", choices, needs=Data(True))
    assert [facts["state"] for _, facts in left] == [
        "doesn't hold any more",
        "not checked on stand-in data",
    ]


def test_a_number_that_answers_is_the_one_that_a_reader_types(left):
    page.answer("share", 0.9428, "percent", 1)
    page.answer("count", np.int64(8), "count")
    assert [(f["value"], f["unit"], f["text"]) for _, f in left] == [
        (94.28, "%", "94.3%"),
        (8, "", "8"),
    ]


@pytest.mark.parametrize(
    ("right", "expected"), [(8, "expected a kind"), ({"Sun": 1, "Rain": 0}, "True or False")]
)
def test_an_answer_is_a_number_with_its_kind_or_true_or_false(left, right, expected):
    with pytest.raises(TypeError, match=expected):
        page.answer("most", right)
    assert not left


def test_a_claim_with_a_name_leaves_what_its_words_may_say(shown, left):
    page.claim("faster", page.compare(8.0, "<", 20.0, kind="seconds"), says="on one core")
    (((content, _),), ((_, facts),)) = shown, left
    assert "faster: 8.0\u202fs is less than 20.0\u202fs" in content.data
    assert (facts["name"], facts["state"], facts["numbers"]["ratio"]) == ("faster", "holds", "2.5")
    assert facts["meaning"]["order"] == "<"
    assert facts["meaning"]["quoted"] == ("on one core",)
    with pytest.raises(page.ClaimError, match=r"hold any more: slower: 8\.0.s is more than"):
        page.claim("slower", page.compare(8.0, ">", 20.0, kind="seconds"))
    page.claim("plain", True, says="crosses it")
    assert left[-1][1]["compared"] == "crosses it"
    with pytest.raises(TypeError, match="its words in 'says', got True"):
        page.claim("plain", True)


def test_a_caption_says_only_what_was_compared(shown, left):
    faster = page.compare(8.0, "<", 20.0, kind="seconds", better="<")
    words = "is faster, {ratio} times as fast"
    assert page.say(words, faster) == "is faster, 2.5 times as fast"
    assert left == [
        (
            "claim",
            {
                "text": "is faster, 2.5 times as fast (8.0\u202fs is less than 20.0\u202fs)",
                "state": "holds",
            },
        )
    ]
    with pytest.raises(page.ClaimError, match="'slower' isn't so"):
        page.say("is slower", faster)
    with pytest.raises(page.ClaimError, match="it doesn't hold that"):
        page.say("is slower", page.compare(8.0, ">", 20.0, better="<"))
    assert page.say("is slower", faster, needs=Data(True)) == "is slower"
    with pytest.raises(ValueError, match="none of the comparison's numbers"):
        page.say("{share} faster", faster)
