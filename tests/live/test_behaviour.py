"""Live figures and steppers on a page in a headless Chromium, as readers use them."""

import gzip
import itertools
import re

import pytest
from playwright.sync_api import expect
from tests.live.conftest import FIGURES, SCRIPTS, STILLS
from tests.site.test_pages import EVERY_VIEW, LAID_OUT, axe

from groundup.sphinxext.pages import live

pytestmark = pytest.mark.xdist_group("live")  # they share one small book
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
# All rules, without reading style sheets again, which a page from files may not.
AXE = "axe.run(document, { resultTypes: ['violations'], preload: false })"
MOST = 15_000  # bytes that a figure and what it shares may weigh, compressed
TARGET = 24  # px, a fingertip
# A state in which the figure's task is done.
HARD = "0_1.3_-2_1_2_0.7_-0.9_0.7_0.2_-1.3_-0.6_1.3_2.2_-0.1_-2_-0.3_-2.4_-1.7_-1.6_0.3"
FOUND = {
    "attention": {"head": "1b", "at": 31},
    "convolution": {"K": "1_1_1_0_0_0_-1_-1_-1"},
    "backpropagation": {"t": 7, "guess": "v2"},
    "gradients": {"v": 0},
    "activations": {"g": "elu", "z": -0.3},
    "digits": {"strokes": "5kdwm8dw", "pen": 3},  # a line across
    "layers": {
        "x1": 0.25,
        "y1": 0.25,
        "t1": 45,
        "x2": 0.75,
        "y2": 0.75,
        "t2": 225,
        "x3": 0.75,
        "y3": 0.75,
        "t3": 45,
    },
    "neuron": {"inputs": "scaled", "rate": 4.5, "steps": 20},
    "optimizers": {"rule": "momentum", "rate": 1.74, "beta": 0.95, "steps": 250},
    "perceptron": {"t": 33, "points": HARD},
    "softmax-regression": {"z5": 1.1, "T": 0.4},
    "weights-and-bias": {"w": -2.5, "b": 45},
    "writing": {"begin": "q", "T": 1},
}
NEURON = "#live-weights-and-bias"
TAU = f"{NEURON} .live-handle"


@pytest.fixture
def opened(browser, site):
    """Opens the page in a context of its own; fails if a script does."""
    contexts, faults = [], []

    def open_page(fragment="", page="chapter", **options):
        contexts.append(browser.new_context(**{"viewport": DESKTOP} | options))
        tab = contexts[-1].new_page()
        tab.on("console", lambda m: m.type == "error" and faults.append(m.text))
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.goto(f"{(site / page).as_uri()}.html{fragment}")
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def begun(tab, selector=NEURON):
    """The figure, seen and alive."""
    root = tab.locator(selector)
    root.scroll_into_view_if_needed()
    expect(root).to_have_attribute("data-lives", "")
    return root


def state(root) -> dict:
    return root.evaluate("root => root.groundup.state()")


def test_a_figure_asks_for_no_more_than_it_needs():
    assert set(FIGURES) == set(FOUND), "a live figure expected its solution in FOUND, and no other"
    for name in FIGURES:
        scripts = [SCRIPTS[script] for script in live.needed(SCRIPTS, name)]
        weight = sum(len(gzip.compress(path.read_bytes())) for path in scripts)
        print(name, weight)
        assert weight <= MOST


def test_only_pages_with_figures_load_their_scripts(site):
    loaded = [
        re.findall(
            r'<script defer="defer" src="../_static/live/([\w.-]+)\.js', (site / page).read_text()
        )
        for page in ("index.html", "chapter.html")
    ]
    assert loaded[0] == []
    assert loaded[1][0] == "library"
    assert set(loaded[1]) == {script for name in FIGURES for script in live.needed(SCRIPTS, name)}


def test_a_figure_begins_when_it_is_seen(opened):
    tab = opened()
    root = tab.locator(NEURON)
    tab.wait_for_timeout(300)
    assert root.get_attribute("data-lives") is None
    begun(tab)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_moves_when_a_figure_begins_or_a_still_changes(opened, size):
    tab = opened(viewport=size)
    tab.add_style_tag(content=LAID_OUT)
    tab.evaluate("document.querySelectorAll('img').forEach(i => { i.loading = 'eager' })")
    tab.evaluate("Promise.all([...document.images].map(image => image.decode().catch(() => 0)))")
    places = """() => [...document.querySelectorAll(
        ".live-stage, .live-controls, .live-task, .steps, .steps figcaption, h2")].map(element => {
            const box = element.getBoundingClientRect();
            return [box.x + scrollX, box.y + scrollY, box.width, box.height].map(Math.round);
        })"""
    before = tab.evaluate(places)
    for name in FIGURES:
        root = begun(tab, f"#live-{name}")
        root.evaluate("(root, changes) => root.groundup.set(changes)", FOUND[name])
    begun(tab, ".steps").get_by_label("Step on").click(click_count=2)
    tab.wait_for_timeout(100)
    assert tab.evaluate(places) == before


