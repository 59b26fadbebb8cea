"""The tape against central differences, which need no derivation."""

import ast
from pathlib import Path

import numpy as np
import pytest
from numeric import central_differences, relative_error

from groundup import tape
from groundup.tape import Value

RNG = np.random.default_rng(4)
# Operations on values of these shapes; all sizes that may differ do.
OPERATIONS = {
    "sum with broadcasting": (lambda a, b: a + b, (2, 3, 4), (3, 1)),
    "sum with a number": (lambda a: a + 3, (2, 3)),
    "sum from the left": (lambda a: np.ones((4, 2, 3)) + a, (2, 3)),
    "difference": (lambda a, b: a - b, (2, 3), (4, 1, 3)),
    "difference from the left": (lambda a: 1 - a, (2, 3)),
    "lists as operands": (lambda a: 2 - (a - [1, 2, 3]) / [4, 5, 6], (1, 3)),
    "sign": (lambda a: -a, (2, 3)),
    "product with broadcasting": (lambda a, b: a * b, (3, 1), (2, 3, 4)),
    "product from the left": (lambda a: np.arange(3.0) * a, (2, 3)),
    "product with itself": (lambda a: a * a * a, (2, 3)),
    "quotient": (lambda a, b: a / b.exp(), (2, 3), (3,)),
    "quotient from the left": (lambda a: 2 / a.exp(), (2, 3)),
    "quotient by a whole number": (lambda a: a / 7, (2, 3)),
    "power": (lambda a: a.exp() ** -0.5, (2, 3)),
    "matrix product": (lambda a, b: a @ b, (2, 3), (3, 4)),
    "matrix products": (lambda a, b: a @ b, (5, 2, 3), (3, 4)),
    "matrix products with broadcasting": (lambda a, b: a @ b, (5, 1, 2, 3), (6, 3, 4)),
    "matrix product from the left": (lambda a: np.ones((4, 2)) @ a, (2, 3)),
    "sum of all": (lambda a: a.sum(), (2, 3)),
    "sum along an axis": (lambda a: a.sum(1), (2, 3, 4)),
    "sum along several": (lambda a: a.sum((0, -1)), (2, 3, 4)),
    "exp": (lambda a: a.exp(), (2, 3)),
    "log": (lambda a: (a.exp() + 1).log(), (2, 3)),
    "tanh": (lambda a: a.tanh(), (2, 3)),
    "maximum": (lambda a, b: a.maximum(b), (2, 3), (2, 1)),
    "maximum with a number": (lambda a: a.maximum(0.1), (2, 3)),
    "erf": (tape.erf, (2, 3)),
    "slice": (lambda a: tape.take(a, (slice(None, None, 2), -1)), (5, 3)),
    "entries, some twice": (lambda a: tape.take(a, np.array([[0, 2], [2, 2]])), (3, 4)),
    "reshape": (lambda a: tape.reshape(a, (-1, 4)), (2, 3, 4)),
    "transpose": (lambda a: tape.transpose(a, (2, 0, 1)), (2, 3, 4)),
    "join": (lambda a, b: tape.join([a, b, np.ones((2, 1))], 1), (2, 3), (2, 4)),
    "stack": (lambda a, b: tape.stack([a, b, a], 1), (2, 3), (2, 3)),
    "pad": (lambda a: tape.pad(a, [(1, 0), (2, 3)], 5.0), (2, 3)),
    "windows": (lambda a: tape.windows(a, (2, 3), (1, 2)), (2, 4, 5, 3)),
    "largest": (lambda a: tape.largest(a, 1), (2, 3, 4)),
    "where": (lambda a, b: tape.where([True, False, True], a, b), (2, 3), (3,)),
    "one value on several ways": (lambda a: a * (a.tanh() + a.sum(0)).exp(), (2, 3)),
}  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation(operation):
    function, *shapes = OPERATIONS[operation]
    arrays = [RNG.normal(size=shape) for shape in shapes]
    values = [Value(array) for array in arrays]
    y = function(*values)
    upstream = RNG.normal(size=y.data.shape)
    y.backward(upstream)

    def total():
        return (function(*map(Value, arrays)).data * upstream).sum()

    for value, array in zip(values, arrays, strict=True):
        assert relative_error(value.gradient, central_differences(total, array)) <= 1e-8


def test_every_rule_is_tried():
    tried = ast.dump(ast.parse(Path(__file__).read_text()))
    rules = set(tape.__all__) - {"Value", "constant"}
    assert {rule for rule in rules if f"attr='{rule}'" in tried} == rules


def test_of_equal_entries_the_first_gets_the_gradient():
    a, b, c = Value([1.0, 2.0]), Value([1.0, 2.0]), Value([[3.0, 3.0, 1.0]])
    a.maximum(b).backward([5.0, 7.0])
    assert (*a.gradient, *b.gradient) == (5, 7, 0, 0)
    tape.largest(c, 1).backward([[5.0]])
    assert c.gradient.tolist() == [[5, 0, 0]]


def test_a_second_sweep_begins_anew():
    a = Value(3.0)
    y = a * a
    for _ in range(2):
        y.backward()
        assert a.gradient == 6
    (2 * a).backward()
    assert a.gradient == 2


def test_a_long_way_back():
    """Longer than Python's functions may be nested; with as many ways as 2 to its length."""
    a = y = Value(1.0)
    for _ in range(3000):
        y = (y + y) / 2
    y.backward()
    assert a.gradient == 1


def test_the_record_holds_what_the_result_was_made_of_in_order():
    a, b = Value(1.0), Value(2.0)
    unused = a * b
    y = (a + b).tanh() * a
    record = y.recorded()
    assert record[:2] == [a, b]
    assert record[-1] is y
    assert unused not in record
    for value in record:
        assert all(record.index(parent) < record.index(value) for parent, _ in value.parents)


def test_double_precision_and_its_own_memory():
    data = np.ones(2, np.float32)
    a = Value(data)
    data[0] = 5
    assert a.data.dtype == np.float64
    assert a.data.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: Value(["a"]), TypeError, r"^expected real numbers, got array\(\['a'\]"),
        (lambda: Value([1j]), TypeError, "expected real numbers"),
        (lambda: Value(1.0) + "a", TypeError, "expected real numbers"),
        (lambda: Value([1.0, 2.0]) @ np.ones((2, 3)), ValueError, "matrix transpose with ndim < 2"),
        (lambda: Value([1.0, 2.0]).backward(), ValueError,
         r"^expected \(2,\) for a gradient, got \(\)$"),
        (lambda: Value([1.0]).backward([1.0, 2.0]), ValueError, r"got \(2,\)"),
    ],
)  # fmt: skip
def test_what_is_refused(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_the_core_is_a_page():
    assert len(Path(tape.core.__file__).read_text().splitlines()) <= 80


def test_it_knows_nothing_but_numpy():
    for path in Path(tape.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.module in {"groundup.tape.core", "groundup.tape.rules", "collections.abc",
                                       "groundup.tape.operators", "groundup.tape.arrays",
                                       }, path  # fmt: skip
            if isinstance(node, ast.Import):
                assert {n.name for n in node.names} <= {"numpy", "itertools", "math"}, path
