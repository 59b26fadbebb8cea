r"""Reads the book's display equations and computes what they say.

``parse`` makes statements of LaTeX, each a chain of sides; ``evaluate`` computes a side from the values
of its names. These are numbers, NumPy arrays or SymPy symbols, so it gives numbers as well as formulas.
What LaTeX leaves open is settled like this:

- A ``Vocabulary`` says what is a name and what is a function: ``dW`` is one name if it says so, else a
  product; ``f(x)`` is a call if f is among its functions, else a product. Anything else is an error.
- Subscripts are indices: ``x_{ij}`` and ``x_{i,j}`` are an entry (of numbers, ``x_{1,2}`` only), ``x_i`` of a matrix is a row. They
  count from one; an array that counts from zero along some axes is given as ``Counted``. A subscript that
  is no index belongs to its name, as in ``\beta_1``, if the vocabulary has this.
- ``W^{[l]}`` is entry l of a dictionary by layers. Any other superscript is a power, but for ``\top``.
- Juxtaposition multiplies; between two arrays it is the matrix product. ``\odot`` is the product entry by
  entry. A sum, a derivative ``\frac{\partial}{\partial w}`` or a maximum takes in the rest of its term.
  ``\log x y`` could mean two things and is refused, as is what follows a ``/ x``.
- ``\sum_j`` without bounds runs over the ``range`` that is the value of j.
- A value that is a Python function belongs to a name that depends on others: it gets all values.
"""

import functools
import itertools
import math
import operator
import re
from collections.abc import Mapping
from typing import NamedTuple

import lark
import numpy as np
import sympy

GRAMMAR = r"""
display: statement ("," statement)* ("." | ",")?
statement: expression (RELATION expression)*

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
    | "\\begin{pmatrix}" row ("\\\\" row)* "\\end{pmatrix}"            -> matrix
    | "\\begin{cases}" case ("\\\\" case)* "\\end{cases}"              -> cases
row: expression ("&" expression)*
case: expression ","? "&" (_IF? expression COMPARISON expression | _OTHERWISE) ("," | ".")?

symbol: NAME layer? subscript? | NAME subscript layer
layer: _LAYER expression "]" TOP? "}"
power: _POWER script
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

# What a function does to numbers, and what to SymPy's.
STANDARD = {
    r"\log": (np.log, sympy.log),
    r"\exp": (np.exp, sympy.exp),
    r"\sin": (np.sin, sympy.sin),
    r"\cos": (np.cos, sympy.cos),
    r"\tanh": (np.tanh, sympy.tanh),
    r"\sqrt": (np.sqrt, sympy.sqrt),
    r"\lfloor": (np.floor, sympy.floor),
    r"\max": (np.maximum, sympy.Max),
    r"\min": (np.minimum, sympy.Min),
}
OPERATORS = {r"\sum": operator.add, r"\prod": operator.mul}
COMPARISONS = {"<": operator.lt, ">": operator.gt, r"\le": operator.le, r"\ge": operator.ge}
CONSTANTS = {"e": math.e, r"\pi": math.pi}


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
    r"""A chain of sides, with ``=`` or ``\leftarrow`` between them."""

    sides: list[lark.Tree]
    relations: list[str]


class Counted(NamedTuple):
    """An array whose axes count from the numbers in ``first``."""

    array: np.ndarray
    first: tuple[int, ...]


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
    grammar = GRAMMAR
    for place, names in {
        "@FUNCTIONS@": vocabulary.functions | STANDARD.keys(),
        "@STANDARD@": STANDARD.keys() - {r"\sqrt", r"\lfloor"},
        "@NAMES@": vocabulary.names | vocabulary.functions,
    }.items():
        longest_first = sorted(names, key=lambda name: (-len(name), name))
        grammar = grammar.replace(place, "|".join(map(_pattern, longest_first)))
    return lark.Lark(grammar, parser="lalr", start="display")


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


def _key(name: str) -> str:
    """A name without what doesn't matter."""
    return re.sub(r"[\s{}]", "", name)