def test_sliders_and_choices_obey_the_keyboard(opened):
    root = begun(opened())
    weight, bias = root.get_by_label("weight w"), root.get_by_label("bias b")
    weight.focus()
    for key in ("ArrowLeft", "ArrowLeft", "PageDown", "ArrowUp"):
        weight.press(key)
    assert state(root)["w"] == pytest.approx(0.5 - 0.1 * 11)
    expect(weight).to_have_attribute("aria-valuetext", "−0.6")
    bias.press("ArrowRight")
    assert state(root)["b"] == -9.5
    bias.press("Home")
    assert state(root)["b"] == -90
    root.get_by_label("sigmoid").press("ArrowRight")
    assert state(root)["phi"] == "tanh"
    expect(root.locator(".live-formula")).to_have_text("ŷ = tanh(−0.6 x − 90.0)")


def test_the_threshold_obeys_the_keyboard_and_has_a_name(opened):
    tab = opened()
    root = begun(tab)
    handle = root.get_by_role("slider", name="threshold")
    handle.press("ArrowLeft")
    assert state(root) == {"w": 0.5, "b": -9.75, "phi": "sigmoid"}
    expect(handle).to_have_attribute("aria-valuetext", "19.5 °C")
    root.get_by_label("weight w").fill("0")
    expect(tab.locator(TAU)).to_be_hidden()
    expect(root.locator(".live-drawn")).to_contain_text("no threshold")


def test_the_threshold_can_be_dragged(opened):
    tab = opened()
    root = begun(tab)
    box = tab.locator(f"{TAU} circle").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x, y - 80)  # anywhere on its line
    tab.mouse.down()
    width = tab.locator(f"{NEURON} .live-stage").bounding_box()["width"]
    tab.mouse.move(x - 100, y - 60, steps=4)
    tab.mouse.up()
    now = state(root)
    assert now["w"] == 0.5
    tau = -now["b"] / now["w"]
    assert tau == pytest.approx(20 - 100 * 30 / (width - 50), abs=0.5)
    assert 2 * tau == round(2 * tau), "to half degrees"
    tab.mouse.move(x, y)
    assert state(root) == now, "it was let go"


def test_a_perceptron_is_stepped_through_and_its_points_are_dragged(opened):
    tab = opened()
    root = begun(tab, "#live-perceptron")
    on, back = root.get_by_label("Next update"), root.get_by_label("Previous update")
    expect(root.locator(".step-count")).to_have_text("1 / 9")
    expect(root.locator(".live-drawn")).to_contain_text("After update 1: 9 of 10 right")
    on.click()
    expect(root.locator(".live-drawn")).to_contain_text("After update 2: 4 of 10 right")
    root.get_by_label("Update", exact=True).press("End")
    expect(root.locator(".live-drawn")).to_contain_text("10 of 10 right, and the line is at rest")
    expect(on).to_have_attribute("aria-disabled", "true")
    on.press("Enter")
    assert state(root)["t"] == 9, "it doesn't run over its end"
    dot = root.get_by_role("slider", name="dot 1")
    box = dot.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x - 150, y - 100, steps=4)
    tab.mouse.up()
    now = state(root)
    assert now["points"].split("_")[0] != "1.2"
    expect(root.locator(".live-drawn")).to_contain_text("the line is at rest")
    assert now["t"] > 9, "who looks at the end sees the end"
    dot.press("ArrowRight")
    assert state(root)["points"] != now["points"]
    back.click()
    expect(root.locator(".live-drawn")).to_contain_text("next")


def test_the_lines_of_a_network_are_moved_and_turned(opened):
    tab = opened()
    root = begun(tab, "#live-layers")
    expect(root.locator(".live-formula")).to_have_text("3 of 4 right")
    line, arrow = (
        root.get_by_role("slider", name=f"neuron 1, its {part}") for part in ("line", "arrow")
    )
    line.press("ArrowRight")
    arrow.press("ArrowRight")
    now = state(root)
    assert (now["x1"], now["y1"], now["t1"]) == (0.25, 0.8, 355), "it turns round below zero"
    arrow.press("ArrowUp")
    assert state(root)["t1"] == 0
    tip, place = (handle.bounding_box() for handle in (arrow, line))
    x, y = tip["x"] + tip["width"] / 2, tip["y"] + tip["height"] / 2
    reach = x - (place["x"] + place["width"] / 2)
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x, y + reach, steps=4)  # as far down as it reaches to the right
    tab.mouse.up()
    assert state(root)["t1"] == pytest.approx(315, abs=2)
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x + 500, y, steps=4)
    tab.mouse.up()
    now = state(root)
    assert now["x1"] == 1.3, "it stays in its panel"
    assert (now["x2"], now["t2"]) == (0.8, 90)


