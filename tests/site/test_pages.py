"""Every page of the built book in a headless Chromium, from files, as a reader has it offline."""

import json
import random
import re
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.site.conftest import DESKTOP, KINDS, MODULES, PAGES, PHONE, SITE, name, served
from tests.site.good import Good

from groundup.sphinxext.pages import stylesheet

# What the largest chapter may weigh when it's first opened, compressed, without its pictures.
MOST_KB = 300
ROOT = Path(__file__).parents[2]
# All rules; of what is right, no list.
AXE = "axe.run(document, { resultTypes: ['violations'] })"
# Everything is to be there when pictures and widths are looked at: far below the window, and folded.
LAID_OUT = "* { content-visibility: visible !important }"
OPENED = "document.querySelectorAll('details').forEach(fold => { fold.open = true })"
# axe looks at pages as they are served; at one of each kind in every view, as elsewhere at live figures.
VIEWS = [("light", 1280), ("dark", 360)]
EVERY_VIEW = [
    (theme, width) for width in (360, 768, 1024, 1280, 1440) for theme in ("light", "dark")
]
HEIGHT = 800
# A colour on its way to another is none that is read.
SETTLED = "Promise.allSettled(document.getAnimations().map(animation => animation.finished))"


def test_the_book_is_built():
    assert (SITE / "index.html").exists(), f"expected a built book in {SITE}: make book"


@cache
def axe() -> str:
    path = MODULES / "axe-core" / "axe.min.js"
    assert path.exists(), f"expected {path}: make check-site installs it"
    return path.read_text()


def watched(context: BrowserContext, faults: list[str]) -> Page:
    """A tab; what goes wrong in it is added to the faults."""
    tab = context.new_page()
    tab.on("console", lambda m: m.type == "error" and faults.append(f"console: {m.text}"))
    tab.on("pageerror", lambda error: faults.append(f"script: {error}"))
    tab.on("requestfailed", lambda r: faults.append(f"failed: {r.url}"))
    tab.on(
        "request",
        lambda r: r.url.startswith(("file:", "data:")) or faults.append(f"foreign: {r.url}"),
    )
    return tab


def faults_of(context: BrowserContext, page: Path) -> list[str]:
    """What goes wrong when a page is opened: on a desk in the light, on a phone in the dark."""
    faults = []
    tab = watched(context, faults)
    tab.emulate_media(color_scheme="light")
    tab.set_viewport_size(DESKTOP)
    tab.goto(page.as_uri())
    if page == SITE / "index.html":  # the front door leads on by itself
        tab.wait_for_url("**/book/index.html")
    tab.add_style_tag(content=LAID_OUT)
    tab.evaluate("document.querySelectorAll('img').forEach(image => { image.loading = 'eager' })")
    faults += looked_at(tab, "light desktop")
    tab.evaluate(OPENED)
    faults += cut_off(tab)
    tab.emulate_media(color_scheme="dark")
    tab.set_viewport_size(PHONE)
    faults += looked_at(tab, "dark phone")
    tab.close()
    return faults


def looked_at(tab: Page, view: str) -> list[str]:
    """What is wrong with a page as it stands."""
    tab.evaluate("Promise.allSettled([...document.images].map(image => image.decode()))")
    tab.wait_for_timeout(100)  # what scripts do late; a wait for silence may never end
    found = tab.evaluate(
        """() => {
            const images = [...document.images];
            const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
            const all = images.filter(i => i.closest("article"));
            return [
                ...images.filter(i => !i.complete || !i.naturalWidth).map(i => `picture: ${i.src}`),
                ...all.filter(i => !i.alt).map(i => `no words: ${i.src}`),
                ...all.filter(i => !i.width || !i.getAttribute("height")).map(i => `no sides: ${i.src}`),
                ...(over > 0 ? [`wider than the window by ${over} px`] : []),
            ];
        }"""
    )
    return [f"{view}: {fault}" for fault in found]


