"""Measured numbers in prose are glued, not typed; the few others are listed with their reasons.

Words that compare, count or quantify stand in claims wherever results are told. Both are asked also of
what a cell says of its figures and tables.
"""

import ast
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from docutils.parsers.rst import Directive
from docutils.parsers.rst.directives import unchanged
from IPython.core.inputtransformer2 import TransformerManager
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError
from sphinx.util import logging

from groundup.page import lexicon
from groundup.sphinxext.pages import numbering

logger = logging.getLogger(__name__)

# Directives whose body is no Markdown, and those whose argument is no text.
NOT_PROSE = frozenset(
    {"code", "code-block", "code-cell", "eval-rst", "literalinclude", "math", "raw", "sourcecode"}
)
NAMES = frozenset({"figure", "image", "include", "question", "with", "without"})
TEXT_OPTIONS = ("alt", "caption", "title")
# In the text, where code, a formula, a role or a value stands.
HIDDEN = lexicon.HIDDEN
TYPED, WORD_OF_RESULTS = "a typed number", "a word about results that no claim holds"
CURES = {
    TYPED: "glue what was measured (page.glue in a cell, {glue:text} here; in a caption, format the "
    "value)",
    WORD_OF_RESULTS: "put it into a {claim}`name | words` (in a caption: page.say), compare in a cell",
}
# What cells call to show something, with what they say of it.
SHOWING = re.compile(r"(?:figures|page)\.(?:show|steps|table)")