def test_a_figure_plays_once_until_somebody_takes_hold_of_it(opened):
    tab = opened()
    root = begun(tab, "#live-digits")
    assert state(root)["ink"] < 60
    tab.wait_for_function("root => root.groundup.state().ink === 100", arg=root.element_handle())
    tab.wait_for_timeout(200)
    assert state(root)["ink"] == 100
    tab.reload()
    root = begun(tab, "#live-digits")
    root.get_by_label("width of the pen").fill("4")
    assert state(root)["ink"] == 100, "all of it is there at once"


def test_nothing_plays_for_who_wants_no_motion(opened):
    root = begun(opened(reduced_motion="reduce"), "#live-digits")
    assert state(root)["ink"] == 100


def test_a_digit_is_drawn_with_the_mouse_and_read(opened):
    tab = opened()
    requests = []
    tab.on("request", lambda request: requests.append(request.url.split("/")[-1]))
    root = begun(tab, "#live-digits")
    formula = root.locator(".live-formula")
    expect(formula).to_have_text(re.compile("^4 with probability 1.00"))
    tab.wait_for_timeout(300)
    assert not [name for name in requests if name.endswith(".js")], "the first needs no network"
    box = root.locator(".live-stage").bounding_box()
    x, y = box["x"] + 40, box["y"] + 150
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x + 180, y, steps=12)
    tab.mouse.up()
    expect(formula).to_have_text("9 with probability 0.73")
    asked = {name for name in requests if name.endswith(".js")}
    assert asked == {"digits.later.js", "digits.weights.js"}
    line = state(root)["strokes"]
    assert "." not in line, "what was there gave way"
    assert 8 * 10 <= 2 * len(line) <= 8 * 40
    expect(root.locator(".live-task")).to_have_attribute("data-found", "true")
    tab.mouse.move(x, y - 120)
    tab.mouse.down()
    tab.mouse.move(x, y + 90, steps=12)
    tab.mouse.up()
    expect(formula).to_have_text(re.compile("^4 with"))
    assert state(root)["strokes"].startswith(f"{line}."), "one stroke comes to the other"
    root.get_by_role("button", name="Clear").click()
    expect(formula).to_have_text("Nothing read yet")
    expect(root.locator(".live-drawn")).to_contain_text("draw a digit here")
    tab.mouse.move(x + 300, y)
    tab.mouse.down()
    tab.mouse.move(x + 320, y + 30)
    tab.mouse.up()
    assert state(root)["strokes"] == "", "beside the pad nothing is drawn"


def test_a_digit_is_drawn_with_a_thumb_while_the_page_stands_still(opened):
    tab = opened(viewport=PHONE, has_touch=True, is_mobile=True)
    root = begun(tab, "#live-digits")
    box = root.locator(".live-stage").bounding_box()
    x, y, scrolled = box["x"] + 60, box["y"] + 60, tab.evaluate("scrollY")
    touch(tab, [(x, y), (x + 10, y + 40), (x + 20, y + 80), (x + 20, y + 120)])
    expect(root.locator(".live-formula")).to_have_text(re.compile("^4 with"))
    assert tab.evaluate("scrollY") == scrolled
    drawn = state(root)["strokes"]
    assert len(drawn) >= 8 * 2
    y = box["y"] + 250  # below the pad
    touch(tab, [(x, y), (x, y - 30), (x, y - 80), (x, y - 130)])
    tab.wait_for_function("before => scrollY > before + 40", arg=scrolled)
    assert state(root)["strokes"] == drawn


def test_a_digit_is_drawn_with_the_keyboard_alone(opened):
    tab = opened()
    root = begun(tab, "#live-digits")
    pad = root.get_by_role("application")
    pad.focus()
    for key in (*["ArrowLeft"] * 5, " ", *["ArrowRight"] * 10, " ", "ArrowUp"):
        pad.press(key)
    assert len(state(root)["strokes"]) == 8 * 11 / 2, "what was there gave way"
    expect(root.locator(".live-formula")).to_have_text("9 with probability 0.73")
    expect(root.locator(".live-drawn circle")).to_have_count(1)
    root.get_by_role("button", name="7", exact=True).press("Enter")
    assert state(root)["strokes"].count(".") == 1
    expect(root.locator(".live-said")).to_have_text(re.compile("Read as a 4"))


