"""What tests of equations share: to hold an equation's sides against each other and against the code."""

import importlib
import inspect
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
from tests.equations.chapters import Equation
from tests.equations.evaluation import COMPARISONS, evaluate


def agree(
    equation: Equation,
    values: Mapping,
    *,
    code=None,
    after: Mapping | None = None,
    slack: bool | None = None,
    recurs: bool = False,
    **indices,
):
    r"""Assert that all sides of each of an equation's statements come to the same, or, where ``<``,
    ``\le`` or the like stands between two, that this is so for every entry.

    Args:
        equation: the equation; each of its statements needs two sides, or ``code``.
        values: the names' values, those of the left side as the code or another truth computes them.
        code: what all sides are to come to, besides.
        after: for ``\leftarrow``, the values that the step changes.
        slack: for ``<``, ``\le`` or the like, without which it's None: whether each is to be more than
            an equality, for some entry at least.
        recurs: whether what stands left is computed from its own earlier entries.
        **indices: the range of each free index.
    """
    statements = equation.statements()
    for _, relations in statements:
        compares = any(r in COMPARISONS for r in relations)
        assert compares == (slack is not None), f"{equation.name}: an inequality, or none?"
    for sides, relations in statements:
        assert len(sides) > 1 or code is not None, f"{equation.name} has nothing to compare"
        steps = r"\leftarrow" in relations
        assert steps == (after is not None), f"{equation.name}: a step, or none?"
        assert not steps or len(set(relations)) == 1, f"{equation.name} mixes relations"
        up = {">" in r or "g" in r for r in relations if r in COMPARISONS}
        assert len(up) <= 1, f"{equation.name} goes up and down"
        first = evaluate(sides[0], {**values, **(after or {})}, **indices)
        given = dict(values)
        if sides[0].data == "symbol" and not steps and not recurs:
            del given[sides[0].children[0]]  # what is defined doesn't define itself
        before = first
        for number, (relation, side) in enumerate(zip(relations, sides[1:], strict=True), start=2):
            other = evaluate(side, given, **indices)
            what = f"{equation.name}: side {number - 1} and side {number}"
            if relation in COMPARISONS:
                ordered(before, relation, other, what)
                assert not slack or not _close(before, other).all(), f"{what} are equal"
            else:
                same(before, other, what)
            before = other
        if code is not None:
            same(first, np.asarray(code), f"{equation.name}: the equation and the code")
        if steps and (name := sides[0].children[0]) in after:
            values = {**values, name: after[name]}  # which the next step sees


def same(a: np.ndarray, b: np.ndarray, what: str) -> None:
    """Assert that two arrays have one shape, and entries that differ by rounding only."""
    assert np.shape(a) == np.shape(b), f"{what} have shapes {np.shape(a)} and {np.shape(b)}"
    a, b = np.asarray(a, float), np.asarray(b, float)
    np.testing.assert_allclose(
        a, b, rtol=1e-6, atol=1e-9, equal_nan=False, err_msg=f"{what} differ"
    )


def ordered(a: np.ndarray, comparison: str, b: np.ndarray, what: str) -> None:
    r"""Assert that a comparison holds for every entry, ``<`` and ``>`` by more than rounding."""
    assert np.shape(a) == np.shape(b), f"{what} have shapes {np.shape(a)} and {np.shape(b)}"
    a, b = np.asarray(a, float), np.asarray(b, float)
    holds = np.where(_close(a, b), comparison.startswith("\\"), COMPARISONS[comparison](a, b))
    assert np.all(holds), f"{what}: {a} {comparison} {b} doesn't hold"


def _close(a, b) -> np.ndarray:
    return np.isclose(np.asarray(a, float), np.asarray(b, float), rtol=1e-9, atol=1e-12)


def formula(equation: Equation, **indices: range) -> Callable[[Mapping], object]:
    """The right side of an equation with one statement, as a function of its values."""
    ((sides, relations),) = equation.statements()
    assert {*relations} <= {"="}, f"{equation.name} is no equality: {relations}"
    return lambda values: evaluate(sides[-1], values, **indices)


def marked() -> dict[str, list[Callable]]:
    """The tests that hold each label's equation: those with ``@pytest.mark.equation(label, …)``.

    Each takes the book as its only argument, so that it can be given one with a typo.
    """
    tests = defaultdict(list)
    for test in _tests():
        for mark in getattr(test, "pytestmark", []):
            for label in mark.args if mark.name == "equation" else ():
                tests[label].append(test)
    return tests


def unlabelled() -> dict[str, list[Callable]]:
    """The tests that hold equations without a label, by the words that these come after."""
    tests = defaultdict(list)
    for test in _tests():
        if [*inspect.signature(test).parameters] == ["book"]:
            for words in re.findall(r'book\.after\(\s*"([^"]*)"', inspect.getsource(test)):
                tests[words].append(test)
    return tests


def _tests() -> Iterator[Callable]:
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("test_*.py")):
        name = ".".join(path.relative_to(folder).with_suffix("").parts)
        module = importlib.import_module(f"tests.equations.{name}")
        yield from (test for name, test in vars(module).items() if name.startswith("test_"))
