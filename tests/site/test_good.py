"""A page is opened again when anything has changed that it's made of, and whenever it wasn't good."""

import pytest
from tests.site.good import Good
from tests.site.test_pages import faults_of

FILES = {
    "page.html": "<!doctype html><title>x</title><link rel=stylesheet href='more/x.css'><p>words</p>",
    "more/x.css": "@import 'y.css'; p { background: url(x.svg) }",
    "more/y.css": "p { color: red }",
    "more/x.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "other.html": "<!doctype html><title>other</title>",
}


@pytest.fixture
def site(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "site"


@pytest.fixture
def anew(tmp_path, site):
    """What makes the store as the next session has it."""
    return lambda version="1": Good(tmp_path / "good", site, version)


def look(good: Good, context, site) -> None:
    with good.opening("faults", "page.html", context):
        assert faults_of(context, site / "page.html") == []


@pytest.mark.parametrize("changed", ["page.html", "more/x.css", "more/y.css", "more/x.svg"])
def test_what_a_page_is_made_of_opens_it_again(context, site, anew, changed):
    assert not anew().has("faults", "page.html")
    look(anew(), context, site)
    assert anew().has("faults", "page.html")
    (site / "other.html").write_text("it's no part of the page")
    assert anew().has("faults", "page.html")
    (site / changed).write_text(FILES[changed] + " ")
    assert not anew().has("faults", "page.html")
    (site / changed).write_text(FILES[changed])
    assert anew().has("faults", "page.html")
    (site / changed).unlink()
    assert not anew().has("faults", "page.html")


def test_other_checks_and_other_tests_open_it_again(context, site, anew):
    look(anew(), context, site)
    assert not anew().has("axe", "page.html")
    assert not anew("2").has("faults", "page.html")


def test_a_page_with_a_fault_is_never_kept(context, site, anew):
    (site / "page.html").write_text(FILES["page.html"] + "<script>nobody()</script>")
    with pytest.raises(AssertionError):
        look(anew(), context, site)
    assert not anew().has("faults", "page.html")


def test_what_nobody_asks_for_is_forgotten(context, site, anew, monkeypatch):
    look(anew(), context, site)
    anew().forget()
    assert anew().has("faults", "page.html")
    monkeypatch.setattr("tests.site.good.KEPT", -1)
    anew().forget()
    assert not anew().has("faults", "page.html")