WORD = (
    "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    "seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|"
    "million)"
)
DIGITS = r"(?:\d[\d,]*)?\.?\d+"
NUMBER = rf"(?:{DIGITS}|{WORD}(?:[\s-]{WORD})*)(?:\s+and\s+a\s+half)?"
AMOUNT = rf"(?:{NUMBER}|half\s+an?)"
PARTS = "(?:third|quarter|fifth|sixth|seventh|eighth|ninth|tenth|hundredth|thousandth)"
COMPARED = (
    "(?:as|more|less|fewer|better|worse|bigger|faster|greater|higher|larger|longer|lower|shorter|slower|"
    "smaller|wider)"
)
MEASURED = re.compile(
    r"(?<![\w./])(?:"
    + "|".join([
        rf"{AMOUNT}[\s-]*(?:%|‰|(?:percent|per\s+cent|percentage\s+points?|per\s+mille)\b)",
        rf"{AMOUNT}[\s-]+(?:(?:nano|micro|milli)?seconds?|minutes?|hours?|days?)\b",
        rf"{DIGITS}(?:\s*[nµμm]s|\s+(?:s|min|h)|\s*[kKMGT]i?B)\b",
        rf"{DIGITS}\s*(?:×\s*10[\^⁻⁰¹²³⁴-⁹]|e[+−-]?\d+\b)",
        rf"{DIGITS}\s*(?:×|x\b)(?!\s*[\d{HIDDEN}])",
        rf"{NUMBER}[\s-]*fold\b",
        rf"(?:{NUMBER}\s+times|twice|half)\s+{COMPARED}\b",
        rf"{NUMBER}\s+out\s+of\s+{NUMBER}\b",
        rf"{WORD}(?:\s+(?:half|{PARTS}s?)|-(?:halves|{PARTS}s))\b",
        r"(?:\d[\d,]*)?\.\d+(?!\.?\d)",
    ])
    + ")",
    re.IGNORECASE,
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Passage:
    """A paragraph, heading, cell of a table or the like.

    Args:
        text: what readers read, without markup.
        source: the Markdown that it's written in.
        line: the number of its first line.
        tells: whether it tells results: it has a glued value, a claim, or a value that a cell formats.
    """

    text: str
    source: str
    line: int
    tells: bool = False

    def line_of(self, match: re.Match) -> int:
        """The number of the line that a match begins in."""
        lines = self.source.split("\n")
        at_least = self.text.count("\n", 0, match.start())  # markup can hide the end of a line
        number = match[0].split()[0]
        return self.line + next(
            (i for i in range(at_least, len(lines)) if number in lines[i]), at_least
        )


class AnyDirective(Directive):
    """What MyST has to know of a directive to tell its options from its body."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = dict.fromkeys(TEXT_OPTIONS, unchanged)


def passages(
    parser: MarkdownIt, markdown: str, before: int = 0, *, guesses: bool = False
) -> Iterator[Passage]:
    """The prose of a page or of a directive's body, without that of cells.

    Args:
        parser: MyST's.
        markdown: the source.
        before: how many lines of the page stand above it.
        guesses: whether it's a question; its choices are guesses, which nobody measures.
    """
    line, item = before, None
    for token in parser.parse(markdown):
        line = before + token.map[0] if token.map else line
        if token.type == "list_item_open" and guesses:
            item = token
        elif token.type == "inline" and item:
            item = None
        elif token.type == "inline":
            yield _passage(parser, token, token.content, line + 1)
        elif token.type in ("fence", "colon_fence") and token.info.strip().startswith("{"):
            yield from _in_directive(parser, token, line + 1)


def _passage(parser: MarkdownIt, token: Token, source: str, line: int) -> Passage:
    return Passage(_text(parser, token), source, line, _tells(parser, token))


def _tells(parser: MarkdownIt, token: Token) -> bool:
    """Whether a passage tells results."""
    if token.type == "myst_role":
        name = token.meta["name"]
        inside = parser.parseInline(token.content) if name == "originals" else ()
        return name.startswith("glue") or name == "claim" or any(_tells(parser, t) for t in inside)
    return any(_tells(parser, child) for child in token.children or ())


def plain(parser: MarkdownIt, markdown: str) -> str:
    """A line without markup, formulas and roles."""
    return "".join(_text(parser, inline) for inline in parser.parseInline(markdown))


def _in_directive(parser: MarkdownIt, token: Token, line: int) -> Iterator[Passage]:
    """The prose of a directive that stands below a number of lines, its first among them."""
    name, _, argument = token.info.strip().removeprefix("{").partition("}")
    if name in NOT_PROSE:
        return
    parts = parse_directive_text(AnyDirective, argument, token.content)
    titles = [] if name in NAMES else parts.arguments
    for text in [*titles, *parts.options.values()]:
        for inline in parser.parseInline(text):
            yield _passage(parser, inline, text, line)
    body, before = "\n".join(parts.body), line + parts.body_offset
    yield from passages(parser, body, before, guesses=name == "question")


def said_by_cells(parser: MarkdownIt, markdown: str) -> Iterator[Passage]:
    """The captions and the words of a page's figures and tables, see ``said_by_cell``."""
    for token in parser.parse(markdown):
        if token.type in ("fence", "colon_fence") and token.info.startswith("{code-cell}"):
            yield from said_by_cell(token.content, token.map[0] + 1)


def said_by_cell(cell: str, before: int) -> Iterator[Passage]:
    """The captions and the words of a cell's figures and tables, without the values formatted into them.

    Args:
        cell: its source.
        before: how many lines of the page stand above it.
    """
    options = re.match(r"---\n.*?^---\n|(?::[^\n]*\n)*", cell, re.DOTALL | re.MULTILINE)[0]
    try:
        tree = ast.parse(TransformerManager().transform_cell(cell[len(options) :]))
    except SyntaxError:  # executing it says so
        return
    before += options.count("\n")
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and SHOWING.fullmatch(ast.unparse(call.func)):
            for said in [*call.args[1:], *(keyword.value for keyword in call.keywords)]:
                yield from _strings(said, tree, before, frozenset())


def _strings(said: ast.AST, tree: ast.AST, before: int, known: frozenset) -> Iterator[Passage]:
    """What a cell says in an expression: its strings, and those that it gave to its variables."""
    match said:
        case ast.Constant(value=str(text)):
            yield Passage(text, text, before + said.lineno)
        case ast.JoinedStr(values=parts):
            text = "".join(p.value if isinstance(p, ast.Constant) else HIDDEN for p in parts)
            tells = any(isinstance(p, ast.FormattedValue) for p in parts)
            yield Passage(text, text, before + said.lineno, tells)
        case ast.Call(func=call) if ast.unparse(call) == "page.say":
            return  # a claim's words, which it holds itself
        case ast.Name(id=name) if name not in known:
            for node in ast.walk(tree):
                match node:
                    case ast.Assign(targets=[ast.Name(id=to)], value=value) if to == name:
                        yield from _strings(value, tree, before, known | {name})
                    case ast.AugAssign(target=ast.Name(id=to), value=value) if to == name:
                        yield from _strings(value, tree, before, known | {name})
                    case ast.Call(func=ast.Attribute(value=ast.Name(id=to)), args=given) if (
                        to == name
                    ):
                        for value in given:
                            yield from _strings(value, tree, before, known | {name})
        case _:
            for part in ast.iter_child_nodes(said):
                yield from _strings(part, tree, before, known)


def _text(parser: MarkdownIt, token: Token) -> str:
    """What readers read of a token; a formula that is only a number is one."""
    if token.type == "text":
        return token.content
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    if token.type in ("inline", "image"):
        return "".join(_text(parser, child) for child in token.children or ())
    if token.type == "myst_role" and token.meta["name"] == "originals":
        return "".join(_text(parser, inline) for inline in parser.parseInline(token.content))
    if token.type == "math_inline":
        plain = re.sub(r"\\[,;:! ]|~", " ", token.content).replace(r"\%", "%").strip()
        return plain if re.fullmatch(r"[-+]?[\d.,]+\s*%?", plain) else HIDDEN
    return "" if token.type == "html_inline" or token.nesting or not token.content else HIDDEN


def faults(
    parser: MarkdownIt,
    markdown: str,
    listed: dict[str, str],
    *,
    cells: bool = True,
    words: bool = True,
) -> Iterator[tuple[int, str]]:
    """What is wrong with the numbers of a page, and with its words about results.

    Args:
        parser: MyST's.
        markdown: the page's source.
        listed: why a number or a word may be typed, by the words around it.
        cells: whether what cells say of figures and tables counts.
        words: whether words about results do.

    Yields:
        The line (0 for what is wrong with the list) and what is wrong.
    """
    found = dict.fromkeys(listed, 0)
    contexts = {words: _anywhere(words) for words in listed}
    said = said_by_cells(parser, markdown) if cells else ()
    for passage in [*passages(parser, markdown), *said]:
        allowed = []
        numbers = list(MEASURED.finditer(passage.text))
        if words and passage.tells:
            numbers += _about_results(passage.text, numbers)
        for around, context in contexts.items():
            for place in context.finditer(passage.text):
                inside = [
                    n for n in numbers if place.start() <= n.start() and n.end() <= place.end()
                ]
                allowed += inside
                found[around] += bool(inside)
        for number in numbers:
            if number not in allowed:
                what = TYPED if number.re is MEASURED else WORD_OF_RESULTS
                yield passage.line_of(number), f"{what}: {' '.join(number[0].split())!r}"
    for around, times in found.items():
        if times != 1:
            yield (
                0,
                f"{around!r} was expected once on the page, around a number, but is there {times} times",
            )


def _about_results(text: str, numbers: list[re.Match]) -> Iterator[re.Match]:
    """The words of a text that compare, count or quantify, and are no part of these numbers."""
    for kind, match in lexicon.words(text):
        if kind == "ratio" and HIDDEN in match[0] and not match["measure"]:
            continue  # a glued number of times
        if not any(n.start() < match.end() and match.start() < n.end() for n in numbers):
            yield match


def _anywhere(words: str) -> re.Pattern:
    """A pattern for some words, whatever blanks and ends of lines are between them."""
    return re.compile(r"\s+".join(map(re.escape, words.split())))


def read_list(path: Path) -> dict[str, dict[str, str]]:
    """The numbers that may be typed: for each page their words in context, with the reason.

    Raises:
        ConfigError: it's no such list.
    """
    if not path.exists():
        return {}
    try:
        listed = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: {error}") from None
    pages = listed.values() if isinstance(listed, dict) else [None]
    for page in pages:
        reasons = page.values() if isinstance(page, dict) else [None]
        if not all(isinstance(text, str) and text for text in [*(page or []), *reasons]):
            raise ConfigError(
                f"{path}: expected 'page: {{words around the number: reason}}', all text"
            )
    return listed


def outdated(app: Sphinx, env: BuildEnvironment, added, changed, removed) -> list[str]:
    """The pages whose part of the list has changed; warn of parts without a page."""
    name = app.config.groundup_typed_numbers
    app.groundup_typed_numbers = read_list(Path(app.srcdir, name))
    for docname in sorted(app.groundup_typed_numbers.keys() - env.found_docs):
        logger.warning("%s: there is no page %r: remove its numbers", name, docname)
    return [
        docname
        for docname in env.found_docs
        if env.metadata[docname].get("typed_numbers", {})
        != app.groundup_typed_numbers.get(docname, {})
    ]


def lint(app: Sphinx, docname: str, source: list[str]) -> None:
    """Warn of every number that is typed though it was measured, and of words that no claim holds."""
    name = app.config.groundup_typed_numbers
    listed = app.groundup_typed_numbers.get(docname, {})
    app.env.metadata[docname]["typed_numbers"] = listed
    if not app.env.doc2path(docname).endswith(".md"):
        return
    parser = create_md_parser(app.env.myst_config, RendererHTML)
    parser.disable("linkify", ignoreInvalid=True)  # takes a third of the time, changes no text
    is_new = docname not in app.config.groundup_without_limits
    words = is_new and not numbering.is_draft(docname)
    for line, fault in faults(parser, source[0], listed, cells=is_new, words=words):
        if line:
            cure = CURES[fault.partition(":")[0]]
            logger.warning(
                "%s: %s, or list it in %s with the reason why it's typed",
                fault, cure, name, location=(docname, line),
            )  # fmt: skip
        else:
            logger.warning("%s: %s: %s: correct or remove it", name, docname, fault)


def setup(app: Sphinx) -> None:
    """Add the list's place, and connect to the reading of pages."""
    app.add_config_value("groundup_typed_numbers", "book/typed_numbers.yml", "")
    app.connect("env-get-outdated", outdated)
    app.connect("source-read", lint)
