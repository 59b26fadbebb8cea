r"""Computes what equations say, from the values of their names.

These are numbers, NumPy arrays or SymPy symbols, so one evaluation gives numbers and formulas. Its rules:

- ``x_{ij}`` and ``x_{i,j}`` are an entry, ``x_i`` of a matrix is a row; numbers need their comma, as in
  ``x_{1,2}``. They count from one; an array that counts from zero along some axes is a ``Counted``.
- ``W^{[l]}`` is entry l of a dictionary by layers.
- A product of two arrays is the matrix product; ``\odot`` is the product entry by entry.
- ``\sum_j`` without bounds runs over the ``range`` that is the value of j.
- A value that is a Python function belongs to a name that depends on others: it gets all values, but no
  indices.
- What is drawn at random is a ``Drawn``: its values in all cases, which are equally likely. It can stand
  only in an expectation, ``\operatorname{E}``, or a variance, ``\operatorname{Var}``, which are exact.
"""

import functools
import itertools
import math
import operator
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import lark
import numpy as np
import sympy
from tests.equations.latex import OF_MANY, LatexError

EXPECTATION, VARIANCE = r"\operatorname{E}", r"\operatorname{Var}"
# What a function does to numbers, and what to SymPy's.
FUNCTIONS = {
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
AVERAGES = (EXPECTATION, VARIANCE)
OPERATORS = {r"\sum": operator.add, r"\prod": operator.mul}
COMPARISONS = {"<": operator.lt, ">": operator.gt, r"\le": operator.le, r"\ge": operator.ge}
CONSTANTS = {"e": math.e, r"\pi": math.pi}


class Counted(NamedTuple):
    """An array whose axes count from the numbers in ``first``."""

    array: np.ndarray
    first: tuple[int, ...]


class Drawn(NamedTuple):
    """What is drawn at random: its value in each of some cases, all equally likely.

    What is drawn together has its cases in the same order.
    """

    cases: Sequence


def evaluate(tree: lark.Tree, values: Mapping, **indices: range):
    """What a side comes to; if it has free indices, for all of them, as an array with an axis for each.

    Args:
        tree: the side.
        values: for each name a number, a SymPy symbol, an array, a ``Counted`` array, a ``range`` for a
            sum without bounds, a dictionary by layers, a ``Drawn``, or a Python function of all values,
            but not of indices; for each function that is called, a Python function of its arguments.
        **indices: what each free index runs over.

    Raises:
        LatexError: a name has no value, an index is outside its array, shapes don't fit, or a value
            isn't a number.
    """
    whole = _Evaluation({**CONSTANTS, **values}, {}, {})
    places = itertools.product(*indices.values())
    try:
        with np.errstate(divide="raise", invalid="raise"):
            found = [whole.at(zip(indices, place, strict=True))(tree) for place in places]
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
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
        case: which of the cases it is, of what is drawn at random; None outside of an expectation.
    """

    def __init__(self, values: dict, computed: dict, indices: dict, case: int | None = None):
        self.values, self.computed, self.indices, self.case = values, computed, indices, case

    def at(self, places) -> "_Evaluation":
        """The same with more indices."""
        return _Evaluation(self.values, self.computed, self.indices | dict(places), self.case)

    def __call__(self, tree):
        return getattr(self, tree.data)(*tree.children)

    def number(self, digits):
        return float(digits) if "." in digits else int(digits)

    def value(self, name):
        """The value of a name, as the caller gave it."""
        if name in self.indices:
            return self.indices[name]
        if name not in self.values:
            raise LatexError(f"there is no value for {name}")
        value = self.values[name]
        if isinstance(value, Drawn):
            if self.case is None:
                raise LatexError(f"{name} is drawn at random: it stands in an expectation only")
            return value.cases[self.case]
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
        array, first = value if isinstance(value, Counted) else (value, (1,) * np.ndim(value))
        if "subscript" in scripts:
            array = array[self.place(name, np.shape(array), first, scripts["subscript"])]
        return array.T if top else array

    def place(self, name, shape, first, subscript) -> tuple[int, ...]:
        """Where in an array its subscripts point."""
        if len(subscript) == 1 and subscript[0].data == "product":
            subscript = subscript[0].children  # x_{ij} is x_{i,j}
        indices = [operator.index(self(index)) for index in subscript]
        places = tuple(map(operator.sub, indices, first))
        if len(indices) > len(shape) or not all(map(operator.contains, map(range, shape), places)):
            raise LatexError(f"{name}, {shape}, has no entry {indices}, counted from {first}")
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

    def raised(self, base, exponent):
        if base == lark.Tree("symbol", ["e"]):
            return _apply(r"\exp", self(exponent))
        if np.ndim(self(base)) > 1:
            raise LatexError("a power of a matrix: of its entries, or a product?")
        return self(base) ** self(exponent)

    def transposed(self, inner):
        return self(inner).T

    def root(self, inner):
        return _apply(r"\sqrt", self(inner))

    def floor(self, inner):
        return _apply(r"\lfloor", self(inner))

    def absolute(self, inner):
        return abs(self(inner))

    def norm(self, inner):
        if np.ndim(vector := self(inner)) != 1:
            raise LatexError("the length of what isn't a vector")
        return _apply(r"\sqrt", vector @ vector)

    def call(self, name, *arguments):
        if name in AVERAGES:
            return self.average(name, *arguments)
        arguments = [self(argument) for argument in arguments]
        if name in FUNCTIONS:
            return _apply(name, *arguments)
        if name not in self.values:
            raise LatexError(f"there is no value for the function {name}")
        return self.values[name](*arguments)

    def average(self, name, inner, *others):
        """The expectation or the variance of a side, over all cases of what is drawn at random."""
        counts = {len(v.cases) for v in self.values.values() if isinstance(v, Drawn)}
        if others or len(counts) != 1:
            raise LatexError(f"{name} of {1 + len(others)} sides over {sorted(counts)} cases")
        cases = range(counts.pop())
        found = [_Evaluation(self.values, {}, self.indices, case)(inner) for case in cases]
        mean = sum(found) / len(found)
        if name == EXPECTATION:
            return mean
        return sum((value - mean) ** 2 for value in found) / len(found)

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
        changed, scripts = symbol, {script.data: script.children for script in scripts}
        layers = self.value(name) if "layer" in scripts else None
        layer = self(scripts["layer"][0]) if layers else None
        if "subscript" in scripts:
            changed = np.array(layers[layer] if layers else self.value(name), dtype=object)
            first = (1,) * changed.ndim
            changed[self.place(name, changed.shape, first, scripts["subscript"])] = symbol
        if layers:
            changed = {**layers, layer: changed}
        changing = _Evaluation(self.values | {name: changed}, {}, self.indices, self.case)(function)
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
    numeric, symbolic = FUNCTIONS[name]
    if name not in OF_MANY and len(arguments) > 1:
        raise LatexError(f"{name} of {len(arguments)} numbers")
    if any(np.asarray(argument).dtype == object for argument in arguments):
        return np.frompyfunc(symbolic, len(arguments), 1)(*arguments)
    return functools.reduce(numeric, arguments) if name in OF_MANY else numeric(*arguments)