def test_a_drawing_can_be_shared(opened):
    tab = opened("#live-digits?strokes=5kdwm8dw&pen=2")
    root = begun(tab, "#live-digits")
    assert state(root)["strokes"] == "5kdwm8dw"
    expect(root.locator(".live-formula")).to_have_text("9 with probability 0.73")
    for nonsense in ("5kdwm8d", "5kdw..5kdw", ".5kdw", "5kdw.", "ÄÖÜß", "5kdw" * 2000):
        root.evaluate("root => root.groundup.set({ strokes: '5kdwm8dw' })")
        root.evaluate("(r, text) => { location.hash = `live-digits?strokes=${text}` }", nonsense)
        tab.wait_for_function(  # what a figure doesn't understand it takes for its start
            "r => r.groundup.state().strokes === groundup.live.parts('digits').start.strokes",
            arg=root.element_handle(),
        )


def test_a_network_that_is_missing_is_said(browser, site):
    context = browser.new_context(viewport=DESKTOP)
    context.route("**/digits.weights.js", lambda route: route.abort())
    tab = context.new_page()
    tab.goto(f"{(site / 'chapter').as_uri()}.html#live-digits?strokes=5kdwm8dw")
    expect(tab.locator("#live-digits .live-formula")).to_have_text("Its weights can’t be loaded")
    context.close()


def test_a_network_writes_on_what_a_reader_types(opened):
    tab = opened()
    requests = []
    tab.on("request", lambda request: requests.append(request.url.split("/")[-1]))
    root = begun(tab, "#live-writing")
    formula, drawn = root.locator(".live-formula"), root.locator(".live-drawn")
    expect(formula).to_have_text(re.compile("^Next comes e, with probability 0.9"))
    tab.wait_for_function("root => root.groundup.state().shown === 320", arg=root.element_handle())
    assert not [name for name in requests if name.endswith(".js")], "the first needs no network"
    first = drawn.locator("[data-text]").get_attribute("data-text")
    assert len(first) == 320
    assert first.count("e") > 200
    root.get_by_label("your beginning").fill("Q\u00e9 q")
    expect(formula).to_have_text("Next comes u, with probability 1.00")
    assert state(root)["begin"] == "Q q", "what the plays don't have is left out"
    asked = {name for name in requests if name.endswith(".js")}
    assert asked == {"writing.later.js", "writing.weights.js"}
    expect(root.get_by_label("your beginning")).to_have_value("Q q")
    expect(root.locator(".live-task")).to_have_attribute("data-found", "false")
    text = drawn.locator("[data-text]").get_attribute("data-text")
    assert text.startswith("u")
    root.get_by_role("button", name="Write anew").click()
    expect(drawn.locator("[data-text]")).not_to_have_attribute("data-text", text)
    assert state(root)["draw"] == 2
    root.get_by_label("temperature T").fill("1")
    expect(root.locator(".live-task")).to_have_attribute("data-found", "true")
    root.get_by_label("your beginning").fill("")
    expect(formula).to_have_text(re.compile("^Next comes e"))
    root.get_by_label("temperature T").fill("0.1")
    expect(drawn.locator("[data-text]")).to_have_attribute("data-text", "e" * 320)


def test_what_a_network_wrote_can_be_shared(opened):
    tab = opened("#live-writing?begin=q%20%26%20q&draw=7&T=1.5")
    root = begun(tab, "#live-writing")
    assert state(root) == {"begin": "q & q", "T": 1.5, "draw": 7, "shown": 320}
    expect(root.locator(".live-formula")).to_have_text("Next comes u, with probability 1.00")
    text = root.locator(".live-drawn [data-text]").get_attribute("data-text")
    tab.reload()
    root = begun(tab, "#live-writing")
    expect(root.locator(".live-drawn [data-text]")).to_have_attribute("data-text", text)


