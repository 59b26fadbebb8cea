"""What a chapter says to its page."""

import pytest

from groundup import page
from groundup.page import claims, numbers, tables


@pytest.fixture
def shown(monkeypatch):
    """What was displayed."""
    calls = []

    def display(content, **options):
        calls.append((content, options))

    for module in (claims, numbers, tables):
        monkeypatch.setattr(module, "display", display)
    return calls


@pytest.mark.parametrize(
    ("value", "kind", "digits", "text"),
    [
        (60000, "count", None, "60,000"),
        (1.7999, "decimal", None, "1.800"),
        (-0.125, "decimal", 2, "−0.12"),
        (0.92284, "percent", None, "92.28\u202f%"),
        (1, "percent", 0, "100\u202f%"),
        (0.0035, "points", None, "0.35 percentage points"),
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
        shown, [("accuracy", "50.00\u202f%"), ("name", "thirteen")], strict=True
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
