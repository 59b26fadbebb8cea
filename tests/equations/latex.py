r"""Reads the book's display equations: a grammar of its notation, which takes all of an equation or none.

What LaTeX leaves open is settled by a ``Vocabulary`` and by these rules:

- The vocabulary says what is a name and what is a function: ``dW`` is one name if it says so, else a
  product; ``f(x)`` is a call if f is among its functions, else a product. Anything else is an error.
- Juxtaposition multiplies. A sum, a derivative ``\frac{\partial}{\partial w}`` or a maximum takes in the
  rest of its term. ``\log x y`` could mean two things and is refused, as is ``/ x y``.
- Subscripts are indices, but for those that belong to a name of the vocabulary, as in ``\beta_1``.
- ``W^{[l]}`` is W of layer l; any other superscript is a power, but for ``\top``. The prime of ``g'``
  belongs to the name.
"""

import functools
import re
from typing import NamedTuple

import lark

GRAMMAR = r"""
display: _statements | "\\begin{gathered}" _statements "\\end{gathered}"
    | "\\begin{aligned}" _aligned ("," "\\\\" _aligned)* ("." | ",")? "\\end{aligned}"
_aligned: "&"? over_lines
over_lines: expression ("\\\\"? "&"? (RELATION | COMPARISON) expression)*  -> statement
_statements: statement ("," "\\\\"? statement)* ("." | ",")?
statement: expression ((RELATION | COMPARISON) expression)*

?expression: sum
?sum: SIGN? term (SIGN term)*
?term: product
    | product ("\\odot" factor)+                                       -> hadamard
    | product "/" factor                                               -> fraction
    | product last                                                     -> product
    | last
?product: factor ("\\cdot"? factor)*
?last: OPERATOR bounds term                                            -> reduction
    | "\\frac" "{" "\\partial" "}" "{" "\\partial" symbol "}" term     -> derivative_of
    | FUNCTION power? (factor | last)                                  -> application

?factor: atom
    | atom power                                                       -> raised
    | atom _TRANSPOSE                                                  -> transposed
?atom: symbol
    | NUMBER                                                           -> number
    | CALL _LEFT expression (("," | "\\mid") expression)* _RIGHT       -> call
    | _LEFT expression _RIGHT
    | "{" expression "}"
    | "\\frac" "{" expression "}" "{" expression "}"                   -> fraction
    | "\\frac" "{" "\\partial" factor "}" "{" "\\partial" symbol "}"   -> derivative
    | "\\sqrt" "{" expression "}"                                      -> root
    | "\\lfloor" expression "\\rfloor"                                 -> floor
    | "\\lvert" expression "\\rvert"                                   -> absolute
    | "\\lVert" expression "\\rVert"                                   -> norm
    | "\\begin{pmatrix}" row ("\\\\" row)* "\\end{pmatrix}"            -> matrix
    | "\\begin{cases}" case ("\\\\" case)* "\\end{cases}"              -> cases
row: expression ("&" expression)*
case: expression ","? "&" (_IF? expression COMPARISON expression | _OTHERWISE) ("," | ".")?

symbol: NAME layer? subscript? | NAME subscript layer
layer: _LAYER expression "]" TOP? "}"
?power: _POWER script
subscript: _SUB script | _SUB "{" expression ("," expression)+ "}"
?script: NAME -> symbol | NUMBER -> number | "{" expression "}"
bounds: _SUB "{" NAME "=" expression "}" _POWER script                 -> from_to
    | (_SUB NAME | _SUB "{" NAME "}")                                  -> declared
    | _SUB "{" NAME ("," NAME)* "\\in" set "}"                         -> members
set: "\\{" expression ("," expression)* "\\}"

RELATION: "=" | "\\leftarrow"
COMPARISON: "<" | ">" | /\\[lg]e(?![a-zA-Z])/
SIGN: "+" | "-"
OPERATOR.3: /\\(sum|prod|max|min)(?=\s*_)/
NUMBER: /\d+(\.\d+)?/
TOP: "\\top"
_POWER: /\^(?!\s*\d\.?\d)/
_SUB: /_(?!\s*\d\.?\d)/
_TRANSPOSE.3: /\^\s*(\\top|\{\s*\\top\s*\})/
_LAYER.3: /\^\s*\{\s*\[/
_IF: /\\text\{\s*(if|for|where)\s*\}/
_OTHERWISE: /\\text\{\s*(otherwise|else)[.,]?\s*\}/
_LEFT: /(\\(left|[bB]igg?l?)\s*)?\(/
_RIGHT: /(\\(right|[bB]igg?r?)\s*)?\)/
CALL.2: /(@FUNCTIONS@)(?=\s*(\\(left|[bB]igg?l?)\s*)?\()/
FUNCTION.1: /(@STANDARD@)(?![a-zA-Z])/
NAME.1: /@NAMES@/
%ignore /\s+|\\[,;:! ]|\\q?quad(?![a-zA-Z])/
"""