def test_scores_are_dragged_and_only_two_sorts_of_moves_are_allowed(opened):
    tab = opened()
    root = begun(tab, "#live-softmax-regression")
    goals = root.locator(".live-task li")
    five, three = (root.get_by_role("slider", name=f"score of the {k}") for k in (5, 3))
    expect(root.locator(".live-drawn")).to_contain_text("read as a 5")
    box = five.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x + 30, y + 60, steps=4)
    tab.mouse.up()
    now = state(root)
    assert now["z5"] < 3
    assert now["z3"] == 3.8
    expect(root.locator(".live-drawn")).to_contain_text("read as a 3")
    holds = [goal.get_attribute("data-holds") for goal in goals.all()]
    assert holds == ["true", "true", "false"], "the 8 has its share; something else has to help"
    root.get_by_label("temperature").fill("0.3")
    expect(root.locator(".live-task")).to_have_attribute("data-found", "true")
    three.press("ArrowUp")
    expect(root.locator(".live-task")).to_have_attribute("data-found", "false")
    expect(three).to_have_attribute("aria-valuetext", re.compile("3.9, probability 0.9"))


def test_a_sweep_is_stepped_through_with_a_thumb(opened):
    tab = opened(has_touch=True, viewport=PHONE)
    root = begun(tab, "#live-backpropagation")
    drawn, on = root.locator(".live-drawn"), root.get_by_label("Next stage")
    expect(drawn).to_contain_text("Forward: the hidden units answer")
    expect(drawn).not_to_contain_text("error")
    root.get_by_label("v₁", exact=True).tap()
    for _ in range(6):
        on.tap()
    expect(on).to_have_attribute("aria-disabled", "true")
    expect(drawn).to_contain_text("all six gradients have arrived")
    expect(drawn).to_contain_text("error 0.752")
    task = root.locator(".live-task")
    expect(task).to_have_attribute("data-found", "false")
    root.get_by_label("v₂", exact=True).tap()
    expect(task).to_have_attribute("data-found", "true")


def test_a_filter_is_tapped_and_its_window_is_moved(opened):
    tab = opened(has_touch=True, viewport=PHONE, reduced_motion="reduce")
    root = begun(tab, "#live-convolution")
    expect(root.locator(".live-formula")).to_have_text("the filter answers 9")
    first = root.get_by_role("button", name=re.compile("^weight in row 1, column 1: "))
    for expected in ("0", "1", "2", "−2"):
        first.tap()
        expect(first).to_have_text(expected)
    first.press("ArrowDown")
    expect(first).to_have_text("2")
    assert state(root)["K"] == "2_0_1_-1_0_1_-1_0_1"
    window = root.get_by_role("slider", name="window")
    window.press("ArrowRight")
    assert (state(root)["row"], state(root)["column"]) == (10, 9)
    box = window.bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.mouse.down()
    tab.mouse.move(-50, box["y"] + box["height"] / 2 + 20, steps=4)
    tab.mouse.up()
    assert state(root)["column"] == 0, "it stays within the digit"
    assert state(root)["row"] > 10
    root.get_by_label("padding 0", exact=True).press("ArrowRight")
    root.get_by_label("stride 1", exact=True).press("ArrowRight")
    expect(root.locator(".live-drawn")).to_contain_text("the map, 14 × 14")


def touch(tab, path):
    """A finger that goes from place to place."""
    session = tab.context.new_cdp_session(tab)
    for kind, points in [
        ("touchStart", path[:1]),
        *(("touchMove", [p]) for p in path[1:]),
        ("touchEnd", []),
    ]:
        points = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        tab.wait_for_timeout(20)


def test_a_thumb_drags_the_threshold_and_scrolls_the_page(opened):
    tab = opened(viewport=PHONE, has_touch=True, is_mobile=True)
    root = begun(tab)
    box = tab.locator(f"{TAU} circle").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch(tab, [(x, y), (x - 15, y), (x - 40, y), (x - 60, y)])
    now = state(root)
    assert 10 < -now["b"] / now["w"] < 18
    before = tab.evaluate("scrollY")
    x -= 60
    touch(tab, [(x, y), (x, y - 30), (x, y - 80), (x, y - 130)])
    tab.wait_for_function("before => scrollY > before + 40", arg=before)
    assert state(root) == now, "to scroll over it changes nothing"


# A figure of nothing but a point that can be dragged anywhere.
POINT = """
const { axes, grip, slider, SERIES } = groundup.live;
const at = (width) => axes({ x: [0, 10], y: [0, 10], width, height: 300 });
const show = (value) => value.toFixed(1);
const range = { min: 0, max: 10, step: 0.1, show };
groundup.live.figure("point", {
  height: 300, start: { x: 5, y: 5 }, controls: [slider("x", "x", range), slider("y", "y", range)],
  formula: () => "", says: ({ x, y }) => `${x} ${y}`,
  draw: (state, width) => at(width).lines({ xs: [0], ys: [0] }),
  handles: [{
    name: "point", shape: grip(SERIES[0]), value: ({ x }) => [x, 0, 10, show(x)],
    at: ({ x, y }, width) => ({ x: at(width).x(x), y: at(width).y(y) }),
    to: (state, x, y, width) => ({ x: at(width).xOf(x), y: at(width).yOf(y) }),
    by: ({ x, y }, right, up) => ({ x: x + right, y: y + up }),
  }],
  task: { words: "", goals: [["up", ({ y }) => y > 7]], found: "" },
});
const { above, below } = groundup.live.html("point", "", "A point.");
document.body.innerHTML = `<div style="height: 600px"></div>
  <div class="live" id="live-point" data-live="point" data-start="">${above}${below}</div>
  <div style="height: 3000px"></div>`;
"""


