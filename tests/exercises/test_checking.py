"""What a check does with an attempt, whatever the exercise."""

import sys
from fractions import Fraction

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from tests.exercises import handed_in

from groundup import trace
from groundup.exercises.checking import (
    NOTHING_YET,
    Hint,
    Result,
    accuracies,
    alike,
    called,
    check,
    numbers,
    parts,
    rounded,
    trained,
)


@check
def seven(number):
    """The number seven."""
    if numbers(number, called="the number") != 7:
        raise Hint("it's one more than six")


@check
def doubled(function):
    """A function that doubles a vector."""
    if not np.allclose(numbers(function(np.ones(3)), (3,), "the vector"), 2):
        raise Hint("twice as much")


def attempt(source: str):
    """A function as a reader writes it in a cell."""
    names = {}
    exec(compile(source, "a cell", "exec"), {"np": np}, names)
    return names["f"]


@pytest.mark.parametrize(
    "number", [7, 7.0, "7", Fraction(7), 7 + 0j, np.float32(7), np.array([[7]]), [7]]
)
def test_a_right_answer_counts_in_every_form(number):
    result = seven(number)
    assert result.passed
    assert repr(result) == "✓ right"


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (6, "it's one more than six"),
        (None, "the number is None; a function gives back what stands after return"),
        ([7, 7], "the number is to be of shape (), one number, and this is of shape (2,)"),
        ("seven", "the number is to be made of numbers, and this is a str 'seven'"),
        ([[1], [2, 3]], "the number is to be made of numbers, and this is a list [[1], [2, 3]]"),
        (7 + 1j, "the number is to be made of numbers, and this is a complex (7+1j)"),
        (float("nan"), "the number isn't finite; is something divided by zero, or too large?"),
    ],
)
def test_a_wrong_answer_gets_a_hint(number, hint):
    result = seven(number)
    assert not result.passed
    assert repr(result) == f"○ not yet: {hint}"


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    ...\n    return ...",
        "def f(x):\n    return [..., 2, 2]",
        "def f(x):\n    a = ...\n    return a * x",
        "f = ...",
    ],
)
def test_what_is_not_filled_in_is_said(source):
    assert doubled(attempt(source)).hint == NOTHING_YET


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        (
            "def f(x):\n    raise KeyError('nobody')",
            "your function raised KeyError: 'nobody' (line 2)",
        ),
        (  # where it happened, and not where that was called
            "def f(x):\n    def inner(x):\n        return x.reshape(7)\n    return inner(x)",
            "your function raised ValueError: cannot reshape array of size 3 into shape (7,) (line 3)",
        ),
        ("def f(x, y):\n    pass", "your function raised TypeError: f() missing 1 required"),
        ("f = lambda x: [1] / 0", "your function raised TypeError: unsupported operand type(s)"),
        ("class f:\n    __call__ = None", "your function raised TypeError"),
    ],
)
def test_what_a_function_raises_becomes_a_hint(source, hint):
    assert doubled(attempt(source)).hint.startswith(hint)


def test_the_line_is_the_readers_own():
    def halved(x):
        return x.reshape(7)

    hint = doubled(halved).hint
    assert "cannot reshape array of size 3 into shape (7,)" in hint
    assert "(line " in hint
    assert hint.endswith(": return x.reshape(7))")


@pytest.mark.parametrize("function", [2, "twice"])
def test_what_cannot_be_used_becomes_a_hint(function):
    assert "the check can't use this: it raised TypeError" in doubled(function).hint


def test_a_call_without_an_answer_becomes_a_hint():
    assert "missing 1 required positional argument: 'number'" in seven().hint