def cut_off(tab: Page) -> list[str]:
    """What has to be scrolled sideways on a desk."""
    found = tab.evaluate(
        """() => [...document.querySelectorAll("article *")]
            .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
            .filter(e => ["auto", "scroll"].includes(getComputedStyle(e).overflowX))
            .map(e => e.innerText.trim().slice(0, 40))"""
    )
    return [f"cut off: {text}" for text in found]


def violations(context: BrowserContext, address: str, views=VIEWS) -> list[str]:
    """What axe finds on a page, with all of its rules, in each theme and width."""
    found = []
    tab = context.new_page()
    for theme, width in views:
        tab.emulate_media(color_scheme=theme)
        tab.set_viewport_size({"width": width, "height": HEIGHT})
        tab.goto(address)
        tab.evaluate(SETTLED)
        tab.evaluate(axe())
        for violation in tab.evaluate(AXE)["violations"]:
            where = "; ".join(str(node["target"][0]) for node in violation["nodes"][:3])
            found.append(f"{theme} {width}: {violation['id']}: {where}")
    tab.close()
    return found


def expect_new(good: Good, check: str, page: Path) -> None:
    """Skip what was found good as it is now."""
    if good.has(check, name(page)):
        pytest.skip("the page is what it was when it was found good")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_opens_without_a_fault(context, good, page):
    expect_new(good, "faults", page)
    with good.opening("faults", name(page), context):
        assert faults_of(context, page) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<script>console.error('oh')</script>", "console: oh"),
        ("<script>nobody()</script>", "script: nobody is not defined"),
        ("<img alt='x' src='http://127.0.0.1:9/x.png'>", "foreign: http://127.0.0.1:9/x.png"),
        ("<img alt='x' src='missing.png'>", "failed: file"),
        ("<article><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='></article>", "no words"),
        ("<article><img alt=x src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>", "no sides"),
        ("<div style='width: 5000px'>wide</div>", "wider than the window by"),
        ("<article><pre style='overflow: auto; width: 9px'>wide</pre>", "cut off: wide"),
        (
            "<article><details><pre style='overflow: auto; width: 9px'>wide</pre></details>",
            "cut off: wide",
        ),
    ],
)
def test_each_fault_is_found(context, tmp_path, body, fault):
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><title>x</title><body>{body}</body>")
    found = faults_of(context, page)
    assert any(fault in f for f in found), found


def different(pages: list[Path]) -> list[Path]:
    """All pages but those of source files that have no class of element which none before them has; and
    but the front door, which leads on at once, to a page that is looked at anyway.
    """
    found, seen = [], set()
    for page in pages:
        of_source = name(page).startswith("_modules/")
        classes = stylesheet.words_of_pages([page]) if of_source else set()
        if page != SITE / "index.html" and not (of_source and classes <= seen):
            found.append(page)
        seen |= classes
    return found


def test_pages_of_source_differ_in_what_they_are_made_of():
    of_source = {page for page in PAGES if name(page).startswith("_modules/")}
    assert 1 < len(of_source & set(different(PAGES))) < len(of_source)
    assert {*PAGES} - {*different(PAGES)} <= of_source | {SITE / "index.html"}


@pytest.mark.parametrize(
    "page", different(sorted(PAGES, key=lambda p: name(p) not in KINDS)), ids=name
)
def test_axe_finds_nothing_on_a_page(context, server, good, page):
    expect_new(good, "axe", page)
    views = EVERY_VIEW if name(page) in KINDS else VIEWS
    with good.opening("axe", name(page), context):
        assert violations(context, f"{server}/{name(page)}", views) == []


