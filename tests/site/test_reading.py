"""What a chapter says to its readers, in a browser: guesses, folds, margins; on a phone and on paper."""

import pytest
from tests.book import chapter as whole
from tests.site.conftest import DESKTOP, PHONE
from tests.site.test_pages import violations, watched


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    """The chapter of a small book."""
    book = whole.built(tmp_path_factory.mktemp("reading"))
    return (book.folder / "_build" / "html" / "book" / "chapter.html").as_uri()


@pytest.fixture
def tab(browser, address):
    """The chapter on a desk; nothing may go wrong in it."""
    context, faults = browser.new_context(viewport=DESKTOP), []
    found = watched(context, faults)
    found.goto(address)
    yield found
    assert faults == []
    context.close()


def test_a_choice_is_answered_with_the_keyboard_alone(tab):
    form = tab.locator(".question").first
    reply = form.get_by_role("status")
    form.get_by_role("radio").first.focus()
    for keys, said in (
        (["Space"], "Not this one.\n\nNoise cancels"),
        (["ArrowDown"], "Right.\n\nAll of them push one way."),
        (["ArrowDown"], "Not this one.\n\nHalf of what?"),
    ):
        for key in [*keys, "Tab", "Enter"]:
            tab.keyboard.press(key)
        assert reply.inner_text().startswith(said)
        tab.keyboard.press("Shift+Tab")
    assert form.get_by_role("group", name="Which of these falls most?").count() == 1


def test_nothing_is_said_before_a_choice(tab):
    form = tab.locator(".question").first
    form.get_by_role("button").click()
    assert form.get_by_role("status").inner_text() == ""


def test_on_stand_ins_the_reply_says_that_it_is_not_checked(tab):
    form = tab.locator(".question").nth(1)
    form.get_by_label("Sun").check()
    form.get_by_role("button").click()
    said = form.get_by_role("status").inner_text()
    assert said.startswith("Right.\n\nIt shines.")
    assert "it isn't checked" in said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("60", "Too low by 34.3: it’s 94.3%."),
        ("99.5", "Too high by 5.22: it’s 94.3%."),
        ("92", "Right, off by 2.28: it’s 94.3%."),
        ("94.28", "Right: it’s 94.3%."),
    ],
)
def test_a_number_is_told_how_far_off_it_is(tab, number, said):
    form = tab.locator(".question").nth(2)
    form.get_by_label("Your number").fill(number)
    tab.keyboard.press("Enter")
    assert form.get_by_role("status").inner_text().startswith(f"{said}\n\nSo many: 94.28")


@pytest.mark.parametrize("asked_for", [False, True])
def test_what_comes_out_waits_for_the_guess_or_who_asks_for_it(tab, asked_for):
    figure, show = (
        tab.locator("figure.captioned").first,
        tab.get_by_role("button", name="Show what comes out"),
    )
    assert (
        show.count() == 1
    )  # the cell below the last of the questions; nothing else comes out right below one
    assert not figure.is_visible()
    if asked_for:
        show.click()
    else:
        tab.get_by_label("Your number").fill("60")
        tab.keyboard.press("Enter")
    assert figure.is_visible()
    assert show.count() == 0


def test_where_no_script_runs_the_answer_is_folded(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address)
    form = tab.locator(".question").first
    assert form.get_by_role("button").count() == 0
    assert not form.get_by_text("All of them push one way.").is_visible()
    form.get_by_text("The answer").click()
    assert form.get_by_text("All of them push one way.").is_visible()
    assert tab.locator("figure.captioned").first.is_visible()
    context.close()


def test_a_link_to_an_equation_opens_the_derivation_around_it(tab):
    equation = tab.locator("#equation-line")
    assert not equation.is_visible()
    tab.locator("a[href='#equation-line']").first.click()
    equation.wait_for(state="visible")


def test_an_address_of_an_equation_opens_the_derivation_around_it(tab, address):
    other = tab.context.new_page()
    other.goto(f"{address}#equation-line")
    other.locator("#equation-line").wait_for(state="visible")


def test_paper_shows_what_is_folded_and_has_no_buttons(tab):
    tab.emulate_media(media="print")
    for shown in ("First this, then", "All of them push one way.", "2 statements on this page"):
        assert tab.get_by_text(shown).first.is_visible(), shown
    assert tab.locator("#equation-line").is_visible()
    assert not tab.locator(".question button").first.is_visible()
    assert tab.locator("input[type=radio]").first.is_visible()
    assert tab.locator("figure.captioned").first.is_visible()
    assert not tab.locator(".waits").is_visible()


def box(tab, selector: str) -> dict:
    return tab.locator(selector).first.bounding_box()


def test_a_margin_note_is_beside_the_text_or_where_there_is_no_margin_in_it(tab):
    note, text = box(tab, "aside.margin"), box(tab, "article h1")
    assert note["x"] >= text["x"] + text["width"]
    tab.set_viewport_size(PHONE)
    note, text = box(tab, "aside.margin"), box(tab, "article h1")
    assert note["x"] == text["x"]
    assert note["width"] == text["width"]
    tab.emulate_media(media="print")
    assert box(tab, "aside.margin")["x"] == box(tab, "article h1")["x"]


SHOWS_A_NOTE = """() => {
  const note = document.querySelector("aside.margin");
  document.querySelector("article > section > section").append(note);
  note.scrollIntoView({ block: "center" });
  const { x, y } = note.getBoundingClientRect();
  return note.contains(document.elementFromPoint(x + 5, y + 5));
}"""


def test_a_margin_note_of_a_section_is_not_cut_off(tab):
    """A section that is painted only when it's near shows nothing beside itself."""
    assert tab.evaluate(SHOWS_A_NOTE)


def test_axe_finds_nothing(browser, address):
    context = browser.new_context(viewport=DESKTOP)
    assert violations(context, address) == []
    context.close()
