"""The network that the build trained on Shakespeare, as readers have it on the page: it writes on."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from playwright.sync_api import expect
from tests.live.conftest import CHARACTERS
from tests.site.conftest import DESKTOP, SITE

from groundup import data
from groundup.runs.store import Store
from groundup.sphinxext import ONE_THREAD

pytestmark = pytest.mark.xdist_group("writing")
SCRIPTS = SITE / "_static" / "live"
WEIGHTS = SCRIPTS / "writing.weights.js"
PAGE = SITE / "book" / "sequences" / "shakespeare.html"
MOST = 1_000_000  # bytes of weights
PLACES = (1, 2, 5, 20, 60)
# Read now, for each test has a store and data of its own; the book's were these.
RUNS, DATA = str(Store().folder), os.environ.get("GROUNDUP_DATA", "")
ASK = """
import sys
import numpy as np
from groundup.models import writing
x, _ = writing.windows(writing.split().test, stride=640)
np.savez(sys.argv[1], x=x, p=writing.lstm_run().model.predict(x[:100]))
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> dict[str, np.ndarray]:
    """Windows of the test text, and what the trained network says of each place."""
    assert WEIGHTS.exists(), "expected the build to write the weights"
    on_stand_ins = "stand-in" in WEIGHTS.read_text()[:2000]
    path = tmp_path_factory.mktemp("writing") / "said.npz"
    environment = os.environ | dict.fromkeys(ONE_THREAD, "1") | {"GROUNDUP_RUNS": RUNS}
    environment["GROUNDUP_DATA"] = data.STAND_IN if on_stand_ins else DATA
    subprocess.run([sys.executable, "-c", ASK, str(path)], check=True, env=environment)
    with np.load(path) as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def tab(browser):
    """A page with the figure's scripts and its network."""
    found = browser.new_page()
    for name in ("library", "writing", "writing.later", "writing.weights"):
        found.add_script_tag(path=SCRIPTS / f"{name}.js")
    yield found
    found.close()


def test_the_weights_are_light():
    assert WEIGHTS.stat().st_size <= MOST


def test_the_figure_says_what_the_engine_says(tab, engine):
    asked = [
        ("".join(CHARACTERS[n] for n in x[:place]), p[place - 1])
        for x, p in zip(engine["x"], engine["p"], strict=False)
        for place in PLACES
    ]
    call = "all => all.map(text => groundup.live.parts('writing').next(text, 1))"
    found = np.array(tab.evaluate(call, [text for text, _ in asked]))
    differences = np.abs(found - [p for _, p in asked])
    print(f"{len(found)} places, they differ by {differences.max():.1e} at most")
    assert differences.max() <= 0.01


def test_writing_takes_no_time(tab):
    took = tab.evaluate("""() => {
        const { write } = groundup.live.parts("writing");
        const times = [...Array(5)].map((_, n) => {
            const began = performance.now();
            write("ROMEO:", 0.6, n + 1, 320);
            return performance.now() - began;
        });
        return Math.min(...times);
    }""")
    print(f"{took:.1f} ms")
    assert took < 250


def test_a_visitor_lets_it_write(browser):
    """From files: the page asks for the network only now, and for nothing else."""
    context = browser.new_context(viewport=DESKTOP)
    tab, requests, faults = context.new_page(), [], []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(PAGE.as_uri())
    root = tab.locator("#live-writing")
    root.scroll_into_view_if_needed()
    expect(root).to_have_attribute("data-lives", "")
    formula = root.locator(".live-formula")
    expect(formula).to_have_text(re.compile("^Next comes .*, with probability"))
    text = root.locator(".live-drawn [data-text]")
    assert len(text.get_attribute("data-text")) == 320
    tab.wait_for_timeout(4500)  # while it writes
    assert not [url for url in requests if re.search(r"weights|later", url)]
    before = len(requests)
    root.get_by_label("your beginning").fill("The q")
    expect(formula).to_have_text(re.compile("^Next comes"))
    expect(text).to_have_attribute("data-text", re.compile("^.{320}$", re.DOTALL))
    assert sorted(url.split("/")[-1] for url in requests[before:]) == [
        "writing.later.js",
        "writing.weights.js",
    ]
    assert all(url.startswith("file:") for url in requests)
    assert faults == []
    context.close()


def test_its_task_can_be_done(tab):
    """Unless it's trained on a stand-in, which is too little to be sure of anything."""
    if "stand-in" in WEIGHTS.read_text()[:2000]:
        pytest.skip("trained on a stand-in")
    asked = ["KING RICHARD II", "ROME", "JULIE", "the q", "q", "QUEEN MARGARE", "GLOUCESTE"]
    call = """asked => asked.filter(begin => {
        const { task, start } = groundup.live.parts("writing");
        return task.goals.every(([, holds]) => holds({ ...start, begin, T: 1 }));
    })"""
    sure = tab.evaluate(call, asked)
    print(sure)
    assert sure
    assert tab.evaluate(call, [tab.evaluate("groundup.live.parts('writing').start.begin")]) == []