def test_a_point_is_dragged_anywhere_by_mouse_thumb_and_keys(browser, tmp_path):
    (tmp_path / "point.js").write_text(f"(() => {{ {POINT} }})();")
    sources = SCRIPTS["library"].as_uri(), "point.js"
    scripts = "".join(f"<script defer src={source}></script>" for source in sources)
    style = SCRIPTS["library"].with_name("live.css").as_uri()
    page = tmp_path / "page.html"
    page.write_text(
        f"<!doctype html><title>x</title><link rel=stylesheet href={style}>{scripts}<body>"
    )
    context = browser.new_context(viewport=DESKTOP, has_touch=True)
    tab = context.new_page()
    tab.goto(page.as_uri())
    root = begun(tab, "#live-point")
    handle = root.get_by_role("slider", name="point")
    for key in ("ArrowUp", "ArrowUp", "ArrowLeft"):
        handle.press(key)
    assert state(root) == {"x": 4, "y": 7}

    def middle():
        box = root.locator(".live-handle circle").bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    x, y = middle()
    tab.mouse.move(x + 5, y + 5)
    tab.mouse.down()
    tab.mouse.move(x + 65, y - 15, steps=3)
    tab.mouse.up()
    assert middle() == pytest.approx((x + 60, y - 20), abs=1)
    expect(root.locator(".live-task")).to_have_attribute("data-found", "true")
    expect(handle).to_be_focused()
    (x, y), scrolled = middle(), tab.evaluate("scrollY")
    touch(tab, [(x, y), (x, y + 30), (x, y + 80), (x - 10, y + 100)])
    tab.wait_for_timeout(100)
    assert tab.evaluate("scrollY") == scrolled
    assert middle() == pytest.approx((x - 10, y + 100), abs=1)
    context.close()


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
def test_a_thumb_finds_everything_at_any_width(opened, width):
    tab = opened(viewport={"width": width, "height": 800})
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for selector in (".steps", *(f"#live-{name}" for name in FIGURES)):
        root = begun(tab, selector)
        targets = root.locator(
            "button, input[type=range], label:has(input[type=radio]), .live-handle"
        )
        for target in targets.all():
            box = target.bounding_box()
            assert min(box["width"], box["height"]) >= TARGET, target
        texts = root.locator("svg text").evaluate_all(
            "(all, root) => all.map(t => t.getBoundingClientRect()).map(b => [b.left, b.right])"
        )
        assert all(left >= 0 and right <= width for left, right in texts), texts
    assert tab.evaluate(over) <= 0


def frames(tab, root) -> int:
    """How many pictures it shows while it changes to another activation."""
    return root.evaluate(
        """async root => {
            const seen = new Set();
            root.querySelector("input[value=tanh]").click();
            const end = performance.now() + 600;
            while (performance.now() < end) {
                await new Promise(requestAnimationFrame);
                seen.add(root.querySelector("polyline").getAttribute("points"));
            }
            return seen.size;
        }"""
    )


def test_a_figure_glides_only_where_motion_is_welcome(opened):
    tab = opened(reduced_motion="no-preference")
    assert frames(tab, begun(tab)) > 3
    tab = opened(reduced_motion="reduce")
    assert frames(tab, begun(tab)) <= 2


@pytest.mark.parametrize("name", FIGURES)
def test_a_task_that_is_done_is_recognized_and_said(opened, name):
    tab = opened()
    root = begun(tab, f"#live-{name}")
    task, said = root.locator(".live-task"), root.locator(".live-said")
    expect(task).to_have_attribute("data-found", "false")
    expect(root.locator(".live-ask")).to_be_visible()
    changes = "&".join(f"{key}={value}" for key, value in FOUND[name].items())
    tab.evaluate("hash => { location.hash = hash }", f"live-{name}?{changes}")
    expect(task).to_have_attribute("data-found", "true")
    expect(root.locator(".live-found")).to_be_visible()
    expect(root.locator(".live-ask")).to_be_hidden()
    assert set(root.locator("li").evaluate_all("all => all.map(li => li.dataset.holds)")) == {
        "true"
    }
    root.get_by_role("button", name="Start again").click()
    expect(task).to_have_attribute("data-found", "false")
    expect(said).not_to_have_text("")


