import pytest
from pygments.styles import get_style_by_name
from pygments.token import Text
from sphinx.highlighting import PygmentsBridge

from groundup.sphinxext.pages.code import PLAIN, Formatter


@pytest.mark.parametrize("style", ["a11y-high-contrast-light", "a11y-high-contrast-dark"])
@pytest.mark.parametrize("kind", sorted(PLAIN))
def test_a_plain_word_looks_like_the_text_around_it(kind, style):
    style = get_style_by_name(style)
    assert style.style_for_token(kind) == style.style_for_token(Text)


def test_marks_stand_around_coloured_words_alone(monkeypatch):
    monkeypatch.setattr(PygmentsBridge, "html_formatter", Formatter)
    html = PygmentsBridge("html", "a11y-high-contrast-light").highlight_block(
        "a = f(self, f'{x} and')  # so", "python"
    )
    marked = """<span class="s">f'</span>{x}<span class="s"> and'</span>"""
    assert f'<span></span>a = f(self, {marked})  <span class="c1"># so</span>' in html
