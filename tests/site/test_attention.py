"""The GPT that the book's build trained, as readers have it on the page: it reads their line."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from playwright.sync_api import expect
from tests.site.conftest import DESKTOP, SITE

from groundup import data
from groundup.data.shakespeare import CHARACTERS
from groundup.runs.store import Store
from groundup.sphinxext import ONE_THREAD

pytestmark = pytest.mark.xdist_group("attention")
SCRIPTS = SITE / "_static" / "live"
WEIGHTS = SCRIPTS / "attention.weights.js"
PAGE = SITE / "book" / "sequences" / "attention.html"
MOST = 1_000_000  # bytes of weights
LINES = ["To be, or not to be: that is the q", "ROMEO, ROMEO, wherefore art thou ROM", "A"]
# Read now, for each test has a store and data of its own; the book's were these.
RUNS, DATA = str(Store().folder), os.environ.get("GROUNDUP_DATA", "")
ASK = """
import sys
import numpy as np
from groundup.models import gpt
x = np.load(sys.argv[1])
model = gpt.gpt_run().model
p = model.predict(x)
seen = [layer.layers[1].P for layer in model.layers[2:-2:2]]
np.savez(sys.argv[2], p=p, seen=np.concatenate(seen, axis=1))
"""


@pytest.fixture(scope="module")
def on_stand_ins() -> bool:
    """Whether the book had no originals, or no time to train on them."""
    assert WEIGHTS.exists(), "expected the build to write the weights"
    return "stand-in" in WEIGHTS.read_text()[:4000]


@pytest.fixture(scope="module")
def engine(on_stand_ins, tmp_path_factory) -> dict[str, np.ndarray]:
    """What the trained network says of the lines, each in a window of its own."""
    folder = tmp_path_factory.mktemp("attention")
    windows = np.zeros((len(LINES), 64))
    for window, line in zip(windows, LINES, strict=True):
        window[: len(line)] = [*map(CHARACTERS.index, line)]
    np.save(folder / "x.npy", windows)
    environment = os.environ | dict.fromkeys(ONE_THREAD, "1") | {"GROUNDUP_RUNS": RUNS}
    environment["GROUNDUP_DATA"] = data.STAND_IN if on_stand_ins else DATA
    paths = [str(folder / "x.npy"), str(folder / "said.npz")]
    subprocess.run([sys.executable, "-c", ASK, *paths], check=True, env=environment)
    with np.load(paths[1]) as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def tab(browser):
    """A page with the figure's scripts and its network."""
    found = browser.new_page()
    for name in ("library", "attention", "attention.later", "attention.weights"):
        found.add_script_tag(path=SCRIPTS / f"{name}.js")
    yield found
    found.close()


def test_the_weights_are_light():
    assert WEIGHTS.stat().st_size <= MOST


@pytest.mark.parametrize("number", range(len(LINES)))
def test_the_figure_says_what_the_engine_says(tab, engine, number):
    line = LINES[number]
    call = """line => {
        const { passes, characters } = groundup.live.parts("attention");
        const { p, seen } = passes([...line].map(one => characters.indexOf(one)));
        return { p: p.map(row => [...row]), seen: seen.map(head => head.map(row => [...row])) };
    }"""
    found, steps = tab.evaluate(call, line), len(line)
    apart = np.abs(np.array(found["p"]) - engine["p"][number, :steps]).max()
    shares = max(
        np.abs(np.array(row) - engine["seen"][number, head, t, : t + 1]).max()
        for head, rows in enumerate(found["seen"])
        for t, row in enumerate(rows)
    )
    print(f"probabilities differ by {apart:.1e} at most, shares by {shares:.1e}")
    assert apart <= 0.01
    assert shares <= 0.02


def test_a_line_takes_no_time(tab):
    took = tab.evaluate("""line => {
        const { read } = groundup.live.parts("attention");
        const times = [...Array(12)].map((_, n) => {
            const began = performance.now();
            read(line.slice(0, 40 - n), 10, 0);
            return performance.now() - began;
        });
        return Math.min(...times);
    }""", (LINES[0] * 2)[:40])  # fmt: skip
    print(f"{took:.1f} ms")
    assert took < 100


def test_a_visitor_types_a_line(browser):
    """From files: the page asks for the network only now, and for nothing else."""
    context = browser.new_context(viewport=DESKTOP)
    tab, requests, faults = context.new_page(), [], []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.goto(PAGE.as_uri())
    root = tab.locator("#live-attention")
    root.scroll_into_view_if_needed()
    expect(root).to_have_attribute("data-lives", "")
    formula = root.locator(".live-formula")
    expect(formula).to_have_text(re.compile("^next . with probability"))
    assert not [url for url in requests if re.search(r"weights|later", url)]
    before = len(requests)
    root.get_by_label("your line").fill("My lord, the ki")
    expect(root.locator(".live-said")).to_have_text(re.compile("^.*From character 15, i, head"))
    fetched = {url.split("/")[-1] for url in requests[before:]} - {"favicon.svg"}
    assert sorted(fetched) == [
        "attention.later.js",
        "attention.weights.js",
    ]
    assert all(url.startswith("file:") for url in requests)
    assert faults == []
    context.close()
