"""The network that the book's build trained, as readers have it on the page: it reads what they draw."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from playwright.sync_api import expect
from tests.site.conftest import DESKTOP, SITE
from tests.site.drawn import drawings

from groundup import data
from groundup.runs.store import Store
from groundup.sphinxext import ONE_THREAD

pytestmark = pytest.mark.xdist_group("digits")
SCRIPTS = SITE / "_static" / "live"
WEIGHTS = SCRIPTS / "digits.weights.js"
PAGES = ["book/index.html", "book/convolution/digits.html"]
MOST = 1_500_000  # bytes of weights
TESTED = 1000
# Read now, for each test has a store and data of its own; the book's were these.
RUNS, DATA = str(Store().folder), os.environ.get("GROUNDUP_DATA", "")
ASK = f"""
import sys
import numpy as np
from groundup import data
from groundup.models import digits
mnist = data.load("mnist")
x = digits.pictures(mnist.x_test[:{TESTED}])
np.savez(sys.argv[1], x=x, p=digits.better_run().model.predict(x, verbose=0), y=mnist.y_test[:{TESTED}])
"""


@pytest.fixture(scope="module")
def on_stand_ins() -> bool:
    """Whether the book had no originals, or no time to train on them."""
    assert WEIGHTS.exists(), "expected the build to write the weights"
    return "stand-in" in WEIGHTS.read_text()[:2000]


@pytest.fixture(scope="module")
def keras(on_stand_ins, tmp_path_factory) -> dict[str, np.ndarray]:
    """Pictures of the test set, what the trained Keras network says of them, and what they are."""
    path = tmp_path_factory.mktemp("digits") / "said.npz"
    environment = os.environ | dict.fromkeys(ONE_THREAD, "1") | {"GROUNDUP_RUNS": RUNS}
    environment["GROUNDUP_DATA"] = data.STAND_IN if on_stand_ins else DATA
    subprocess.run([sys.executable, "-c", ASK, str(path)], check=True, env=environment)
    with np.load(path) as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def tab(browser):
    """A page with the figure's scripts and its network."""
    found = browser.new_page()
    for name in ("library", "digits", "digits.later", "digits.weights"):
        found.add_script_tag(path=SCRIPTS / f"{name}.js")
    yield found
    found.close()


def test_the_weights_are_light():
    assert WEIGHTS.stat().st_size <= MOST


def test_the_figure_says_what_keras_says(tab, keras):
    call = "all => all.map(x => groundup.live.parts('digits').passes(x).at(-1))"
    pictures = keras["x"].reshape(-1, 28 * 28)
    parts = np.array_split(pictures, max(1, len(pictures) // 100))
    found = np.concatenate([tab.evaluate(call, part.tolist()) for part in parts])
    differences = np.abs(found - keras["p"])
    right = (found.argmax(axis=1) == keras["y"]).mean()
    print(f"{len(found)} test images, {right:.1%} right, differ by {differences.max():.1e} at most")
    assert (found.argmax(axis=1) == keras["p"].argmax(axis=1)).all()
    assert differences.max() <= 1e-3


def test_digits_that_are_not_mnists_are_read(tab, on_stand_ins):
    asked = list(drawings())
    call = """all => all.map(([strokes, pen]) => {
        const { passes, seen, write } = groundup.live.parts("digits");
        return passes(seen(write(strokes), pen)).at(-1);
    })"""
    p = np.array(tab.evaluate(call, [(strokes, pen) for _, _, strokes, pen in asked]))
    digits, read = np.array([digit for digit, *_ in asked]), p.argmax(axis=1)
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (digits, read), 1)
    print(
        "drawn, below; read as, across", *(f"{k}: {row}" for k, row in enumerate(counts)), sep="\n"
    )
    for (digit, how, *_), said in zip(asked, read, strict=True):
        if said != digit:
            print(f"a {digit}, {how}, is read as a {said}")
    assert counts.sum() == 100
    assert np.trace(counts) >= (60 if on_stand_ins else 90)


def test_a_reading_takes_no_time(tab):
    took = tab.evaluate("""() => {
        const { read, parse, start } = groundup.live.parts("digits"), lines = parse(start.strokes);
        for (let n = 0; n < 5; n++) read(lines, 3);
        const times = [...Array(20)].map(() => {
            const began = performance.now();
            read(lines, 3);
            return performance.now() - began;
        });
        return Math.min(...times);
    }""")
    print(f"{took:.1f} ms")
    assert took < 50


@pytest.mark.parametrize("page", PAGES)
def test_a_visitor_draws_a_seven(browser, page, on_stand_ins):
    """From files: the page asks for the network only now, and for nothing else."""
    context = browser.new_context(viewport=DESKTOP)
    tab, requests, faults = context.new_page(), [], []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto((SITE / page).as_uri())
    root = tab.locator("#live-digits")
    root.scroll_into_view_if_needed()
    expect(root).to_have_attribute("data-lives", "")
    formula = root.locator(".live-formula")
    expect(formula).to_have_text(re.compile("^4 with probability"))
    assert root.locator(".live-drawn svg[viewBox] path").count() >= 9, "its maps are there"
    tab.wait_for_timeout(3000)  # while the 4 draws itself
    assert not [url for url in requests if re.search(r"weights|later", url)]
    before = len(requests)
    box = root.locator(".live-stage").bounding_box()
    x, y = box["x"], box["y"] + 22
    tab.mouse.move(x + 70, y + 50)
    tab.mouse.down()
    tab.mouse.move(x + 180, y + 48, steps=10)
    tab.mouse.move(x + 120, y + 210, steps=10)
    tab.mouse.up()
    expect(formula).to_have_text(re.compile("^7 with probability" if not on_stand_ins else "with"))
    assert sorted(url.split("/")[-1] for url in requests[before:]) == [
        "digits.later.js",
        "digits.weights.js",
    ]
    assert all(url.startswith("file:") for url in requests)
    assert faults == []
    context.close()


def test_the_front_page_begins_with_it():
    html = (SITE / "book" / "index.html").read_text()
    article = html[html.index("<article") :]
    assert article.index('id="live-digits"') < article.index("<h2")
    scripts = re.findall(r'src="[^"]*live/([\w.-]+)\.js', html)
    assert scripts == ["library", "digits"]
    assert json.loads((SITE / "status.json").read_text())["pages"]