def test_answers_at_a_half_solve_nothing(opened):
    """Two neurons that are opposites say one together everywhere, and rounding isn't an answer."""
    root = begun(opened(), "#live-layers")
    expect(root.locator(".live-formula")).to_contain_text("3 of 4 right")
    root.evaluate("root => root.groundup.set({ t1: 45, t2: 225 })")
    expect(root.locator(".live-formula")).to_contain_text("0 of 4 right")
    expect(root.locator(".live-task")).to_have_attribute("data-found", "false")


def test_the_task_is_done_by_hand(opened):
    """As a reader does it, with the keyboard; a screen reader hears it once."""
    root = begun(opened())
    said = root.get_by_role("status")
    root.get_by_label("weight w").fill("-2.5")
    expect(root.locator(".live-task")).to_have_attribute("data-found", "false")
    root.get_by_label("bias b").fill("40")
    for _ in range(9):
        root.get_by_label("bias b").press("ArrowRight")
    expect(root.locator(".live-task")).to_have_attribute("data-found", "false")
    at_once = root.get_by_label("bias b").evaluate(
        """slider => {
            slider.value = 45;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            return slider.closest("[data-live]").querySelector(".live-said").textContent;
        }"""
    )
    assert "Found" not in at_once, "it waits until the reader does"
    expect(root.locator(".live-task")).to_have_attribute("data-found", "true")
    expect(said).to_have_text(
        re.compile(
            r"^Found\. .* Threshold 18\.0 degrees, on where it is colder\. At 17 degrees .* 0\.92\.$"
        )
    )


def test_a_state_can_be_shared_and_is_the_start_of_who_gets_it(opened):
    tab = opened()
    root = begun(tab)
    root.get_by_label("tanh").check()
    root.get_by_label("weight w").fill("-1.5")
    tab.wait_for_url(re.compile("#live-weights-and-bias"))
    fragment = tab.url.partition("#")[2]
    assert fragment == "live-weights-and-bias?phi=tanh&w=-1.5&b=-10"
    assert tab.evaluate("history.length") == 2, "it leaves no trail behind"
    other = opened(f"#{fragment}")
    root = other.locator(NEURON)
    expect(root).to_be_in_viewport()
    assert state(root) == {"phi": "tanh", "w": -1.5, "b": -10}
    expect(root.get_by_label("tanh")).to_be_checked()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("w=abc&b=1e9&phi=step", {"w": 0.5, "b": 90, "phi": "sigmoid"}),
        ("w=&b=NaN", {"w": 0.5, "b": -10, "phi": "sigmoid"}),
        ("w=-1.23456&phi=toString&%E0%A4%A", {"w": -1.2, "b": -10, "phi": "sigmoid"}),
        ("", {"w": 0.5, "b": -10, "phi": "sigmoid"}),
    ],
)
def test_an_address_that_says_nonsense_does_no_harm(opened, asked, expected):
    tab = opened(f"{NEURON}?{asked}")
    assert state(begun(tab)) == expected


def test_links_to_sections_work_before_and_after(opened):
    tab = opened("#the-end")
    expect(tab.locator("#the-end h2")).to_be_in_viewport()
    root = begun(tab)
    root.get_by_label("weight w").fill("-1.5")
    tab.wait_for_url(re.compile("live-weights-and-bias"))
    tab.evaluate("location.hash = 'the-end'")
    expect(tab.locator("#the-end h2")).to_be_in_viewport()
    assert state(root)["w"] == -1.5
    tab.evaluate("location.hash = 'live-weights-and-bias'")
    expect(root).to_be_in_viewport()
    assert state(root)["w"] == -1.5, "a link to a figure leaves it as it is"


def test_a_stepper_obeys_buttons_keys_and_fingers(opened):
    tab = opened(has_touch=True)
    root = begun(tab, ".steps")
    on, back, slider = (
        root.get_by_label("Step on"),
        root.get_by_label("Step back"),
        root.get_by_role("slider"),
    )

    def shown():
        return root.locator("figure").evaluate_all(
            "all => all.map(f => getComputedStyle(f).visibility === 'visible')"
        )

    assert shown() == [True, False, False, False]
    expect(back).to_have_attribute("aria-disabled", "true")
    on.tap()
    assert shown() == [False, True, False, False]
    slider.press("ArrowRight")
    assert shown() == [False, False, True, False]
    expect(slider).to_have_attribute("aria-valuetext", f"3 of {STILLS}")
    on.click(click_count=3)
    assert shown() == [False, False, False, True], "it doesn't run over its end"
    back.press("Enter")
    slider.press("Home")
    slider.press("ArrowRight")
    expect(root.get_by_role("status")).to_have_text(re.compile(r"^2 of 4: "))
    assert root.locator("figure:nth-of-type(2) .katex").count() == 1
    assert root.locator("img.only-light:visible").count() == 1
    assert root.locator("img.only-dark:visible").count() == 0