STANDARD = (r"\log", r"\exp", r"\sin", r"\cos", r"\tanh")
OF_MANY = (r"\max", r"\min")


class LatexError(Exception):
    """LaTeX that can't be read, or not be computed with the given values."""


class Vocabulary(NamedTuple):
    r"""What an equation may speak of.

    Args:
        names: as in LaTeX: ``x``, ``\hat y``, ``dW``, ``\beta_1``.
        functions: ``L``, ``g'``, ``\nabla L``, ``\operatorname{ReLU}``. Where no parenthesis follows, a
            function is a name.
    """

    names: frozenset[str]
    functions: frozenset[str] = frozenset()


def vocabulary(names: str, functions: str = "") -> Vocabulary:
    """The vocabulary of these names and functions, which commas separate."""
    return Vocabulary(*(frozenset(filter(None, text.split(", "))) for text in (names, functions)))


class Statement(NamedTuple):
    r"""A chain of sides, with ``=``, ``\leftarrow`` or signs such as ``<`` and ``\le`` between them."""

    sides: list[lark.Tree]
    relations: list[str]


def parse(
    text: str, vocabulary: Vocabulary, where: str = "LaTeX", line: int = 1
) -> list[Statement]:
    """The statements of a display equation.

    Args:
        text: the LaTeX between the dollar signs.
        vocabulary: its names and functions.
        where: the file, and the label if there is one, for the error.
        line: the line of the file where the text begins.

    Raises:
        LatexError: not all of it can be read; says from where on.
    """
    try:
        display = _parser(vocabulary).parse(text)
    except lark.UnexpectedInput as error:
        ended = isinstance(error, lark.UnexpectedToken) and error.token.type == "$END"
        place = len(text.rstrip()) if ended else error.pos_in_stream
        line += text.count("\n", 0, place)
        column = place - text.rfind("\n", 0, place)
        rest = text[place:].strip().partition("\n")[0] or "the end"
        raise LatexError(f"{where}, line {line}, column {column}: can't read {rest!r}") from None
    return [
        Statement(s.children[::2], [str(r) for r in s.children[1::2]]) for s in display.children
    ]


@functools.cache
def _parser(vocabulary: Vocabulary) -> lark.Lark:
    names = vocabulary.names | vocabulary.functions
    grammar = GRAMMAR
    for place, alternatives in {
        "@FUNCTIONS@": vocabulary.functions | {*STANDARD, *OF_MANY},
        "@STANDARD@": STANDARD,
        "@NAMES@": names,
    }.items():
        longest_first = sorted(alternatives, key=lambda name: (-len(name), name))
        grammar = grammar.replace(place, "|".join(map(_pattern, longest_first)))
    declared = {_letters(name): name for name in names}

    def spelled(token: lark.Token) -> lark.Token:
        """The token as the vocabulary spells it."""
        return token.update(value=declared.get(_letters(token), str(token)))

    callbacks = {"NAME": spelled, "CALL": spelled}
    return lark.Lark(grammar, parser="lalr", start="display", lexer_callbacks=callbacks)


def _pattern(name: str) -> str:
    r"""The ways to write a name: also ``\hat{y}`` for ``\hat y``, ``\beta_{1}`` for ``\beta_1``."""
    if "{" in name:
        return re.escape(name)
    between = "_" if "_" in name else r"\s*"
    first, *second = (
        re.escape(part) + (r"(?![a-zA-Z])" if part.startswith("\\") else "")
        for part in re.split("[ _]", name)
    )
    return first + "".join(rf"{between}(?:{part}|\{{\s*{part}\s*\}})" for part in second)


def _letters(name: str) -> str:
    """A name without what may be left out."""
    return re.sub(r"[\s{}]", "", name)
