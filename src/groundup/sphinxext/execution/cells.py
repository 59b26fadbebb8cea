"""What the cells of a chapter use, told from their syntax."""

import ast
import dataclasses
import re
import shlex
from collections.abc import Iterable, Iterator

from IPython.core.inputtransformer2 import TransformerManager

from groundup import data
from groundup.runs import syntax

ENVIRONMENT = frozenset({"env", "environ", "environb", "expandvars", "getenv", "printenv"})
# What a shell sets anew for each command.
PASSING = frozenset({"_"})
# What is done to the environment without going through all of it.
ONE_VARIABLE = r"\[|\.(get|getenv|pop|setdefault|update|putenv)\b"
# Code that can do what isn't to be seen in it.
OPAQUE = frozenset({"__import__", "compile", "eval", "exec", "get_ipython"})


@dataclasses.dataclass(frozen=True)
class Uses:
    """What the cells of a chapter take from elsewhere, as far as they say it themselves.

    Args:
        names: dotted names, see ``syntax.references``.
        words: the names of data sets that stand in the cells.
        opaque: whether they can use more than is to be seen, so that all of ours counts.
        strings: what can be the name of a file in them.
        variables: what can be the name of a variable of the environment, if they read any; with a star at
            its end, what names can begin with.
    """

    names: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    opaque: bool = False
    strings: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()


def use(cells: Iterable[str]) -> Uses:
    """What the source of a chapter's cells uses."""
    whole, opaque = ast.Module([], []), False
    for cell in cells:
        try:
            whole.body += ast.parse(TransformerManager().transform_cell(cell)).body
        except SyntaxError:
            opaque = True
    called = {node.id for node in ast.walk(whole) if isinstance(node, ast.Name)}
    opaque |= bool(called & OPAQUE) or syntax.imports_by_computed_name(ast.walk(whole))
    try:
        names = syntax.references(whole)
    except ImportError:  # relative imports, which a notebook can't have
        names, opaque = frozenset(), True
    return Uses(
        names,
        frozenset(words(whole)),
        opaque,
        frozenset(_strings(whole)),
        frozenset(variables(whole)),
    )


def words(tree: ast.AST) -> set[str]:
    """The names of data sets that stand in code."""
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return strings & set(data.names())


def _constants(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _strings(tree: ast.AST) -> Iterator[str]:
    """What can name a file: strings, and the words of those that can be commands."""
    for text in _constants(tree):
        if 0 < len(text) < 256 and text.isprintable():
            yield text
        yield from (word for word in _words_of_command(text) if 0 < len(word) < 256)


def _words_of_command(text: str) -> Iterator[str]:
    """What a shell takes for words, whatever is glued to them; ``--of=x`` has ``x`` too."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars="();<>|&`")
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        found = list(lexer)
    except ValueError:  # a quotation that has no end
        found = re.split(r"[\s();<>|&`'\"]+", text)
    for word in found:
        yield word
        yield from word.split("=")[1:]
        if word != text and re.search(r"[\s<>|;]", word):  # sh -c "…"
            yield from _words_of_command(word)


def variables(tree: ast.AST) -> set[str]:
    """What can name a variable of the environment, in code that reads any, and in commands."""
    texts = set(_constants(tree))
    texts |= {word for text in texts if "printenv" in text for word in _words_of_command(text)}
    found = {name for text in texts for name in re.findall(r"\$\{?([A-Za-z_]\w*)", text)}
    named = {getattr(node, "attr", getattr(node, "id", None)) for node in ast.walk(tree)}
    named |= {alias.name for node in ast.walk(tree) for alias in getattr(node, "names", [])
              if isinstance(alias, ast.alias)}  # fmt: skip
    if not ENVIRONMENT & (named | texts):
        return found - PASSING
    found |= {text for text in texts if re.fullmatch("_*[A-Z][A-Z0-9_]*", text)}
    for node in ast.walk(tree):  # other names only where they're surely meant
        if isinstance(node, ast.Subscript | ast.Call):
            taken = node.value if isinstance(node, ast.Subscript) else node.func
            if re.search(r"\benviron\b|\bgetenv$", ast.unparse(taken)):
                found |= {t for t in _constants(node) if t and "=" not in t and "\0" not in t}
    if re.search(rf"\benvironb?\b(?!{ONE_VARIABLE})", ast.unparse(tree)):
        found |= {f"{text}*" for text in texts if re.fullmatch(r"_*[A-Za-z]\w+", text)}
    return found - PASSING


def together(one: Uses, other: Uses) -> Uses:
    """What cells and other code of theirs use."""
    return Uses(
        one.names | other.names,
        one.words | other.words,
        one.opaque or other.opaque,
        one.strings,  # relative to its folder
        one.variables | other.variables,
    )
