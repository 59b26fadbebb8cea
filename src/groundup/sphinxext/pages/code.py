"""Code as HTML, with marks around few kinds of words: a page has thousands of them, and each mark is an
element that has to be laid out.
"""

from collections.abc import Iterable

from pygments.formatters import HtmlFormatter
from pygments.token import Name, Operator, Punctuation, String, Text, Whitespace
from sphinx.application import Sphinx
from sphinx.highlighting import PygmentsBridge

# Kinds of words in the colour of the text, in the light style and in the dark one.
PLAIN = {Name, Name.Namespace, Name.Other, Punctuation, Whitespace}
# What a style colours and nobody reads by its colour: signs, ``self``, the braces in a string.
UNMARKED = {Operator, Name.Builtin.Pseudo, String.Interpol}


class Formatter(HtmlFormatter):
    """Pygments' HTML without marks around plain words, and with one for a string as a whole."""

    def format_unencoded(self, tokensource: Iterable[tuple], outfile) -> None:
        """Write the code to a file, plain words as plain text."""
        words = ((_as(kind), word) for kind, word in tokensource)
        super().format_unencoded(words, outfile)


def _as(kind):
    """The kind of word that one is marked as."""
    if kind in PLAIN | UNMARKED:
        return Text
    return String if kind in String and kind is not String.Doc else kind


def setup(app: Sphinx) -> None:
    """Let Sphinx write code so."""
    PygmentsBridge.html_formatter = Formatter
