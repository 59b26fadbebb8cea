"""Text, code, formulas and HTML in forms that Markdown takes for nothing else, as notebooks show it.

Notebooks take formulas out of Markdown before they read it, and look for more of them in the page that
it becomes; so a dollar sign or a backslash that belongs to text stands in an element of its own there.
"""

import re
from collections.abc import Iterable
from html import unescape

from markdown_it import MarkdownIt

# What makes something else of a paragraph's line: a heading, a quotation, a list, a line below a title.
BEGINNING = re.compile(r"[#>+=-]|:-|\d{1,9}[.)]")
# What some notebook takes for a mark though it's escaped, or for a link, which the page would have as a
# node of its own.
OWN = {
    "$": "<span>&#36;</span>",
    "\\": "<span>&#92;</span>",
    "`": "&#96;",
    "<": "&lt;",
    "://": "&#58;//",
    "www.": "www&#46;",
}
SEPARATOR = "<!-- -->"
PARSER = MarkdownIt("commonmark")


def escaped(text: str) -> str:
    """Text with no character that Markdown would take for one of its own, wherever it stands."""
    return re.sub(r"[\\`*_$<\[\]~|]|&(?=#?\w|$)|://|www\.", _own, text)


def _own(found: re.Match) -> str:
    return OWN.get(found[0], f"\\{found[0]}")


def characters(text: str) -> str:
    """Text in an element of HTML that some notebooks take no Markdown in: each by its number."""
    return re.sub(
        r"://|www\.|[^\w\s.,:;()+=/-]|_",
        lambda found: OWN.get(found[0]) or f"&#{ord(found[0])};",
        text.replace("\n", " "),
    )


def only_words(text: str) -> str:
    """A paragraph whose lines begin and end as no heading, list, quotation, code or break does."""
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(
        re.sub(r"^(\d*)(?=[#>+=.):-])", r"\1\\", line) if BEGINNING.match(line) else line
        for line in lines
        if line
    )


def joined(parts: Iterable[str]) -> str:
    """Parts of a line, side by side, none of which makes something else of the one before it."""
    text = ""
    for part in parts:
        last, first = text[-1:], part[:1]
        clash = (last == first and first in ("*", "`", "$")) or (last, first) == ("!", "[")
        text += SEPARATOR * (clash or (last == "$" and first.isdigit())) + part
    return text


def marked(mark: str, tag: str, words: str, alone: bool) -> str:
    """Words that stand out; by HTML where Markdown might not see its marks.

    Args:
        mark: that of Markdown.
        tag: that of HTML.
        words: as Markdown.
        alone: whether there is space on both sides.
    """
    inside = r"[^*]*" if alone else r"[^\W_](?:[^*]*[^\W_])?"
    if not re.fullmatch(inside, words.strip()):
        return element(tag, words)
    return _around(mark, words, mark)


def element(tag: str, words: str, attributes: str = "") -> str:
    """Words in an element of HTML, as a part of a line."""
    return _around(f"<{tag}{attributes}>", words, f"</{tag}>")


def _around(opening: str, words: str, closing: str) -> str:
    """Words between marks; what space they begin or end with stays outside."""
    core = words.strip()
    if not core:
        return words
    before, _, after = words.partition(core)
    return f"{before}{opening}{core}{closing}{after}"


def formula(text: str, lines: bool = False) -> str:
    """A formula without comments, in one line, or without blank ones."""
    kept = (line.strip() for line in re.sub(r"(?<!\\)%.*", "", text).split("\n"))
    return ("\n" if lines else " ").join(line for line in kept if line)


def code_block(text: str, language: str = "") -> str:
    """Code as a block."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def code_span(text: str) -> str:
    """Text as code in a line; not all notebooks read Markdown's own form right if it has backticks."""
    text = text.replace("\n", " ")
    is_plain = "`" not in text and text == text.strip()
    return f"`{text}`" if is_plain else f"<code>{characters(text)}</code>"


def indented(mark: str, text: str) -> str:
    """An item of a list."""
    return mark + re.sub(r"\n(?=[^\n])", "\n" + " " * len(mark), text)


def quoted(text: str) -> str:
    """A quotation, or what stands beside the text."""
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def wrapped(tag: str, *parts: str, attributes: str = "") -> str:
    """Blocks in an element of HTML; they stay Markdown."""
    return "\n\n".join([f"<{tag}{attributes}>", *filter(None, parts), f"</{tag}>"])


def html_inline(text: str) -> str:
    """HTML in a line: its tags as they are, its words as words."""
    found = []
    for part in re.split("(<[^>]*>)", _visible(text)):
        if part.startswith("<"):
            found.append(" ".join(part.replace("$", "&#36;").split()))
        else:
            found.append(escaped(unescape(part)))
    return "".join(found)


def html_block(text: str) -> str:
    """HTML as a block, in which nothing is Markdown."""
    text = re.sub(r"\n[ \t]*(?=\n)", f"\n{SEPARATOR}", _visible(text).strip())
    text = "".join(
        part.replace("$", "&#36;") if part.startswith("<") else re.sub(r"[$\\]", _own, part)
        for part in re.split("(<[^>]*>)", text)
    )
    if text and [token.type for token in PARSER.parse(text)] != ["html_block"]:
        text = f"<div>\n{text}\n</div>"
    return text


def _visible(text: str) -> str:
    """HTML without what readers don't see."""
    hidden = r"<!--.*?-->|<(script|style|svg)\b.*?</\1\s*>"
    return re.sub(hidden, "", text, flags=re.DOTALL | re.IGNORECASE)