def shown_still(tab):
    """What is seen of figures and steppers where nothing moves."""
    for name in FIGURES:
        root = tab.locator(f"#live-{name}")
        root.scroll_into_view_if_needed()
        assert root.get_by_role("img").locator("visible=true").count() == 1
        expect(root.locator("figcaption")).to_be_visible()
        for selector in ("input", "button", ".live-task", ".live-handle", "label"):
            assert root.locator(f"{selector}:visible").count() == 0, selector
    assert tab.locator(".steps figcaption:visible").count() == STILLS
    assert tab.locator(".steps img.only-light:visible").count() == STILLS
    boxes = [figure.bounding_box() for figure in tab.locator(".steps figure").all()]
    assert all(
        above["y"] + above["height"] <= below["y"] for above, below in itertools.pairwise(boxes)
    )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_without_scripts_there_are_stills_with_words(opened, size):
    tab = opened(java_script_enabled=False, viewport=size)
    shown_still(tab)
    for name in FIGURES:
        assert tab.get_by_role("img", name=f"What {name} shows first.").count() == 1


def test_on_paper_there_are_stills_as_they_stand(opened):
    tab = opened()
    root = begun(tab)
    root.get_by_label("weight w").fill("-2.5")
    begun(tab, ".steps").get_by_label("Step on").click()
    tab.emulate_media(media="print")
    tab.add_style_tag(content=LAID_OUT)
    shown_still(tab)
    expect(root.get_by_role("img")).to_have_accessible_name(re.compile("on where it is colder"))


@pytest.mark.parametrize(("theme", "width"), EVERY_VIEW)
def test_axe_finds_nothing_amiss(opened, theme, width):
    """Neither as figures begin nor with their tasks done, at every width."""
    tab = opened(color_scheme=theme, viewport={"width": width, "height": 800})
    tab.add_style_tag(content=LAID_OUT)
    begun(tab, ".steps")
    roots = {name: begun(tab, f"#live-{name}") for name in FIGURES}
    tab.evaluate(axe())
    for states in ({name: {} for name in FIGURES}, FOUND):
        for name, root in roots.items():
            root.evaluate("(root, changes) => root.groundup.set(changes)", states[name])
        tab.wait_for_timeout(200)
        found = tab.evaluate(AXE)["violations"]
        assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found] == []


def test_a_line_of_ones_own_is_read(opened):
    tab = opened()
    requests = []
    tab.on("request", lambda request: requests.append(request.url.split("/")[-1]))
    root = begun(tab, "#live-attention")
    formula = root.locator(".live-formula")
    expect(formula).to_have_text(re.compile("^next e with probability 0.[67]"))
    root.get_by_label("your line").fill("Ay, my “lord” & §you")
    assert state(root)["line"] == "Ay, my lord & you", "what it can't read is left out"
    assert state(root)["at"] == 17
    expect(root.locator(".live-said")).to_have_text(re.compile("From character 17, u, head 2a"))
    asked = {name for name in requests if name.endswith(".js")}
    assert asked == {"attention.later.js", "attention.weights.js"}
    root.get_by_label("1b", exact=True).check()
    expect(root.locator(".live-task")).to_have_attribute("data-found", "true")
    expect(root.locator(".live-said")).to_have_text(
        re.compile("gives most, 1.00, to character 16, o")
    )
    root.get_by_label("your line").fill("")
    expect(formula).to_have_text("Nothing to read yet")


def test_a_tap_chooses_a_character_or_a_head(opened):
    root = begun(opened(), "#live-attention")
    stage = root.locator(".live-stage")
    width = stage.bounding_box()["width"]
    cell = min(width / 40, 18)
    stage.click(position={"x": 4.5 * cell, "y": 40})
    assert state(root)["at"] == 5
    stage.click(position={"x": 60, "y": 240})
    assert state(root)["head"] == "1b"
    stage.click(position={"x": width - 5, "y": 400})
    assert (state(root)["at"], state(root)["head"]) == (5, "1b")