def test_axe_finds_what_is_wrong(context, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><p style='color: #ccc; background: #fff'>pale</p>")
    found = [fault.split(": ")[1] for fault in violations(context, page.as_uri())]
    assert {"color-contrast", "document-title", "html-has-lang"} <= set(found)


def chapters() -> dict[str, dict]:
    """What the status says of each chapter; pages of the reference that compute something are none."""
    pages = json.loads((SITE / "status.json").read_text())["pages"]
    return {name: facts for name, facts in pages.items() if not name.startswith("book/reference/")}


def test_mathematics_is_there_as_mathml():
    for chapter in chapters():
        html = (SITE / f"{chapter}.html").read_text()
        assert len(re.findall(r"<math xmlns", html)) >= 1, chapter
        labels = re.findall(r"^\$\$ \(", (ROOT / f"{chapter}.md").read_text(), flags=re.M)
        numbers = re.findall(r'<span class="eqno">\(\d+\.\d+\)', html)
        assert len(numbers) == len(labels), chapter
        assert "katex-error" not in html, chapter
        assert not re.search(
            r"\\\(|\$\$", re.sub(r"<(pre|annotation).*?</\1>", "", html, flags=re.S)
        ), chapter


@cache
def anchors(file: Path) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', file.read_text()))


def lost_links(pages: list[Path]) -> list[str]:
    """Every link inside the site that leads nowhere, with its page."""
    lost = []
    for page in pages:
        for target in dict.fromkeys(re.findall(r'<a [^>]*href="([^"]+)"', page.read_text())):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / path.split("?")[0]).resolve() if path else page
            there = file.exists() and (
                not anchor or file.suffix != ".html" or anchor in anchors(file)
            )
            lost += [] if there else [f"{page.name}: {target}"]
    return lost


def test_links_lead_somewhere():
    assert lost_links(PAGES) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '<a id="here" href="#here">1</a><a href="#there">2</a><a href="gone.html">3</a>'
    )
    assert lost_links([page]) == ["page.html: #there", "page.html: gone.html"]


def test_search_finds_a_word_of_each_chapter(context):
    faults = []
    tab = watched(context, faults)
    for chapter, facts in chapters().items():
        word = max(re.findall(r"[A-Za-z]+", facts["title"]), key=len)
        tab.goto(f"{(SITE / 'search.html').as_uri()}?q={word}")
        tab.wait_for_selector(f'#search-results a[href*="{chapter}.html"]', timeout=20_000)
    assert faults == []
    tab.close()


def test_a_page_does_what_its_buttons_say(context):
    faults = []
    tab = watched(context, faults)
    tab.set_viewport_size(DESKTOP)
    tab.goto((SITE / "book" / "index.html").as_uri())
    assert tab.locator(".search-button-field:visible").count() == 1
    tab.keyboard.press("Control+k")
    tab.keyboard.type("softmax")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/search.html?q=softmax")
    before = tab.evaluate("document.documentElement.dataset.theme")
    tab.locator(".theme-switch-button:visible").click()
    assert tab.evaluate("document.documentElement.dataset.theme") != before
    tab.set_viewport_size(PHONE)
    tab.locator(".primary-toggle:visible").click()
    assert tab.locator("#pst-primary-sidebar-modal .bd-links a:visible").count() > 0
    tab.evaluate("localStorage.clear()")
    assert faults == []
    tab.close()


def test_the_contents_make_room_for_a_note_in_the_margin(context):
    tab = context.new_page()
    tab.set_viewport_size(DESKTOP)
    tab.goto((SITE / "book/foundations/weights-and-bias.html").as_uri())
    contents = tab.locator(".bd-sidebar-secondary nav.page-toc")
    expect(contents).to_have_css("opacity", "1")
    tab.locator("aside.margin").nth(1).evaluate("note => note.scrollIntoView()")
    expect(contents).to_have_css("opacity", "0")
    tab.close()


def test_a_chapter_is_read_with_scripts_off(browser):
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    tab = context.new_page()
    for chapter in chapters():
        tab.goto((SITE / f"{chapter}.html").as_uri())
        assert tab.locator("article h1").is_visible()
        assert tab.locator("article math").count() >= 1
        pictures = tab.locator("article img:visible")
        assert all("only-dark" not in p.get_attribute("class") for p in pictures.all()), chapter
        assert tab.locator(".pst-js-only:visible").count() == 0
        assert tab.locator(".prev-next-area a:visible").count() >= 1
    context.close()