def evaluate(tree: lark.Tree, values: Mapping, **indices: range):
    """What a side comes to; if it has free indices, for all of them, as an array with an axis for each.

    Args:
        tree: the side.
        values: for each name a number, a SymPy symbol, an array, a ``Counted`` array, a ``range`` for a
            sum without bounds, a dictionary by layers, or a Python function of all values, but not of
            indices; for each function that is called, a Python function of its arguments.
        **indices: what each free index runs over.

    Raises:
        LatexError: a name has no value, an index is outside its array, or shapes don't fit.
    """
    named = {**CONSTANTS, **{_key(name): value for name, value in values.items()}}
    whole = _Evaluation(named, {}, {})
    places = itertools.product(*indices.values())
    try:
        with np.errstate(divide="raise", invalid="raise"):
            found = [whole.at(zip(indices, place, strict=True))(tree) for place in places]
    except (ArithmeticError, TypeError, ValueError) as error:
        raise LatexError(f"can't compute: {error}") from error
    if not indices:
        return found[0]
    return np.array(found).reshape((*map(len, indices.values()), *np.shape(found[0])))


class _Evaluation:
    """Computes a tree, by one method for each kind of node.

    Args:
        values: the names' values.
        computed: those that have been computed from others.
        indices: the numbers where the indices stand.
    """

    def __init__(self, values: dict, computed: dict, indices: dict):
        self.values, self.computed, self.indices = values, computed, indices

    def at(self, places) -> "_Evaluation":
        """The same with more indices."""
        return _Evaluation(self.values, self.computed, self.indices | dict(places))

    def __call__(self, tree):
        return getattr(self, tree.data)(*tree.children)

    def number(self, digits):
        return float(digits) if "." in digits else int(digits)

    def value(self, name):
        """The value of a name, as the caller gave it."""
        if name in self.indices:
            return self.indices[name]
        if _key(name) not in self.values:
            raise LatexError(f"there is no value for {name}")
        value = self.values[_key(name)]
        if not callable(value):
            return value
        if name not in self.computed:
            self.computed[name] = value(self.values)
        return self.computed[name]

    def symbol(self, name, *scripts):
        value = self.value(name)
        scripts = {script.data: script.children for script in scripts}
        layer, *top = scripts.get("layer", (None,))
        if isinstance(value, Mapping) != bool(layer) or (layer and self(layer) not in value):
            raise LatexError(f"{name} is wanted of layer {layer and self(layer)}")
        value = value[self(layer)] if layer else value
        if isinstance(value, range):
            raise LatexError(f"{name} runs over a range; here it must be one number")
        array = value.array if isinstance(value, Counted) else value
        if "subscript" in scripts:
            array = array[self.place(name, value, scripts["subscript"])]
        return array.T if top else array

    def place(self, name, value, subscript) -> tuple[int, ...]:
        """Where in an array its subscripts point."""
        if len(subscript) == 1 and subscript[0].data == "product":
            subscript = subscript[0].children  # x_{ij} is x_{i,j}
        indices = [operator.index(self(index)) for index in subscript]
        first = value.first if isinstance(value, Counted) else (1,) * np.ndim(value)
        shape = np.shape(value.array if isinstance(value, Counted) else value)
        places = tuple(i - start for i, start in zip(indices, first, strict=False))
        if len(indices) > len(shape) or not all(0 <= i < n for i, n in zip(places, shape)):  # noqa: B905
            raise LatexError(
                f"{name} of shape {shape} has no entry {indices}, counted from {first}"
            )
        return places

    def sum(self, *parts):
        total, sign = 0, 1
        for part in parts:
            if isinstance(part, lark.Token):
                sign = {"+": 1, "-": -1}[part]
            else:
                total, sign = total + sign * self(part), 1
        return total

    def product(self, *factors):
        return functools.reduce(_times, map(self, factors))

    def hadamard(self, *factors):
        arrays = [self(factor) for factor in factors]
        if len(shapes := {np.shape(array) for array in arrays}) > 1:
            raise LatexError(f"an elementwise product of shapes {shapes}")
        return functools.reduce(np.multiply, arrays)

    def fraction(self, above, below):
        return np.true_divide(self(above), self(below))

    def power(self, exponent):
        return self(exponent)

    def raised(self, base, power):
        if base == lark.Tree("symbol", ["e"]):
            return _apply(r"\exp", self(power))
        if np.ndim(self(base)) > 1:
            raise LatexError("a power of a matrix: of its entries, or a product?")
        return self(base) ** self(power)

    def transposed(self, inner):
        return self(inner).T

    def root(self, inner):
        return _apply(r"\sqrt", self(inner))

    def floor(self, inner):
        return _apply(r"\lfloor", self(inner))

    def absolute(self, inner):
        return abs(self(inner))

    def call(self, name, *arguments):
        arguments = [self(argument) for argument in arguments]
        if name in STANDARD:
            return _apply(name, *arguments)
        if _key(name) not in self.values:
            raise LatexError(f"there is no value for the function {name}")
        return self.values[_key(name)](*arguments)

    def application(self, name, *parts):
        *power, argument = parts
        value = _apply(name, self(argument))
        return value ** self(*power) if power else value

    def reduction(self, operation, bounds, term):
        names, places = getattr(self, bounds.data)(*bounds.children)
        for name in names:
            if name in self.indices or not isinstance(self.values.get(name, range(0)), range):
                raise LatexError(f"the index {name} is taken already")
        terms = [self.at(zip(names, place, strict=True))(term) for place in places]
        if not terms:
            raise LatexError(f"{operation} over {', '.join(names)} has no terms")
        if operation in OPERATORS:
            return functools.reduce(OPERATORS[operation], terms)
        return _apply(operation, *terms)

    def from_to(self, name, start, stop):
        return [name], [(i,) for i in range(self(start), self(stop) + 1)]

    def declared(self, name):
        if not isinstance(self.value(name), range):
            raise LatexError(f"there is no range for the index {name}")
        return [name], [(i,) for i in self.value(name)]

    def members(self, *parts):
        *names, numbers = parts
        members = [self(number) for number in numbers.children]
        return names, itertools.product(members, repeat=len(names))

    def derivative(self, function, variable):
        """By SymPy: a symbol takes the place of the one number that changes."""
        name, *scripts = variable.children
        at, symbol = self(variable), sympy.Dummy()
        changed = value = self.value(name)
        if scripts:
            changed = np.array(value, dtype=object)
            changed[self.place(name, value, scripts[0].children)] = symbol
        else:
            changed = symbol
        changing = _Evaluation(self.values | {_key(name): changed}, {}, self.indices)(function)
        if np.ndim(changing):
            raise LatexError(f"the derivative of an array by {name}")
        found = sympy.diff(changing, symbol).subs(symbol, at)
        return float(found) if found.is_number else found

    def derivative_of(self, variable, function):
        return self.derivative(function, variable)

    def matrix(self, *rows):
        return np.array([[self(entry) for entry in row.children] for row in rows])

    def cases(self, *cases):
        """The value of the first case whose condition holds, entry by entry."""
        value = np.nan
        for case in reversed(cases):
            here, *condition = case.children
            if not condition:
                value = self(here)
                continue
            left, comparison, right = condition
            holds = COMPARISONS[comparison](self(left), self(right))
            if isinstance(holds, sympy.Basic):
                value = sympy.Piecewise((self(here), holds), (value, True))
            else:
                value = np.where(holds, self(here), value)[()]
        return value


def _times(a, b):
    return a @ b if np.ndim(a) and np.ndim(b) else a * b


def _apply(name: str, *arguments):
    """A standard function, entry by entry, of numbers or of SymPy's; a maximum or minimum of any many."""
    numeric, symbolic = STANDARD[name]
    of_many = name in (r"\max", r"\min")
    if not of_many and len(arguments) > 1:
        raise LatexError(f"{name} of {len(arguments)} numbers")
    if any(np.asarray(argument).dtype == object for argument in arguments):
        return np.frompyfunc(symbolic, len(arguments), 1)(*arguments)
    return functools.reduce(numeric, arguments) if of_many else numeric(*arguments)
