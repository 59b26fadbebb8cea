"""Every page of the built book in a headless Chromium, from files, as a reader has it offline."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

SITE = Path(
    os.environ.get("GROUNDUP_SITE", Path(__file__).parents[2] / "_build" / "html")
).resolve()
PAGES = sorted(path for path in SITE.rglob("*.html") if "_static" not in path.parts)
VIEWS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    "phone": {"color_scheme": "dark", "viewport": {"width": 360, "height": 740}},
}
# So that Chromium itself asks nobody for anything.
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, or another that ``CHROMIUM`` names."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "expected a Chromium on the path, or its place in CHROMIUM"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield found
        found.close()


def faults_of(browser: Browser, page: Path, **view) -> list[str]:
    """Everything that goes wrong when a page is opened and scrolled through."""
    context = browser.new_context(**view)
    tab = context.new_page()
    faults = []
    tab.on("console", lambda m: m.type == "error" and faults.append(f"console: {m.text}"))
    tab.on("pageerror", lambda error: faults.append(f"script: {error}"))
    tab.on("requestfailed", lambda r: faults.append(f"failed: {r.url}"))
    tab.on(
        "request",
        lambda r: r.url.startswith(("file:", "data:")) or faults.append(f"foreign: {r.url}"),
    )
    tab.goto(page.as_uri())
    if page == SITE / "index.html":  # the front door leads on by itself
        tab.wait_for_url("**/book/index.html")
    tab.evaluate("document.querySelectorAll('img').forEach(image => { image.loading = 'eager' })")
    tab.evaluate("Promise.allSettled([...document.images].map(image => image.decode()))")
    tab.wait_for_timeout(250)  # what scripts ask for late; a wait for silence may never end
    broken = "[...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"
    faults += [f"picture: {url}" for url in tab.evaluate(broken)]
    faults += [
        f"no words: {url}"
        for url in tab.evaluate(
            "[...document.querySelectorAll('article img')].filter(i => !i.alt).map(i => i.src)"
        )
    ]
    over = tab.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if over > 0:
        faults.append(f"wider than the window by {over} px")
    context.close()
    return faults


def test_the_book_is_built():
    assert (SITE / "index.html").exists(), f"expected a built book in {SITE}: make book"


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(SITE).as_posix())
def test_a_page_opens_without_a_fault(browser, page, view):
    assert faults_of(browser, page, **VIEWS[view]) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<script>console.error('oh')</script>", "console: oh"),
        ("<script>nobody()</script>", "script: nobody is not defined"),
        ("<img alt='x' src='http://127.0.0.1:9/x.png'>", "foreign: http://127.0.0.1:9/x.png"),
        ("<img alt='x' src='missing.png'>", "failed: file"),
        ("<article><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='></article>", "no words"),
        ("<div style='width: 5000px'>wide</div>", "wider than the window by"),
    ],
)
def test_each_fault_is_found(browser, tmp_path, body, fault):
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><title>x</title><body>{body}</body>")
    found = faults_of(browser, page, **VIEWS["light"])
    assert any(f.startswith(fault) for f in found), found


def chapters() -> dict[str, dict]:
    return json.loads((SITE / "status.json").read_text())["pages"]


def test_mathematics_is_there_as_mathml():
    for name in chapters():
        html = (SITE / f"{name}.html").read_text()
        assert len(re.findall(r"<math xmlns", html)) >= 5, name
        assert len(re.findall(r'<span class="eqno">\(\d+\)', html)) >= 1, name
        assert "katex-error" not in html, name
        assert not re.search(
            r"\\\(|\$\$", re.sub(r"<(pre|annotation).*?</\1>", "", html, flags=re.S)
        ), name


def test_links_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r'<a [^>]*href="([^"]+)"', page.read_text()):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / path.split("?")[0]).resolve() if path else page
            assert file.exists(), f"{page}: {target}"
            if anchor and file.suffix == ".html":
                assert f'id="{anchor}"' in file.read_text(), f"{page}: {target}"


@pytest.mark.parametrize("word", ["Fahrenheit", "softmax", "pooling"])
def test_search_finds_a_word_of_each_chapter(browser, word):
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(f"{(SITE / 'search.html').as_uri()}?q={word}")
    tab.wait_for_selector("#search-results li a", timeout=20_000)
    context.close()


def test_there_is_one_search_field_to_see(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    tab = context.new_page()
    tab.goto((SITE / "book" / "index.html").as_uri())
    visible = [b for b in tab.query_selector_all(".search-button-field") if b.is_visible()]
    assert len(visible) == 1
    context.close()