def test_what_is_printed_is_the_chapter_in_ink(browser):
    context = browser.new_context(viewport=DESKTOP, color_scheme="dark")
    tab = context.new_page()
    tab.goto((SITE / f"{next(iter(chapters()))}.html").as_uri())
    tab.emulate_media(media="print", color_scheme="dark")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.locator("article h1").is_visible()
    for screen in (".bd-sidebar-primary", ".bd-header-article", ".prev-next-footer", ".copybtn"):
        assert tab.locator(f"{screen}:visible").count() == 0, screen
    assert tab.locator("article img.only-light:visible").count() >= 1
    assert tab.locator("article img.only-dark:visible").count() == 0
    colour, ground = tab.evaluate(
        "[getComputedStyle(document.querySelector('article p')).color, "
        "getComputedStyle(document.body).backgroundColor]"
    )
    assert colour == "rgb(31, 41, 51)"
    assert ground == "rgb(255, 255, 255)"
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    context.close()


def weight(browser: Browser, address: str) -> dict[str, int]:
    """How many bytes come for a page when it's first opened, by kind."""
    context = browser.new_context(viewport=DESKTOP)
    tab = context.new_page()
    answers = []
    tab.on("response", lambda answer: answers.append(answer))
    tab.goto(address, wait_until="networkidle")
    found: dict[str, int] = {}
    for answer in answers:
        if not answer.url.startswith("data:"):
            kind = answer.request.resource_type
            found[kind] = found.get(kind, 0) + answer.request.sizes()["responseBodySize"]
    context.close()
    return found


def kilobytes(browser: Browser, address: str) -> float:
    """What counts of it: all but pictures."""
    found = weight(browser, address)
    print(address, found)
    return sum(size for kind, size in found.items() if kind != "image") / 1000


def test_a_chapter_is_light(browser, server):
    weights = {c: kilobytes(browser, f"{server}/{c}.html") for c in chapters()}
    print(weights)
    assert max(weights.values()) <= MOST_KB


def test_what_a_page_loads_is_weighed_compressed(browser, tmp_path):
    (tmp_path / "noise.js").write_text(f"/*{random.Random(0).randbytes(200_000).hex()}*/")
    (tmp_path / "same.js").write_text(f"/*{'a' * 400_000}*/")
    page = "<link rel=icon href=data:,><script src=noise.js></script><script src=same.js></script>"
    (tmp_path / "page.html").write_text(page)
    with served(tmp_path) as address:
        assert 200 < kilobytes(browser, f"{address}/page.html") < 300


def guesses(browser: Browser, address: str, view: dict) -> list[float]:
    """How high the browser takes each section to be before it is laid out, as a share of its height."""
    with browser.new_context(viewport=view) as context:
        tab = context.new_page()
        tab.goto(address)
        return tab.evaluate("""async laidOut => {
            const sections = [...document.querySelectorAll(".bd-article > section > section")]
            const guess = s => parseFloat(getComputedStyle(s).containIntrinsicBlockSize.split(" ").at(-1))
            const taken = sections.map(guess)
            await document.fonts.ready
            document.head.insertAdjacentHTML("beforeend", `<style>${laidOut}</style>`)
            return sections.map((s, i) => taken[i] / s.getBoundingClientRect().height)
        }""", LAID_OUT)  # fmt: skip


@pytest.mark.parametrize("view", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_section_is_about_as_high_as_the_browser_takes_it_to_be(browser, view):
    everywhere = []
    for chapter in chapters():
        found = guesses(browser, (SITE / f"{chapter}.html").as_uri(), view)
        assert found, f"{chapter} has no sections"
        assert all(0.3 < guess < 2.5 for guess in found), f"{chapter}: {found}"
        everywhere += found
    assert 0.9 < sum(everywhere) / len(everywhere) < 1.6


def test_a_section_that_is_far_higher_is_found(browser, tmp_path):
    page = tmp_path / "page.html"
    size, high = "contain-intrinsic-block-size: auto", '<p style="height: 400px"></p>'
    page.write_text(f"""<div class="bd-article"><section>
        <section style="{size} 100px">{high}</section><section style="{size} 600px">{high}</section>
    </section></div>""")
    assert guesses(browser, page.as_uri(), PHONE) == pytest.approx([100 / 400, 600 / 400], rel=0.2)
