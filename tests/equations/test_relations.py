r"""Each relation in an equation is held by its meaning: strict or not, which way, an equality or none.

Every one, also in the conditions of cases, is exchanged alone; then one of the tests that hold this
equation must fail, because it looks at the border itself.
"""

import re

import pytest
from tests.equations import chapters
from tests.equations.checks import marked, unlabelled
from tests.equations.latex import LatexError

BOOK = chapters.read()
OTHERS = {
    "<": [r"\le ", ">"],
    ">": [r"\ge ", "<"],
    r"\le": ["<", r"\ge "],
    r"\ge": [">", r"\le "],
    "=": [r"\le "],
}
RELATION = re.compile(r"<|>|\\[lg]e(?![a-zA-Z])|=")

# What may be exchanged, for both forms say the same: the two cases have one value at the border.
EQUAL = {
    ("leaky-relu", ">", r"\ge "): "z and α z are both 0 at z = 0",
    ("elu", ">", r"\ge "): "z and α (e^z - 1) are both 0 at z = 0",
    ("triangle", "<", r"\le "): "both lines are at the peak where they meet",
}


def exchanged(latex):
    """The LaTeX with one relation exchanged, for each place and each other relation."""
    for found in RELATION.finditer(latex):
        start, end = found.span()
        if re.search(r"_\{\w$", latex[:start]):  # j=1 below a sum states nothing
            continue
        for other in OTHERS[found[0]]:
            yield found[0], other, latex[:start] + other + latex[end:]


def holding(equation):
    if equation.label:
        return marked()[equation.label]
    found = unlabelled().items()
    return [test for words, tests in found if BOOK.after(words) == equation for test in tests]


def noticed(equation, latex) -> bool:
    wrong = BOOK.rewritten(equation, latex)
    for test in holding(equation):
        try:
            test(wrong)
        except (AssertionError, LatexError):
            return True
    return False


@pytest.mark.parametrize("equation", BOOK.equations, ids=lambda equation: equation.name)
def test_every_relation_is_held(equation):
    for relation, other, latex in exchanged(equation.latex):
        equal = (equation.label, relation, other) in EQUAL
        assert noticed(equation, latex) != equal, f"{relation} → {other} in {equation.name}"


def test_what_is_equal_stands_in_the_book():
    found = {(e.label, *parts[:2]) for e in BOOK.equations for parts in exchanged(e.latex)}
    assert EQUAL.keys() <= found