def test_an_interrupt_stays_one():
    def interrupted(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        doubled(interrupted)


def test_the_line_on_a_page_is_safe_and_says_its_state():
    html = Result("seven", "a < b")._repr_html_()
    assert html == (
        '<p class="check not-yet"><span class="check-mark" aria-hidden="true">○</span> '
        "not yet: a &lt; b</p>"
    )
    assert '<p class="check passed">' in Result("seven", None)._repr_html_()


def test_a_check_leaves_a_trace(monkeypatch):
    left = []
    monkeypatch.setattr(trace, "leave", lambda kind, **facts: left.append((kind, facts)))
    seven(7)
    seven(6)
    name = "test_checking.seven"
    assert left == [
        ("exercise", {"check": name, "passed": True, "hint": None}),
        ("exercise", {"check": name, "passed": False, "hint": "it's one more than six"}),
    ]


def test_a_notebook_shows_the_line_once(capsys):
    shell = InteractiveShell()
    shell.run_cell("from groundup.exercises.foundations import neuron\nneuron.one_step(0.5)")
    assert capsys.readouterr().out.count("✓ right") == 1


def test_a_notebook_names_the_line_of_its_cell(capsys):
    shell = InteractiveShell()
    shell.run_cell(
        "from groundup.exercises.foundations import neuron\n\ndef solve(x, y):\n    return x + 'a'\n\n"
        "neuron.lowest_point(solve)"
    )
    said = capsys.readouterr()
    assert "○ not yet: your function raised " in said.out
    assert "(line 4: return x + 'a')" in said.out
    assert "Traceback" not in said.out + said.err


def test_what_is_computed_may_be_off_by_what_single_precision_rounds():
    truth = np.array([1000.0, 0.001])
    assert alike(truth.astype("float32"), truth)
    assert alike([1000.0109, 0.001], truth)
    assert not alike([1000.0112, 0.001], truth)
    assert alike([1000, 0.0019], truth)
    assert not alike([1000, 0.0021], truth)
    assert alike(0, 0)
    assert not alike(1e-9, 0)


@pytest.mark.parametrize(
    ("found", "right"), [(2.67, 1), (2.662, 1), (2.671, 1), (2.6, 0), (2.672, 0)]
)
def test_what_is_written_down_may_be_rounded(found, right):
    assert rounded(found, 8 / 3, to=0.01) == right
    assert rounded([found, -8 / 3], np.array([8, -8]) / 3, to=0.01) == right


def test_parts_are_as_many_as_are_asked_for():
    assert (
        parts((1, 2), ("w", "b"))
        == parts([1, 2], ("w", "b"))
        == parts(np.array([1, 2]), ("w", "b"))
    )
    for given, said in (
        ((1, 2, 3), "3 of them"),
        (1.5, "a float"),
        (None, "a NoneType"),
        ({1, 2}, "set"),
    ):
        with pytest.raises(Hint, match=f"two things, w, b; it gave .*{said}"):
            parts(given, ("w", "b"))


def test_what_a_function_calls_is_seen():
    def helper(x):
        return np.mean(sorted(x))

    before = sys.getprofile()
    given, names = called(lambda x: helper(x), [1, 3])
    assert given == 2
    assert {"helper", "sorted"} <= names
    assert "<lambda>" not in names
    with pytest.raises(ZeroDivisionError):
        called(lambda: 1 / 0)
    assert sys.getprofile() is before


def test_runs_that_are_handed_in():
    runs = handed_in.xor_runs(3)
    assert trained(tuple(runs), number=20, epochs=1000) == runs
    for wrong in (runs[:19], [*runs[:19], None], runs[0], None, handed_in.xor_runs(3, epochs=999)):
        with pytest.raises(Hint):
            trained(wrong, number=20, epochs=1000)


def test_accuracies_are_those_of_the_models():
    models = [handed_in.network((3, 4), None, "softmax") for _ in range(2)]
    models[1].set_weights([-array for array in models[0].get_weights()])
    x = np.random.default_rng(0).normal(size=(1000, 3)).astype("float32")
    y = handed_in.labels_read(models[0], x, 0.75)
    truths = np.array([handed_in.accuracy(model, x, y) for model in models])
    assert truths[0] == 0.75
    accuracies(truths, models, x, y)
    accuracies(truths + 4e-4, models, x, y)
    for found, said in ((truths + 6e-4, "isn't the acc"), (truths[::-1], "have changed places")):
        with pytest.raises(Hint, match=said):
            accuracies(found, models, x, y)
