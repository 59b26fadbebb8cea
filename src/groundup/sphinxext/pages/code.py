"""Code as HTML, with marks around those words alone that a style colours: a page has thousands."""

from collections.abc import Iterable

from pygments.formatters import HtmlFormatter
from pygments.token import Name, Punctuation, Text, Whitespace
from sphinx.application import Sphinx
from sphinx.highlighting import PygmentsBridge

# Kinds of words in the colour of the text, in the light style and in the dark one.
PLAIN = {Name, Name.Namespace, Name.Other, Punctuation, Whitespace}


class Formatter(HtmlFormatter):
    """Pygments' HTML without marks around plain words."""

    def format_unencoded(self, tokensource: Iterable[tuple], outfile) -> None:
        """Write the code to a file, plain words as plain text."""
        words = ((Text if kind in PLAIN else kind, word) for kind, word in tokensource)
        super().format_unencoded(words, outfile)


def setup(app: Sphinx) -> None:
    """Let Sphinx write code so."""
    PygmentsBridge.html_formatter = Formatter
